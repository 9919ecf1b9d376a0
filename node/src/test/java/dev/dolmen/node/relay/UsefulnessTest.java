package dev.dolmen.node.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.protocol.Block;
import dev.dolmen.protocol.Blocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Headers;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import dev.dolmen.protocol.Transaction;
import dev.dolmen.protocol.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsefulnessTest {

  private static final PeerId BOB = PeerId.of(new byte[32]);
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final Response NO_TRANSACTIONS =
      Response.newBuilder().setTransactions(Transactions.getDefaultInstance()).build();
  private static final Response NO_BLOCKS =
      Response.newBuilder().setBlocks(Blocks.getDefaultInstance()).build();
  private static final Response REFUSED =
      Response.newBuilder().setRefusal(Refusal.getDefaultInstance()).build();
  private static final Response ONE_TRANSACTION =
      Response.newBuilder()
          .setTransactions(
              Transactions.newBuilder().addTransactions(Transaction.getDefaultInstance()))
          .build();
  private static final Response ONE_BLOCK =
      Response.newBuilder()
          .setBlocks(Blocks.newBuilder().addBlocks(Block.getDefaultInstance()))
          .build();

  private final Usefulness usefulness = new Usefulness();
  private long lastId;

  @BeforeEach
  void bobComes() {
    usefulness.onPeerReady(BOB);
  }

  @Test
  void theFifthTimeOutInAMinuteEndsTheLink() {
    for (int i = 1; i <= 4; i++) {
      askForTransactions(at(10 * i - 10));
      assertThat(usefulness.onTick(at(10 * i))).as("time-out %s", i).isEmpty();
    }
    askForTransactions(at(40));
    assertThat(usefulness.onTick(at(50).minusMillis(1))).isEmpty();
    assertThat(usefulness.onTick(at(50)))
        .singleElement()
        .satisfies(action -> assertUseless(action, "5 questions without an answer in 60 s"));
  }

  @Test
  void fourInAMinuteAndAFifthLaterDoNot() {
    for (int i = 1; i <= 4; i++) {
      askForTransactions(at(10 * i - 10));
      usefulness.onTick(at(10 * i));
    }
    askForTransactions(at(60));
    assertThat(usefulness.onTick(at(70))).as("the first is a minute ago").isEmpty();
    askForTransactions(at(70));
    assertThat(usefulness.onTick(at(80))).as("so is the second").isEmpty();
  }

  @Test
  void whatOnePauseCausesAtOnceCountsAsOne() {
    for (int i = 0; i < 20; i++) {
      askForTransactions(at(0).plusMillis(400L * i));
    }
    for (int i = 0; i <= 20; i++) {
      assertThat(usefulness.onTick(at(10).plusMillis(400L * i))).isEmpty();
    }
    assertThat(usefulness.nextWake()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"transactions", "blocks", "refusals"})
  void theFifthAnswerWithNothingInItEndsTheLink(String kind) {
    for (int i = 1; i <= 5; i++) {
      Instant now = at(10 * i);
      long id = kind.equals("blocks") ? askForBlocks(now) : askForTransactions(now);
      List<NodeAction> actions = usefulness.onResponse(BOB, id, nothing(kind), false, now);
      if (i < 5) {
        assertThat(actions).as("answer %s", i).isEmpty();
      } else {
        assertThat(actions)
            .singleElement()
            .satisfies(action -> assertUseless(action, "5 answers with nothing in them in 60 s"));
      }
    }
  }

  private static Response nothing(String kind) {
    return switch (kind) {
      case "blocks" -> NO_BLOCKS;
      case "refusals" -> REFUSED;
      default -> NO_TRANSACTIONS;
    };
  }

  @Test
  void whoLacksWhatItNeverToldOfIsNotUseless() {
    for (int i = 1; i <= 20; i++) {
      long id = askForBlocks(at(10 * i));
      assertThat(usefulness.onResponse(BOB, id, NO_BLOCKS, true, at(10 * i))).isEmpty();
    }
  }

  @Test
  void oneUsefulAnswerMakesAllForgotten() {
    for (int i = 1; i <= 20; i++) {
      Instant now = at(10 * i);
      long id = askForTransactions(now);
      Response answer = i % 5 == 0 ? ONE_TRANSACTION : NO_TRANSACTIONS;
      assertThat(usefulness.onResponse(BOB, id, answer, false, now)).isEmpty();
    }
  }

  @Test
  void aLateAnswerIsUsefulToo() {
    for (int i = 1; i <= 20; i++) {
      Instant now = at(10 * i);
      long id = askForTransactions(now.minusSeconds(10));
      assertThat(usefulness.onTick(now)).isEmpty();
      if (i % 4 == 0) {
        usefulness.onResponse(BOB, id, ONE_TRANSACTION, false, now.plusSeconds(1));
      }
    }
  }

  @Test
  void somethingNewThatNobodyAskedForIsUseful() {
    for (int i = 1; i <= 20; i++) {
      askForTransactions(at(10 * i - 10));
      assertThat(usefulness.onTick(at(10 * i))).isEmpty();
      if (i % 4 == 0) {
        usefulness.wasUseful(BOB);
      }
    }
  }

  @Test
  void noHeadersAreAGoodAnswerAndSlowBlocksAreJudgedElsewhere() {
    for (int i = 1; i <= 20; i++) {
      Instant now = at(10 * i);
      usefulness.overhear(
          List.of(
              new Send(
                  BOB,
                  Envelope.newBuilder()
                      .setRequestId(++lastId)
                      .setGetHeaders(GetHeaders.getDefaultInstance())
                      .build())),
          now);
      assertThat(
              usefulness.onResponse(
                  BOB,
                  lastId,
                  Response.newBuilder().setHeaders(Headers.getDefaultInstance()).build(),
                  false,
                  now))
          .isEmpty();
      askForBlocks(now);
      assertThat(usefulness.onTick(now)).isEmpty();
    }
    assertThat(usefulness.nextWake()).isEmpty();
  }

  @Test
  void theLastPartOfAStreamMayBeEmpty() {
    for (int i = 1; i <= 20; i++) {
      Instant now = at(10 * i);
      long id = askForBlocks(now);
      usefulness.onResponse(BOB, id, ONE_BLOCK.toBuilder().setMore(true).build(), false, now);
      assertThat(usefulness.onResponse(BOB, id, NO_BLOCKS, false, now)).isEmpty();
    }
  }

  @Test
  void wakesWhenTheOldestQuestionIsDue() {
    assertThat(usefulness.nextWake()).isEmpty();
    askForTransactions(at(3));
    long second = askForTransactions(at(1));
    assertThat(usefulness.nextWake()).contains(at(11));
    usefulness.onResponse(BOB, second, ONE_TRANSACTION, false, at(2));
    assertThat(usefulness.nextWake()).contains(at(13));
    usefulness.onPeerGone(BOB);
    assertThat(usefulness.nextWake()).isEmpty();
  }

  @Test
  void nothingIsRememberedOfWhoIsGone() {
    for (int i = 1; i <= 4; i++) {
      askForTransactions(at(10 * i - 10));
      usefulness.onTick(at(10 * i));
    }
    usefulness.onPeerGone(BOB);
    usefulness.onPeerReady(BOB);
    askForTransactions(at(40));
    assertThat(usefulness.onTick(at(50))).isEmpty();
  }

  private static void assertUseless(NodeAction action, String sentence) {
    assertThat(action).isInstanceOf(Disconnect.class);
    Disconnect disconnect = (Disconnect) action;
    assertThat(disconnect.peer()).isEqualTo(BOB);
    assertThat(disconnect.reason().code()).isEqualTo(Code.USELESS);
    assertThat(disconnect.reason().sentence()).isEqualTo(sentence);
  }

  private long askForTransactions(Instant now) {
    return ask(
        Envelope.newBuilder()
            .setGetTransactions(GetTransactions.newBuilder().addIds(ByteString.EMPTY)),
        now);
  }

  private long askForBlocks(Instant now) {
    return ask(Envelope.newBuilder().setGetBlocks(GetBlocks.getDefaultInstance()), now);
  }

  private long ask(Envelope.Builder question, Instant now) {
    usefulness.overhear(List.of(new Send(BOB, question.setRequestId(++lastId).build())), now);
    return lastId;
  }

  private static Instant at(int seconds) {
    return T0.plus(Duration.ofSeconds(seconds));
  }
}
