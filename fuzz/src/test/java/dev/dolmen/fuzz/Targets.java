package dev.dolmen.fuzz;

import dev.dolmen.it.simulation.SequenceTarget;
import dev.dolmen.network.netty.FrameTarget;
import dev.dolmen.node.cli.ChainFileTarget;
import dev.dolmen.node.store.StoreTarget;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Every decoder, and a whole node. */
enum Targets {
  FRAME(FrameTarget::new, 3_000),
  ENVELOPE(EnvelopeTarget::new, 10_000),
  BLOCK(BlockTarget::new, 20_000),
  TRANSACTION(TransactionTarget::new, 20_000),
  PARAMETERS(ParametersTarget::new, 20_000),
  STORE(StoreTarget::new, 20_000),
  ADDRESS_BOOK(AddressBookTarget::new, 2_000),
  PEER_RECORDS(PeerRecordsTarget::new, 500),
  HTTP(HttpTarget::new, 500),
  CONFIG(ConfigTarget::new, 500),
  NETWORK_FILE(NetworkFileTarget::new, 500),
  PROOF(ProofTarget::new, 5_000),
  CHAIN_FILE(ChainFileTarget::new, 5_000),
  SEQUENCE(SequenceTarget::new, 200);

  /** Makes a target; it may keep something open until the process ends. */
  private interface Maker {
    FuzzTarget make() throws Exception;
  }

  @SuppressWarnings("ImmutableEnumChecker") // a constructor
  private final Maker maker;

  private final int inputs;

  Targets(Maker maker, int inputs) {
    this.maker = maker;
    this.inputs = inputs;
  }

  /** As commands and directories name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How many inputs each build can afford. */
  int inputs() {
    return inputs;
  }

  FuzzTarget make() throws Exception {
    return maker.make();
  }

  static Targets of(String label) {
    return Stream.of(values())
        .filter(target -> target.label().equals(label))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no target '" + label + "'; there are " + labels()));
  }

  static List<String> labels() {
    return Stream.of(values()).map(Targets::label).toList();
  }
}
