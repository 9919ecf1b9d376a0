package dev.dolmen.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.SignatureVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SignatureWorkersTest {

  /**
   * The pool has ended a moment before its last thread is gone. Far less than the rest after which
   * a thread would end by itself.
   */
  private static final Duration LAST_STEPS = Duration.ofSeconds(1);

  private static final BlockHash GENESIS = NetworkParameters.dev().genesisHash();

  private static final List<Transaction> GOOD =
      IntStream.range(0, 40)
          .mapToObj(i -> Blocks.transaction(Blocks.ALICE, "entry " + i, 10))
          .toList();

  private static Transaction forged(Transaction one, Transaction other) {
    return Transaction.of(one.author(), one.expiryHeight(), one.payload(), other.signature());
  }

  @Test
  void howeverManyThreadsTheAnswerIsThatOfOne() {
    SplittableRandom random = new SplittableRandom(7);
    for (int helpers = 0; helpers <= 4; helpers++) {
      try (SignatureWorkers workers = new SignatureWorkers("test", helpers)) {
        for (int round = 0; round < 30; round++) {
          List<Transaction> some = new ArrayList<>(GOOD.subList(0, random.nextInt(GOOD.size())));
          for (int bad = random.nextInt(3); bad > 0 && !some.isEmpty(); bad--) {
            int at = random.nextInt(some.size());
            some.set(at, forged(GOOD.get(at), GOOD.get(at + 1)));
          }
          assertThat(workers.countGood(some, GENESIS))
              .as("%s helpers, round %s", helpers, round)
              .isEqualTo(SignatureVerifier.ONE_BY_ONE.countGood(some, GENESIS));
        }
      }
    }
  }

  @Test
  void aSignatureForAnotherNetworkIsBad() {
    BlockHash other = new BlockHash(GOOD.get(0).id().value());
    try (SignatureWorkers workers = new SignatureWorkers("test", 2)) {
      assertThat(workers.countGood(GOOD, other)).isZero();
    }
  }

  @Test
  void noThreadIsLeftOnceItIsClosed() {
    SignatureWorkers workers = new SignatureWorkers("leaving", 3);
    assertThat(workers.countGood(GOOD, GENESIS)).isEqualTo(GOOD.size());
    workers.close();
    await()
        .atMost(LAST_STEPS)
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("dolmen-signatures-leaving")));
  }
}
