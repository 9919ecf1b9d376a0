package dev.dolmen.core.consensus;

import static dev.dolmen.core.Blocks.ALICE;
import static dev.dolmen.core.Blocks.BOB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockRulesTest {
  private static final BlockRules RULES = new BlockRules(NetworkParameters.dev());
  private static final Transaction HELLO = Blocks.transaction(ALICE, "hello", 10);
  private static final Transaction WORLD = Blocks.transaction(BOB, "world", 10);

  @Test
  void acceptsABlockThatFollowsEveryRule() {
    Block block = child().withTransactions(HELLO, WORLD).build();

    assertThat(RULES.bodyMatchesHeader(block)).isEmpty();
    assertThat(RULES.check(block)).isEmpty();
    assertThat(RULES.check(child().build())).isEmpty();
  }

  @Test
  void bodyHasAsManyTransactionsAsTheHeaderCounts() {
    for (int count : new int[] {0, 1, 3}) {
      assertThat(
              RULES.bodyMatchesHeader(
                  child().withTransactions(HELLO, WORLD).withTransactionCount(count).build()))
          .contains(Violation.TRANSACTION_COUNT_MISMATCH);
    }
  }

  @Test
  void bodyHasTheHeadersMerkleRoot() {
    Block block = child().withTransactions(HELLO, WORLD).build();

    assertThat(RULES.bodyMatchesHeader(Block.of(block.header(), List.of(WORLD, HELLO))))
        .contains(Violation.MERKLE_ROOT_MISMATCH);
    assertThat(
            RULES.bodyMatchesHeader(
                Block.of(block.header(), List.of(HELLO, withForgedSignature(WORLD)))))
        .as("the root covers signatures")
        .contains(Violation.MERKLE_ROOT_MISMATCH);
    assertThat(RULES.bodyMatchesHeader(child().withMerkleRoot(Hash256.ZERO).build()))
        .contains(Violation.MERKLE_ROOT_MISMATCH);
    assertThat(RULES.bodyMatchesHeader(child().withMerkleRoot(MerkleTree.EMPTY_ROOT).build()))
        .isEmpty();
  }

  @Test
  void blockIsNoLargerThanTheNetworkAllows() {
    NetworkParameters small = NetworkParameters.dev().toBuilder().largestBlock(1_000).build();
    BlockRules rules = new BlockRules(small);
    int room = 1_000 - 100 - 109;

    assertThat(rules.check(withPayload(small, room))).isEmpty();
    assertThat(rules.check(withPayload(small, room + 1))).contains(Violation.BLOCK_TOO_LARGE);
  }

  private static Block withPayload(NetworkParameters network, int payload) {
    Blocks blocks = Blocks.on(network);
    Transaction transaction = blocks.signed(ALICE, Bytes.wrap(new byte[payload]), 10);
    return blocks.after(blocks.first()).withTransactions(transaction).build();
  }

  @ParameterizedTest
  @CsvSource({
    "0, EXPIRED",
    "4, EXPIRED",
    "5,",
    "6,",
    "261,",
    "262, EXPIRES_TOO_LATE",
    "9223372036854775807, EXPIRES_TOO_LATE"
  })
  void expiryIsBetweenTheHeightAnd256Above(long expiry, @Nullable Violation violation) {
    Transaction transaction = Blocks.transaction(ALICE, "x", expiry);
    Block block = child().withHeight(5).withTransactions(HELLO, transaction).build();

    assertThat(RULES.checkExpiry(transaction, 5).orElse(null)).isEqualTo(violation);
    assertThat(RULES.check(block).orElse(null)).isEqualTo(violation);
  }

  @Test
  void transactionIsInABlockOnce() {
    assertThat(RULES.check(child().withTransactions(HELLO, WORLD, HELLO).build()))
        .contains(Violation.DUPLICATE_TRANSACTION);
    assertThat(RULES.check(child().withTransactions(HELLO, withForgedSignature(HELLO)).build()))
        .as("another signature makes no other transaction")
        .contains(Violation.DUPLICATE_TRANSACTION);
    assertThat(
            RULES.check(
                child().withTransactions(HELLO, Blocks.transaction(ALICE, "hello", 11)).build()))
        .isEmpty();
  }

  @Test
  void signatureIsTheAuthorsForThisNetwork() {
    Transaction forged = withForgedSignature(HELLO);
    Transaction foreign = Blocks.on(Blocks.retargeting()).signed(ALICE, "hello", 10);
    Transaction another = Transaction.of(BOB.publicKey(), 10, HELLO.payload(), HELLO.signature());

    for (Transaction bad : List.of(forged, foreign, another)) {
      assertThat(RULES.checkTransaction(bad)).contains(Violation.BAD_SIGNATURE);
      assertThat(RULES.check(child().withTransactions(WORLD, bad).build()))
          .contains(Violation.BAD_SIGNATURE);
    }
    assertThat(RULES.checkTransaction(HELLO)).isEmpty();
  }

  @Test
  void authorIsOneOfThoseWhoMayWrite() {
    NetworkParameters closed =
        NetworkParameters.dev().toBuilder().authors(List.of(ALICE.publicKey())).build();
    BlockRules rules = new BlockRules(closed);
    Blocks blocks = Blocks.on(closed);
    Transaction allowed = blocks.signed(ALICE, "hello", 10);
    Transaction refused = blocks.signed(BOB, "hello", 10);

    assertThat(rules.checkTransaction(allowed)).isEmpty();
    assertThat(rules.check(blocks.after(blocks.first()).withTransactions(allowed).build()))
        .isEmpty();
    assertThat(rules.checkTransaction(refused)).contains(Violation.AUTHOR_NOT_ALLOWED);
    assertThat(rules.check(blocks.after(blocks.first()).withTransactions(allowed, refused).build()))
        .contains(Violation.AUTHOR_NOT_ALLOWED);
  }

  @Test
  void everyViolationSaysASentenceOfItsOwn() {
    assertThat(Arrays.stream(Violation.values()).map(Violation::sentence))
        .allMatch(sentence -> sentence.endsWith(".") && Character.isUpperCase(sentence.charAt(0)))
        .doesNotHaveDuplicates();
  }

  private static Transaction withForgedSignature(Transaction transaction) {
    return Transaction.of(
        transaction.author(),
        transaction.expiryHeight(),
        transaction.payload(),
        Blocks.transaction(BOB, "forged", 10).signature());
  }

  private static Blocks.Builder child() {
    return Blocks.childOf(Blocks.genesis());
  }
}
