package dev.dolmen.node.api;

import dev.dolmen.node.Dolmen;
import dev.dolmen.node.devnet.DevnetNode;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A node behind the API; on a devnet, whichever runs under its name at the moment.
 *
 * @param running what runs, if anything does
 */
record ServedNode(String name, Supplier<Optional<Dolmen>> running) {

  static ServedNode of(Dolmen node) {
    Optional<Dolmen> always = Optional.of(node);
    return new ServedNode(node.name(), () -> always);
  }

  static ServedNode of(DevnetNode node) {
    return new ServedNode(node.name(), node::running);
  }
}
