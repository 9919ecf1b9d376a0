package dev.dolmen.it.simulation;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.netty.Conditions;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.GetHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Row 14: a node on a branch that lost learns of the honest one, whose headers show more work only
 * in the second answer, while peers that it met before tell long branches of light headers.
 */
final class LightHeaders {

  /** Bytes a second of each link: an answer with headers takes a second. */
  static final Conditions LINES = Conditions.latency(Duration.ofMillis(50)).withBandwidth(250_000);

  private static final NetworkParameters NETWORK =
      NetworkParameters.builder("light")
          .genesisTime(Simulation.EPOCH.minus(Duration.ofDays(30)).toEpochMilli())
          .interval(Duration.ofSeconds(1))
          .halfLife(Duration.ofSeconds(10))
          .firstBits(0x207fffff)
          .build();

  private static final int HONEST = 4;

  /** More than an answer of headers holds. */
  private static final int LOST_LENGTH = 2_040;

  private static final int LENGTH = 2_200;

  private static final Duration LONG = Duration.ofHours(1);

  private final List<BlockHeader> light;
  private final List<Block> lost;
  private final List<Block> honest;

  /**
   * Makes the branches.
   *
   * @param lightHeaders of each liar
   */
  LightHeaders(int lightHeaders) {
    // At two hashes a header; each ten blocks that are early make the next ones twice as hard.
    int doublings = Integer.SIZE - Integer.numberOfLeadingZeros(lightHeaders / LOST_LENGTH) + 1;
    light = light(lightHeaders);
    lost = heavy(10 * doublings, 1, LOST_LENGTH, 0);
    honest = heavy(10 * doublings, 2, LENGTH, 1_000);
  }

  static NetworkParameters network() {
    return NETWORK;
  }

  private static List<BlockHeader> light(int count) {
    List<BlockHeader> headers = new ArrayList<>(count);
    BlockHeader last = NETWORK.genesis().header();
    for (int i = 0; i < count; i++) {
      last = Blocks.on(NETWORK).after(last).build().header();
      headers.add(last);
    }
    return headers;
  }

  private static List<Block> heavy(int early, int step, int length, int payloadBytes) {
    List<Block> chain = new ArrayList<>(List.of(NETWORK.genesis()));
    for (int height = 1; height <= length; height++) {
      Block parent = chain.get(height - 1);
      Blocks.Builder next = Blocks.on(NETWORK).after(parent);
      if (height <= early) {
        next.withTime(parent.header().timestamp() + step);
      }
      if (payloadBytes > 0) {
        String payload = height + "x".repeat(payloadBytes);
        Transaction entry = Blocks.on(NETWORK).signed(Blocks.ALICE, payload, height + 100);
        next.withTransactions(entry);
      }
      chain.add(next.build());
    }
    return List.copyOf(chain);
  }

  /** Tells the same light headers as all others of its kind, as it is asked for them. */
  static final class Teller extends Impostor {
    private final List<BlockHeader> headers;
    private int told;

    Teller(List<BlockHeader> headers) {
      super(List.of(NETWORK.genesis()));
      this.headers = headers;
    }

    boolean hasToldAll() {
      return told == headers.size();
    }

    @Override
    List<BlockHeader> headersAfter(GetHeaders question) {
      if (told == 0
          || !question.getLocator(0).equals(Wire.bytes(headers.get(told - 1).hash().value()))) {
        told = 0;
      }
      List<BlockHeader> next =
          headers.subList(told, Math.min(headers.size(), told + question.getLimit()));
      told += next.size();
      return next;
    }
  }

  /** How long it takes among so many liars; these tell all they have in the end. */
  Duration sync(Simulation simulation, int liars) {
    simulation.wire().conditions(LINES);
    SimulatedNode node = simulation.nodeWith("node", lost.subList(1, lost.size()));
    List<Teller> tellers = new ArrayList<>();
    for (int i = 0; i < liars; i++) {
      Teller teller = new Teller(light);
      tellers.add(teller);
      node.connect(simulation.villain("liar" + i, teller).name());
    }
    for (int i = 0; i < HONEST; i++) {
      node.connect(simulation.nodeWith("n" + i, honest.subList(1, honest.size())));
    }
    Block tip = honest.get(honest.size() - 1);
    simulation.advanceUntil(
        "the node has the honest chain", () -> node.tip().hash().equals(tip.hash()), LONG);
    Duration time = simulation.elapsed();
    simulation.advanceUntil(
        "all is told", () -> tellers.stream().allMatch(Teller::hasToldAll), LONG);
    return time;
  }

  /** The scenario: with liars at most one and a half times as long as without. */
  void run(long seed, Simulation simulation, int liars) {
    Simulation peaceful = new Simulation(seed, NETWORK);
    Duration clean = sync(peaceful, 0);
    peaceful.finish();
    Duration time = sync(simulation, liars);
    if (time.compareTo(clean.multipliedBy(3).dividedBy(2)) > 0) {
      throw simulation.failure("it took " + time + " instead of " + clean);
    }
    simulation.note("world", "caught up after " + time + " instead of " + clean);
  }
}
