package dev.dolmen.core.consensus;

import static dev.dolmen.core.Blocks.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Hash256;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class VerifiedSignaturesTest {
  private static final BlockRules RULES = new BlockRules(NetworkParameters.dev());
  private static final Transaction HELLO = Blocks.transaction(ALICE, "hello", 10);

  /** The id of {@link #HELLO}, another signature. */
  private static final Transaction FORGED =
      Transaction.of(
          HELLO.author(),
          HELLO.expiryHeight(),
          HELLO.payload(),
          Blocks.transaction(ALICE, "other", 10).signature());

  private final VerifiedSignatures verified = new VerifiedSignatures();

  @Test
  void onlyAGoodSignatureIsRemembered() {
    assertThat(RULES.checkTransaction(FORGED, verified)).contains(Violation.BAD_SIGNATURE);
    assertThat(verified.size()).isZero();

    assertThat(RULES.checkTransaction(HELLO, verified)).isEmpty();
    assertThat(verified.contains(HELLO.leafHash())).isTrue();
    assertThat(verified.size()).isEqualTo(1);
  }

  @Test
  void anotherSignatureUnderARememberedIdIsVerified() {
    assertThat(RULES.checkTransaction(HELLO, verified)).isEmpty();
    assertThat(FORGED.id()).isEqualTo(HELLO.id());

    assertThat(RULES.checkTransaction(FORGED, verified)).contains(Violation.BAD_SIGNATURE);
    assertThat(RULES.check(childWith(FORGED), verified)).contains(Violation.BAD_SIGNATURE);
    assertThat(RULES.check(childWith(HELLO), verified)).isEmpty();
  }

  /** Whether a signature was verified shows where the memory holds what was never good. */
  @Test
  void aRememberedSignatureIsNotVerifiedAgain() {
    verified.add(FORGED.leafHash());

    assertThat(RULES.checkTransaction(FORGED, verified)).isEmpty();
    assertThat(RULES.check(childWith(FORGED), verified)).isEmpty();
    assertThat(RULES.checkTransaction(FORGED)).contains(Violation.BAD_SIGNATURE);
    assertThat(RULES.check(childWith(FORGED))).contains(Violation.BAD_SIGNATURE);
  }

  @Test
  void aBlocksGoodSignaturesAreRememberedUpToTheBadOne() {
    Transaction world = Blocks.transaction(ALICE, "world", 10);

    assertThat(RULES.check(childWith(world, FORGED), verified)).contains(Violation.BAD_SIGNATURE);

    assertThat(verified.contains(world.leafHash())).isTrue();
    assertThat(verified.contains(FORGED.leafHash())).isFalse();
  }

  @Test
  void whoMayNotWriteIsRefusedHoweverGoodTheSignature() {
    BlockRules closed =
        new BlockRules(
            NetworkParameters.dev().toBuilder().authors(List.of(Blocks.BOB.publicKey())).build());
    verified.add(HELLO.leafHash());

    assertThat(closed.checkTransaction(HELLO, verified)).contains(Violation.AUTHOR_NOT_ALLOWED);
  }

  @Test
  void remembersAtLeastTheYoungerHalfAndNeverMoreThanItsBound() {
    int bound = 1_000;
    VerifiedSignatures small = new VerifiedSignatures(SignatureVerifier.ONE_BY_ONE, bound);
    SplittableRandom random = new SplittableRandom(1);
    List<Hash256> leaves = LongStream.range(0, 5_000).mapToObj(i -> leaf(random)).toList();
    for (int i = 0; i < leaves.size(); i++) {
      small.add(leaves.get(i));
      small.add(leaves.get(i / 2 + i / 3)); // Some again, which takes no room.
      assertThat(small.contains(leaves.get(i))).isTrue();
      assertThat(small.size()).isLessThanOrEqualTo(bound);
    }
    assertThat(leaves.subList(0, 1_000)).noneMatch(small::contains);
    assertThat(small.size()).isGreaterThanOrEqualTo(bound / 2);
  }

  /** Leaves that all point to the same place, as somebody with much time could make them. */
  @Test
  void crowdedPlacesGiveRightAnswersToo() {
    Set<Hash256> known = new LinkedHashSet<>();
    for (long i = 1; i <= 2_000; i++) {
      Hash256 leaf = new Hash256(i, i % 3, 0, 1_023);
      assertThat(verified.contains(leaf)).isFalse();
      verified.add(leaf);
      known.add(leaf);
    }
    assertThat(known).allMatch(verified::contains);
    assertThat(verified.contains(new Hash256(2_001, 0, 0, 1_023))).isFalse();
    assertThat(verified.size()).isEqualTo(2_000);
  }

  private static Hash256 leaf(SplittableRandom random) {
    return new Hash256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  private static Block childWith(Transaction... transactions) {
    return Blocks.childOf(Blocks.genesis()).withTransactions(transactions).build();
  }
}
