package dev.dolmen.it.simulation;

import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.fuzz.Samples;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some strangers and a whole node that has one honest peer: what the strangers do is a program, of
 * which every four bytes are one step. After each step and at the end everything must hold that
 * {@link Simulation} looks at, and what this class says of the end.
 *
 * <p>A step is {@code what, who and how long after, a, b}. Any bytes are a program, so that a few
 * changed ones are another program that is much like it.
 */
final class Sequence {

  /** Of the program: how the world begins. */
  static final int BEGINNING_BYTES = 4;

  static final int STEP_BYTES = 4;
  static final int STRANGERS = 4;

  /** Numbers of kinds of step; some of them are for later and do nothing. */
  static final int KINDS = 32;

  /** Enough to get anywhere, few enough to be quick. */
  private static final int MOST_STEPS = 200;

  /** In all steps together. */
  private static final Duration LONGEST = Duration.ofMinutes(40);

  /** From there on, numbers of blocks are those of the newest ones. */
  private static final int RECENT = 192;

  private static final Duration THERE_AND_BACK = Duration.ofMillis(25);
  private static final Duration SLOW_STEP = Duration.ofMillis(400);

  /** Until nothing that strangers began goes on. */
  private static final Duration ALL_IS_GIVEN_UP = Duration.ofSeconds(40);

  /** I2. */
  private static final Duration CONVERGENCE = Duration.ofSeconds(60);

  private static final int MOST_ADDRESSES = 40;

  private final byte[] program;
  private final Simulation simulation;
  private final Quarry quarry = new Quarry();
  private final SimulatedNode node;
  private final SimulatedNode honest;
  private final List<Stranger> strangers = new ArrayList<>();
  private @Nullable Instant metHonest;
  private int entries;

  Sequence(byte[] program) {
    this.program = Arrays.copyOf(program, Math.max(BEGINNING_BYTES, program.length));
    this.simulation = new Simulation(this.program[0] >> 1 & 3, NetworkParameters.dev());
    if ((this.program[0] & 1) != 0) {
      simulation.findsPeers();
    }
    this.node = simulation.nodeWith("20.0.0.1", Quarry.chainTo(height(this.program[1])));
    this.honest = simulation.nodeWith("21.0.0.1", Quarry.chainTo(height(this.program[2])));
    for (int i = 0; i < STRANGERS; i++) {
      strangers.add(new Stranger(simulation, i, quarry));
    }
  }

  private static int height(byte choice) {
    return switch (choice & 3) {
      case 0 -> Quarry.HEIGHT;
      case 1 -> Quarry.HEIGHT - 1;
      case 2 -> Quarry.HEIGHT / 2;
      default -> 0;
    };
  }

  /** Does all of it; says whether nobody was accused of breaking a rule. */
  boolean run() {
    honest.connect(node);
    simulation.advance(Duration.ofMillis(program[3] & 0xff));
    int steps = Math.min(MOST_STEPS, (program.length - BEGINNING_BYTES) / STEP_BYTES);
    for (int i = 0; i < steps; i++) {
      int from = BEGINNING_BYTES + i * STEP_BYTES;
      step(program[from] & (KINDS - 1), program[from + 1] & 0xff, from + 2);
      simulation.advance(pauseAfter(program[from + 1]));
      check();
    }
    end();
    return simulation.accusations() == 0;
  }

  /** The same for two runs of one program. */
  Hash256 traceHash() {
    return simulation.traceHash();
  }

  /** Pieces of bytes that were sent. */
  long messages() {
    return simulation.messages();
  }

  private static Duration pauseAfter(byte who) {
    return switch (who >> 2 & 3) {
      case 0, 1 -> THERE_AND_BACK;
      case 2 -> Duration.ZERO;
      default -> SLOW_STEP;
    };
  }

  private void step(int kind, int who, int at) {
    Stranger stranger = strangers.get(who % STRANGERS);
    int a = program[at] & 0xff;
    int b = program[at + 1] & 0xff;
    switch (kind) {
      case 0 -> pass(Duration.ofMillis(4L * a));
      case 1 -> {
        stranger.greets(greeting(a, block(b)));
        stranger.dial(node);
      }
      case 2 -> end(stranger, a);
      case 3 -> stranger.behaves(a, block(b));
      case 4 -> stranger.say(ping(a, block(b).hash()));
      case 5 -> stranger.say(pong(a, block(b).hash()));
      case 6 -> stranger.say(question(a, b));
      case 7 -> announce(stranger, block(b), a);
      case 8 -> stranger.say(Wire.newTransactions(ids(b, 1 + a % 40)));
      case 9 -> stranger.answer(a, block(b));
      case 10 -> stranger.answerWith(answer(a, b), a >= 128);
      case 11 -> stranger.repeat();
      case 12 -> stranger.garbleLast(a << 8 | b);
      case 13 -> {
        List<Envelope> all = Samples.envelopes();
        stranger.sayInFrame(Stranger.garble(all.get(a % all.size()).toByteArray(), b));
      }
      case 14 ->
          stranger.sayBytes(Arrays.copyOfRange(program, at, Math.min(program.length, at + b)));
      case 15 -> stranger.sayHalf(question(a, b));
      case 16 -> pass(Duration.ofSeconds(a % 64));
      case 17 -> pass(Duration.ofMinutes(a % 8));
      case 18 -> honest.submit("honest " + entries++);
      case 19 -> node.submit("own " + entries++);
      case 20 -> honest.makeBlock().ifPresent(quarry::add);
      case 21 -> node.makeBlock().ifPresent(quarry::add);
      case 22 -> node.connect(stranger.name());
      case 23 -> announce(stranger, childOf(tip(), a), b);
      case 24 -> announce(stranger, childOf(stranger.end(), a), b);
      case 25 -> stranger.say(Stranger.addresses(b, a % MOST_ADDRESSES, b));
      case 26 -> stranger.listens(a % 2 == 0);
      case 27 -> damage(a);
      case 28 -> stranger.say(Wire.headers(b, headersOf(block(a))));
      default -> {} // for later
    }
  }

  /** A block by its number: one of the quarry, or one of the newest. */
  private Block block(int number) {
    return number < RECENT
        ? quarry.pick(number)
        : number % 2 == 0 ? quarry.recent(number - RECENT) : tip();
  }

  /** The node's, whether or not its disk can still read it. */
  private Block tip() {
    BlockHash hash = node.tip().hash();
    return node.disk().blocks().stream()
        .filter(block -> block.hash().equals(hash))
        .findAny()
        .orElseGet(Blocks::genesis);
  }

  private void pass(Duration time) {
    if (simulation.elapsed().plus(time).compareTo(LONGEST) <= 0) {
      simulation.advance(time);
    }
  }

  private static void end(Stranger stranger, int how) {
    switch (how % 3) {
      case 0 -> stranger.hangUp();
      case 1 -> stranger.becomesAnother();
      default -> stranger.leave();
    }
  }

  private Envelope greeting(int how, Block tip) {
    Hello.Builder hello =
        Samples.hello().getHello().toBuilder()
            .setListeningPort(how % 2 == 0 ? SimulatedNode.PORT : 0)
            .setTipHeight(tip.height());
    return switch (how >> 4) {
      case 0 -> Envelope.getDefaultInstance(); // says nothing
      case 1 -> greets(hello.setProtocolVersion(2));
      case 2 -> greets(hello.setNetwork(Wire.bytes(Hash256.ZERO)));
      case 3 -> greets(hello.setTipHeight(-1).setTipWork(ByteString.copyFrom(new byte[33])));
      default -> greets(hello);
    };
  }

  private static Envelope greets(Hello.Builder hello) {
    return Envelope.newBuilder().setHello(hello).build();
  }

  private static Envelope ping(int id, BlockHash tip) {
    return Envelope.newBuilder()
        .setRequestId(id % 2 == 0 ? id : Limits.FIRST_KEEPALIVE_REQUEST_ID + id)
        .setPing(Ping.newBuilder().setTipHash(Wire.bytes(tip.value())))
        .build();
  }

  private static Envelope pong(int id, BlockHash tip) {
    return Envelope.newBuilder()
        .setRequestId(id % 2 == 0 ? id : Limits.FIRST_KEEPALIVE_REQUEST_ID + id)
        .setPong(Pong.newBuilder().setTipHash(Wire.bytes(tip.value())))
        .build();
  }

  private Envelope question(int a, int b) {
    Block about = block(b);
    int id = a >> 3;
    Locator locator = new Locator(List.of(about.hash(), Blocks.genesis().hash()));
    return switch (a & 7) {
      case 0 -> Wire.latestBlock(id);
      case 1 -> Wire.allBlocks(id, locator);
      case 2 -> Wire.getHeaders(id, locator, b);
      case 3 -> Wire.getBlocks(id, List.of(about.hash()));
      case 4 -> Wire.getBlocks(id, hashesOf(about));
      case 5 -> Wire.getTransactions(id, ids(b, 1 + a));
      case 6 -> Wire.getTransactions(id, about.hash(), List.of(0, 1, b));
      default ->
          Envelope.newBuilder().setRequestId(id).setGetPeers(GetPeers.getDefaultInstance()).build();
    };
  }

  private List<BlockHash> hashesOf(Block end) {
    List<BlockHash> hashes = Blocks.hashes(quarry.branchTo(end));
    return hashes.subList(
        Math.max(0, hashes.size() - Limits.MAX_BLOCKS_PER_REQUEST), hashes.size());
  }

  private List<dev.dolmen.core.block.BlockHeader> headersOf(Block end) {
    return quarry.branchTo(end).stream().skip(1).map(Block::header).toList();
  }

  private static List<TransactionId> ids(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> Quarry.entry(i).id())
        .distinct()
        .toList();
  }

  /** With all entries, none, every second, or with those of another block. */
  private void announce(Stranger stranger, Block block, int how) {
    int count = block.transactions().size();
    Envelope whole = Wire.newBlock(block, IntStream.range(0, count).boxed().toList());
    stranger.say(
        switch (how & 3) {
          case 0 -> whole;
          case 1 -> Wire.newBlock(block, List.of());
          case 2 ->
              Wire.newBlock(
                  block, IntStream.range(0, count).filter(i -> i % 2 == 0).boxed().toList());
          default ->
              Wire.newBlock(Samples.BLOCK, List.of(0, 1)).toBuilder()
                  .setNewBlock(
                      Wire.newBlock(Samples.BLOCK, List.of(0, 1)).getNewBlock().toBuilder()
                          .setHeader(whole.getNewBlock().getHeader()))
                  .build();
        });
  }

  /** A new block, of which every second is good. */
  private Block childOf(Block parent, int how) {
    quarry.add(parent);
    Block child =
        how % 2 == 0
            ? Blocks.childOf(parent)
                .withTime(parent.header().timestamp() + 1 + how)
                .withTransactions(List.of(Quarry.entry(how / 2)))
                .build()
            : Quarry.faulty(parent.header(), how / 2 % Quarry.FAULTS);
    quarry.add(child);
    return child;
  }

  private Envelope answer(int a, int b) {
    Block about = block(b);
    return switch (a & 7) {
      case 0 -> Wire.blocks(0, List.of(about), false);
      case 1 -> Wire.blocks(0, List.of(about), true);
      case 2 -> Wire.blocks(0, List.of(), a % 16 == 2);
      case 3 -> Wire.headers(0, headersOf(about));
      case 4 -> Wire.headers(0, List.of(about.header()));
      case 5 -> Wire.transactions(0, about.transactions(), a % 16 == 5);
      case 6 -> Wire.transactions(0, List.of(Quarry.entry(b)), false);
      default -> Stranger.addresses(0, a >> 3, b);
    };
  }

  /** One that the honest peer can give again. */
  private void damage(int number) {
    List<BlockHash> chain = honest.chain();
    BlockHash hash = chain.get(number % chain.size());
    if (number % chain.size() > 0 && node.disk().header(hash).isPresent()) {
      node.disk().damage(hash);
    }
  }

  // What must hold.

  private void check() {
    simulation.check();
    Optional<Instant> met =
        node.network().peers().stream()
            .filter(peer -> peer.id().equals(honest.id()))
            .map(PeerInfo::since)
            .findFirst();
    Instant before = metHonest;
    if (before == null) {
      metHonest = met.orElse(null);
    } else if (!met.equals(Optional.of(before))) {
      throw simulation.failure("I5: the honest peer's link has ended");
    }
  }

  private static boolean isIncluded(SimulatedNode where, TransactionId entry) {
    return where
        .transaction(entry)
        .filter(status -> status.state() == TransactionState.INCLUDED)
        .isPresent();
  }

  private void end() {
    strangers.forEach(Stranger::leave);
    simulation.advance(ALL_IS_GIVEN_UP);
    check();
    Set<PeerId> known = Held.peers(node.mind());
    known.remove(honest.id());
    if (!known.isEmpty()) {
      throw simulation.failure("I4: something is held for peers that are gone: " + known);
    }
    TransactionId last = honest.submit("the last entry");
    simulation.advanceUntil(
        "the last entry is in a block of both",
        () -> simulation.allOnOneTip() && isIncluded(node, last) && isIncluded(honest, last),
        CONVERGENCE);
    check();
    simulation.finish();
  }
}
