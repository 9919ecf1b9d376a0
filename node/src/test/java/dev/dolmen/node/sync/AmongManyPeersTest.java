package dev.dolmen.node.sync;

import static dev.dolmen.node.ManyPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.store.MemoryBlockStore;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * A node that catches up, and real {@link BlockServer}s on the other ends of lines with a latency
 * and a speed, in virtual time.
 */
class AmongManyPeersTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final Instant T0 = Instant.parse("2026-06-01T00:00:00Z");
  private static final Duration LATENCY = Duration.ofMillis(50);

  /** Slow enough for a few thousand empty blocks to take a while. */
  private static final long BYTES_PER_SECOND = 20_000;

  private static final List<Block> CHAIN = Blocks.chain(6_000);

  private final Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));
  private final Conversation conversation = new Conversation(DEV, chain, new RequestIds());
  private final Map<PeerId, Line> lines = new LinkedHashMap<>();
  private final List<Disconnect> disconnects = new ArrayList<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::number));
  private long numbers;
  private Instant now = T0;

  private record Event(Instant at, long number, Runnable what) {}

  @Test
  void fourOfEightPeersThatStallCostLittleTime() {
    Duration clean = new AmongManyPeersTest().timeWith(0);
    Duration stalled = timeWith(4);

    assertThat(stalled).isLessThan(clean.multipliedBy(2));
    assertThat(disconnects).isEmpty();
  }

  /** Four honest peers, and some that never send a block. */
  private Duration timeWith(int stalling) {
    for (int i = 1; i <= stalling; i++) {
      join(i, CHAIN, envelope -> !envelope.hasGetBlocks());
    }
    for (int i = 11; i <= 14; i++) {
      join(i, CHAIN, envelope -> true);
    }
    runUntilTipIs(CHAIN.get(CHAIN.size() - 1), Duration.ofMinutes(2));
    return Duration.between(T0, now);
  }

  @Test
  void aHeavierBranchThatNobodyDeliversDoesNotHoldUpAnHonestOne() {
    List<Block> withheld = Blocks.chain(900);
    List<Block> honest = fork(800);
    join(1, withheld, envelope -> !envelope.hasGetBlocks());
    join(2, honest, envelope -> true);

    runUntilTipIs(honest.get(799), Duration.ofSeconds(60));
  }

  @Test
  void manyHeavierBranchesThatNobodyDeliversDoNotHoldUpAnHonestOneOnSlowLines() {
    for (int i = 1; i <= 8; i++) {
      join(i, Blocks.chain(900 + i), envelope -> !envelope.hasGetBlocks());
    }
    List<Block> honest = fork(800);
    join(9, honest, envelope -> true).bytesPerSecond = 8_000; // An answer takes over three seconds.

    runUntilTipIs(honest.get(799), Duration.ofSeconds(90));
  }

  @Test
  void aHeavierBranchThatOnlyTricklesGetsNoMoreThanItsTurns() {
    List<Block> trickled = Blocks.chain(900);
    List<Block> honest = fork(800);
    join(1, trickled, envelope -> true).bytesPerSecond = 500;
    join(2, honest, envelope -> true);

    runUntilTipIs(honest.get(799), Duration.ofSeconds(60));
  }

  @Test
  void aPeerThatSaysNothingAtAllLosesItsLinkAndNothingIsLost() {
    join(1, CHAIN, envelope -> false);
    join(2, CHAIN.subList(0, 500), envelope -> true);

    runUntilTipIs(CHAIN.get(499), Duration.ofSeconds(20));
    run(() -> !disconnects.isEmpty(), Duration.ofSeconds(40));
    assertEquals(peer(1), disconnects.get(0).peer());
    assertEquals(DisconnectReason.Code.TIMEOUT, disconnects.get(0).reason().code());
  }

  @Test
  void goesOnWithOthersWhenThePeerThatToldTheHeadersGoes() {
    join(1, CHAIN, envelope -> true);
    join(2, CHAIN, envelope -> true);
    run(() -> chain.tip().height() > 1_000, Duration.ofMinutes(1));

    lines.remove(peer(1));
    perform(conversation.onPeerGone(peer(1), moment()));

    runUntilTipIs(CHAIN.get(CHAIN.size() - 1), Duration.ofMinutes(2));
  }

  @Test
  void aPeerThatIsBehindIsOnlyAskedForWhatItHas() {
    join(1, CHAIN.subList(0, 300), envelope -> true);
    join(2, CHAIN, envelope -> true);

    runUntilTipIs(CHAIN.get(CHAIN.size() - 1), Duration.ofMinutes(3));
    assertThat(disconnects).isEmpty();
  }

  @Test
  void aSlowLineDoesNotBringBlocksInVainWhileABranchThatNobodyDeliversHasItsTurns() {
    List<Block> honest = fork(1_500);
    join(1, CHAIN, envelope -> !envelope.hasGetBlocks());
    join(2, honest, envelope -> true).bytesPerSecond = BYTES_PER_SECOND / 2;

    runUntilTipIs(honest.get(1_499), Duration.ofSeconds(60));
    assertThat(disconnects).noneMatch(disconnect -> disconnect.peer().equals(peer(2)));
  }

  @Test
  void aLongReorganisationIsOneStepAmongManyPeers() {
    fork(1_000).forEach(block -> chain.add(block, now));
    List<Block> theirs = CHAIN.subList(0, 1_001);
    join(1, theirs, envelope -> true);
    join(2, theirs, envelope -> true);

    run(() -> chain.tip().height() != 1_000, Duration.ofMinutes(1));
    assertEquals(theirs.get(1_000).hash(), chain.tip().hash());
  }

  @Test
  void longLightBranchesHoldUpAHeavierOneForLessThanHalfItsTimeAgain() {
    Duration clean = new AmongManyPeersTest().reorganiseAmong(0);
    Duration spammed = reorganiseAmong(4);

    assertThat(spammed).isLessThan(clean.multipliedBy(3).dividedBy(2));
    assertThat(disconnects).isEmpty();
  }

  /** One peer has a branch that is heavier only at its end, some have one that never is. */
  private Duration reorganiseAmong(int light) {
    fork(5_500).forEach(block -> chain.add(block, now));
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 8)
            .build();
    List<Block> lighter = new ArrayList<>(List.of(root));
    while (light > 0 && lighter.size() < 5_400) {
      lighter.add(Blocks.childOf(lighter.get(lighter.size() - 1)).build());
    }
    for (int i = 1; i <= light; i++) {
      join(i, lighter, envelope -> true).bytesPerSecond = 1_000_000;
    }
    join(9, CHAIN, envelope -> true).bytesPerSecond = 100_000;
    runUntilTipIs(CHAIN.get(CHAIN.size() - 1), Duration.ofMinutes(2));
    return Duration.between(T0, now);
  }

  @Test
  void whatArrivesWhileCatchingUpIsFetchedAtTheEnd() {
    Line line = join(1, CHAIN.subList(0, 2_500), envelope -> true);
    run(() -> chain.tip().height() > 1_000, Duration.ofMinutes(1));
    CHAIN.subList(2_500, 3_000).forEach(block -> line.chain.add(block, now));
    perform(conversation.onTipHeard(peer(1), CHAIN.get(2_999).hash(), moment()));

    runUntilTipIs(CHAIN.get(2_999), Duration.ofMinutes(1));
    assertEquals(Optional.empty(), conversation.catchingUp());
    run(() -> conversation.waitingFor().isEmpty(), Duration.ofSeconds(1));
  }

  private static List<Block> fork(int length) {
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7)
            .build();
    List<Block> blocks = new ArrayList<>(List.of(root));
    while (blocks.size() < length) {
      blocks.add(Blocks.childOf(blocks.get(blocks.size() - 1)).build());
    }
    return blocks;
  }

  /** The other end of one line. */
  private final class Line {
    private final PeerId peer;
    private final Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));
    private final BlockServer server;
    private final Predicate<Envelope> answers;
    private long bytesPerSecond = BYTES_PER_SECOND;

    Line(PeerId peer, List<Block> blocks, Predicate<Envelope> answers) {
      this.peer = peer;
      this.answers = answers;
      blocks.forEach(block -> assertTrue(chain.add(block, T0) != null));
      this.server = new BlockServer(chain, new Mempool(DEV, 0), DEV.largestBlock());
    }

    void ask(Envelope envelope) {
      if (answers.test(envelope)) {
        after(LATENCY, () -> send(server.onRequest(peer, envelope)));
      }
    }

    private void send(List<NodeAction> actions) {
      for (NodeAction action : actions) {
        Envelope answer = ((Send) action).envelope();
        Duration sending = Duration.ofMillis(answer.getSerializedSize() * 1_000L / bytesPerSecond);
        after(sending, () -> send(server.onDrained(peer)));
        after(sending.plus(LATENCY), () -> receive(peer, answer));
      }
    }
  }

  private Line join(int number, List<Block> blocks, Predicate<Envelope> answers) {
    Line line = new Line(peer(number), blocks, answers);
    lines.put(line.peer, line);
    perform(conversation.onPeerReady(line.peer, moment()));
    return line;
  }

  private void receive(PeerId peer, Envelope envelope) {
    if (!lines.containsKey(peer)) {
      return;
    }
    Response response = envelope.getResponse();
    long id = envelope.getRequestId();
    try {
      if (conversation.awaitsHeaders(peer, id)) {
        perform(conversation.onHeaders(peer, Wire.headers(response.getHeaders()), moment()));
      } else if (conversation.awaitsBlocks(peer, id)) {
        List<Block> blocks = Wire.blocks(response.getBlocks());
        perform(conversation.onBlocks(peer, id, blocks, response.getMore(), this::add, moment()));
      }
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private AddBlockResult add(PeerId from, Block block, Standing standing) {
    return chain.add(block, now, standing);
  }

  private void perform(List<NodeAction> actions) {
    for (NodeAction action : actions) {
      if (action instanceof Send send) {
        Optional.ofNullable(lines.get(send.peer())).ifPresent(line -> line.ask(send.envelope()));
      } else if (action instanceof Disconnect disconnect) {
        disconnects.add(disconnect);
        lines.remove(disconnect.peer());
        perform(conversation.onPeerGone(disconnect.peer(), moment()));
      }
    }
  }

  private void runUntilTipIs(Block tip, Duration limit) {
    run(() -> chain.tip().hash().equals(tip.hash()), limit);
  }

  private void run(BooleanSupplier isDone, Duration limit) {
    Instant end = now.plus(limit);
    while (!isDone.getAsBoolean()) {
      Optional<Instant> wake = conversation.nextWake();
      Event next = events.peek();
      if (wake.isPresent() && (next == null || !wake.get().isAfter(next.at()))) {
        now = wake.get().isAfter(now) ? wake.get() : now;
        perform(conversation.onTick(this::add, moment()));
      } else {
        assertTrue(next != null, "nothing happens any more at height " + chain.tip().height());
        now = next.at();
        events.remove();
        next.what().run();
      }
      assertTrue(!now.isAfter(end), "still at height " + chain.tip().height() + " after " + limit);
    }
  }

  private void after(Duration delay, Runnable what) {
    events.add(new Event(now.plus(delay), numbers++, what));
  }

  private Moment moment() {
    return Moment.at(now);
  }
}
