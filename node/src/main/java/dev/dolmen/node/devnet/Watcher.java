package dev.dolmen.node.devnet;

import com.google.common.collect.ImmutableList;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.network.MessageTap;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.protocol.Envelope;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Writes down what one node of a devnet says and what happens to it. Its messages come on the
 * thread that controls its links, its events on the node's own.
 */
final class Watcher implements MessageTap, NodeEvent.Reader {

  private final DevnetNode node;
  private final Map<PeerId, String> names;
  private final Chronicle chronicle;
  private final Wording wording;
  private final Storyteller storyteller;

  /**
   * @param names of all nodes of the devnet
   */
  Watcher(DevnetNode node, Map<PeerId, String> names, Chronicle chronicle) {
    this.node = node;
    this.names = names;
    this.chronicle = chronicle;
    this.wording =
        new Wording(
            hash ->
                node.chain()
                    .header(hash)
                    .map(ChainedHeader::height)
                    .map(OptionalLong::of)
                    .orElse(OptionalLong.empty()));
    this.storyteller = new Storyteller(node.name(), node.chain());
  }

  @Override
  public void said(List<PeerId> to, boolean everyone, Envelope envelope) {
    chronicle.noteIfRoom(
        () ->
            message(
                node.name(),
                to.stream().map(this::name).collect(ImmutableList.toImmutableList()),
                everyone,
                envelope));
  }

  /** What another node of the devnet said is written down where it is said. */
  @Override
  public void heard(PeerId from, Envelope envelope) {
    if (!names.containsKey(from)) {
      chronicle.noteIfRoom(
          () -> message(name(from), ImmutableList.of(node.name()), false, envelope));
    }
  }

  private Happening message(
      String from, ImmutableList<String> to, boolean everyone, Envelope envelope) {
    return new Happening.Message(
        from,
        to,
        everyone,
        envelope.getBodyCase().name().toLowerCase(Locale.ROOT),
        wording.of(envelope));
  }

  @Override
  public void tipMoved(ChainUpdate update, int transactions) {
    storyteller.tipMoved(update).forEach(chronicle::note);
  }

  @Override
  public void transactionChanged(TransactionId id, TransactionState state) {
    chronicle.noteIfRoom(() -> new Happening.Entry(node.name(), id, state));
  }

  @Override
  public void peerChanged(PeerId id, String address, boolean connected) {
    chronicle.note(new Happening.Linked(node.name(), name(id), connected));
  }

  @Override
  public void warned(String sentence) {
    // Says what to do about a machine; the node's log and its own event stream have it.
  }

  private String name(PeerId id) {
    String name = names.get(id);
    return name == null ? id.toShortString() : name;
  }
}
