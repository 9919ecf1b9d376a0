package dev.dolmen.it.simulation;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Row 41: a network of which a third lies, each liar in its own way. */
final class Byzantine {

  /** I2: from the next block after the worst. */
  private static final Duration CONVERGENCE = Duration.ofSeconds(60);

  /** By then the heavier branch has come, also at a block a second. */
  private static final Duration TRICKLED = Duration.ofMinutes(3);

  /** Blocks that honest nodes begin with. */
  private static final int LENGTH = 60;

  private static final int KINDS = 24;

  /** One liar in so many shows each of its peers another face. */
  private static final int MIXED = 4;

  /** Of a block that nobody may take for hours. */
  private static final Duration AHEAD = Duration.ofHours(3);

  private static final List<Block> CHAIN = chain(LENGTH);

  /** Its headers are told; its blocks are given by some, slowly, and by others not. */
  private static final List<Block> HEAVIER = fork(1, 2 * LENGTH);

  private static final List<Block> INVALID = invalid();

  private static final List<Block> FUTURE = future();

  /** Good entries that nobody needs. */
  private static final List<Transaction> JUNK =
      IntStream.range(0, 10)
          .mapToObj(i -> Blocks.transaction(Blocks.BOB, "junk " + i, 2 * LENGTH))
          .toList();

  private final Simulation simulation;
  private final int count;
  private final SplittableRandom random;

  Byzantine(Simulation simulation, int count) {
    this.simulation = simulation;
    this.count = count;
    this.random = simulation.random();
  }

  private static List<Block> chain(int length) {
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis()));
    for (int height = 1; height <= length; height++) {
      chain.add(
          Blocks.childOf(chain.get(height - 1))
              .withTransactions(
                  Blocks.transaction(Blocks.ALICE, "one at " + height, 200),
                  Blocks.transaction(Blocks.ALICE, "two at " + height, 200))
              .build());
    }
    return List.copyOf(chain);
  }

  private static List<Block> fork(int number, int length) {
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + number)
            .build();
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis(), root));
    chain.addAll(Blocks.chainOn(root, length - 1));
    return List.copyOf(chain);
  }

  private static List<Block> invalid() {
    List<Block> chain = new ArrayList<>(CHAIN.subList(0, LENGTH - 10));
    Transaction again = CHAIN.get(5).transactions().get(0);
    Block invalid = Blocks.childOf(chain.get(chain.size() - 1)).withTransactions(again).build();
    chain.add(invalid);
    chain.addAll(Blocks.chainOn(invalid, 2 * LENGTH));
    return List.copyOf(chain);
  }

  private static List<Block> future() {
    List<Block> chain = new ArrayList<>(CHAIN);
    chain.add(
        Blocks.childOf(CHAIN.get(LENGTH))
            .withTime(Simulation.EPOCH.plus(AHEAD).toEpochMilli())
            .build());
    return List.copyOf(chain);
  }

  void run() {
    int liars = count / 3;
    simulation.wire().latency(Duration.ofMillis(50));
    for (int i = 0; i < count - liars; i++) {
      int known = random.nextInt(3) == 0 ? random.nextInt(LENGTH) : LENGTH;
      simulation.nodeWith("n" + i, CHAIN.subList(1, known + 1));
    }
    List<SimulatedNode> honest = simulation.nodes();
    for (int i = 0; i < liars; i++) {
      Behaviour behaviour = random.nextInt(MIXED) == 0 ? mixed() : liar(random.nextInt(KINDS));
      Villain liar = simulation.villain("liar" + i, behaviour);
      if (behaviour instanceof SyncLiars.Boaster) {
        liar.claims(SyncLiars.Boaster.claim(liar.random()));
      }
      for (int link = 0; link < 3; link++) {
        SimulatedNode victim = honest.get(random.nextInt(honest.size()));
        if (random.nextBoolean()) {
          liar.connect(victim);
        } else {
          victim.connect(liar.name());
        }
      }
    }
    simulation.linkAtRandom(3);
    for (int i = 0; i < 15; i++) {
      simulation.advance(Duration.ofNanos(random.nextLong(Duration.ofSeconds(6).toNanos())));
      honest.get(random.nextInt(honest.size())).submit("entry " + i);
    }
    simulation.advance(TRICKLED); // Or the last entry might be given back by many at once, and tie.
    honest.get(random.nextInt(honest.size())).submit("the last entry");
    simulation.converge(CONVERGENCE);
    simulation.advanceUntil(
        "nothing waits", () -> honest.stream().allMatch(n -> n.pending() == 0), CONVERGENCE);
    simulation.converge(CONVERGENCE);
    if (honest.get(0).tip().height() <= LENGTH) {
      throw simulation.failure("the chain has not grown");
    }
  }

  private Behaviour mixed() {
    List<Behaviour> faces = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      faces.add(liar(random.nextInt(KINDS)));
    }
    return new Faces(faces);
  }

  private static Behaviour liar(int kind) {
    Transaction entry = Blocks.transaction(Blocks.BOB, "never given", 200);
    return switch (kind) {
      case 0 -> new SyncLiars.Staller(CHAIN);
      case 1 -> new SyncLiars.Withholder(HEAVIER);
      case 2 -> new SyncLiars.Trickler(CHAIN);
      case 3 -> new SyncLiars.Boaster(CHAIN);
      case 4 -> new SyncLiars.Forgetter(HEAVIER);
      case 5 -> new SyncLiars.Repeater(CHAIN);
      case 6 -> new SyncLiars.Promiser(CHAIN);
      case 7 -> new SyncLiars.Mute(CHAIN);
      case 8 -> new SyncLiars.HeaderForger(CHAIN, h -> h.withNonce(h.nonce() + 1));
      case 9 -> new SyncLiars.BodyForger(CHAIN, b -> Block.of(b.header(), List.of()));
      case 10 -> new SyncLiars.BlockCounter(INVALID);
      case 11 -> new SyncLiars.Announcer(CHAIN, HEAVIER.subList(50, 100));
      case 12 -> new RelayLiars.IdFlooder(CHAIN, 3);
      case 13 -> new RelayLiars.EntryWithholder(CHAIN, List.of(entry));
      case 14 -> new RelayLiars.Replayer(CHAIN, CHAIN.get(7).transactions());
      case 15 -> new RelayLiars.HalfAnnouncer(INVALID);
      case 16 -> new SyncLiars.Trickler(HEAVIER);
      case 17 -> new SyncLiars.Shower(HEAVIER);
      case 18 -> new RelayLiars.WholeAnnouncer(INVALID.subList(0, LENGTH - 9));
      case 19 -> new SyncLiars.FieldAdder(CHAIN);
      case 20 -> new SyncLiars.Presenter(CHAIN);
      case 21 -> new RelayLiars.MisfitAnnouncer(CHAIN, CHAIN.get(LENGTH - 1));
      case 22 -> new RelayLiars.WholeAnnouncer(FUTURE);
      case 23 -> new RelayLiars.Replayer(CHAIN, JUNK);
      default -> throw new IllegalArgumentException("no liar " + kind);
    };
  }
}
