package dev.dolmen.core.block;

import static dev.dolmen.core.Blocks.ALICE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Header, transaction and block as values. */
class BlockTest {
  private static final Transaction HELLO = Blocks.transaction(ALICE, "hello", 10);

  @Test
  void sizeCountsHeaderAndTransactionsButNotTheSeal() {
    Block block = Blocks.childOf(Blocks.genesis()).withTransactions(HELLO).build();
    Block sealed =
        Block.of(block.header(), new Seal(Bytes.wrap(new byte[10])), block.transactions());

    assertThat(block.size()).isEqualTo(100 + 109 + 5);
    assertThat(block.toBytes()).hasSize(block.size());
    assertThat(sealed.size()).isEqualTo(block.size());
    assertThat(sealed.toBytes()).isEqualTo(block.toBytes());
    assertThat(sealed).isNotEqualTo(block);
  }

  @Test
  void hashIsThatOfTheHeaderAlone() {
    Block block = Blocks.childOf(Blocks.genesis()).build();

    assertThat(block.hash().value()).isEqualTo(Sha256.hashTwice(block.header().toBytes()));
    assertThat(block.hash()).isEqualTo(block.header().hash());
  }

  @Test
  void headerWithAnotherNonceHasAnotherHashAndNothingElse() {
    BlockHeader header = Blocks.genesis().header();
    BlockHeader other = header.withNonce(7);

    assertThat(other.nonce()).isEqualTo(7);
    assertThat(other).isNotEqualTo(header);
    assertThat(other.hash()).isNotEqualTo(header.hash());
    assertThat(other.withNonce(header.nonce())).isEqualTo(header);
  }

  @Test
  void headerIsWrittenWhereItIsWanted() {
    BlockHeader header = Blocks.genesis().header();
    byte[] target = new byte[BlockHeader.BYTES + 2];
    header.writeTo(target, 1);

    assertThat(Bytes.wrap(target, 1, BlockHeader.BYTES)).isEqualTo(Bytes.wrap(header.toBytes()));
    assertThat(target[0]).isZero();
    assertThat(target[BlockHeader.BYTES + 1]).isZero();
  }

  @Test
  void headerRefusesNegativeNumbers() {
    BlockHeader h = Blocks.genesis().header();
    assertThatThrownBy(() -> header(h, -1, 0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> header(h, 0, -1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> header(h, 0, 0, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> header(h, 0, 0, 0, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(header(h, 0, 0, 0, 0).height()).isZero();
  }

  private static BlockHeader header(
      BlockHeader like, long height, long timestamp, int transactionCount, long nonce) {
    return new BlockHeader(
        1,
        height,
        timestamp,
        like.previousHash(),
        like.merkleRoot(),
        transactionCount,
        like.bits(),
        nonce);
  }

  @Test
  void transactionsThatDifferInTheSignatureShareTheIdButNotTheLeaf() {
    Transaction forged =
        Transaction.of(
            HELLO.author(),
            HELLO.expiryHeight(),
            HELLO.payload(),
            Blocks.transaction(ALICE, "other", 10).signature());

    assertThat(forged.id()).isEqualTo(HELLO.id());
    assertThat(forged.leafHash()).isNotEqualTo(HELLO.leafHash());
    assertThat(forged).isNotEqualTo(HELLO);
  }

  @Test
  void transactionMeansNothingOnAnotherNetwork() {
    assertThat(HELLO.signatureIsValid(Blocks.genesis().hash())).isTrue();
    assertThat(HELLO.signatureIsValid(Blocks.retargeting().genesisHash())).isFalse();
  }

  @Test
  void payloadIsBoundedOnBothSides() {
    assertThat(Blocks.transaction(ALICE, Bytes.EMPTY, 10).size()).isEqualTo(109);
    assertThat(Blocks.transaction(ALICE, Bytes.wrap(new byte[100_000]), 10).size())
        .isEqualTo(100_109);
    assertThatThrownBy(() -> Blocks.transaction(ALICE, Bytes.wrap(new byte[100_001]), 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a payload of 100001 bytes exceeds MAX_PAYLOAD_BYTES (100000)");
    assertThatThrownBy(() -> Blocks.transaction(ALICE, Bytes.EMPTY, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void transactionDoesNotChangeThroughItsBytes() {
    HELLO.toBytes()[50] ^= 1;

    assertThat(HELLO.signatureIsValid(Blocks.genesis().hash())).isTrue();
    assertThat(HELLO.payload()).isEqualTo(Bytes.wrap("hello".getBytes(UTF_8)));
  }

  @Test
  void sealIsBoundedOnBothSides() {
    assertThat(Seal.NONE.isNone()).isTrue();
    assertThat(new Seal(Bytes.wrap(new byte[Seal.MAX_BYTES])).isNone()).isFalse();
    assertThatThrownBy(() -> new Seal(Bytes.wrap(new byte[Seal.MAX_BYTES + 1])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void blockKeepsItsOwnListOfTransactions() {
    List<Transaction> transactions = new ArrayList<>(List.of(HELLO));
    Block block = Block.of(Blocks.genesis().header(), transactions);
    transactions.clear();

    assertThat(block.transactions()).containsExactly(HELLO);
    assertThatThrownBy(() -> block.transactions().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void namesReadAndPrintAsHex() {
    String hex = Hash256.ZERO.toHex();
    assertThat(BlockHash.fromHex(hex)).hasToString(hex);
    assertThat(BlockHash.parseHex("x")).isEmpty();
    assertThat(BlockHash.fromBytes(new byte[32]).toBytes()).containsOnly(0);
    assertThat(TransactionId.fromHex(hex)).hasToString(hex);
    assertThat(TransactionId.parseHex(hex)).contains(TransactionId.fromBytes(new byte[32]));
    assertThat(HELLO.id()).isGreaterThan(TransactionId.fromHex(hex));
    assertThat(Blocks.genesis().hash()).isGreaterThan(BlockHash.fromHex(hex));
  }
}
