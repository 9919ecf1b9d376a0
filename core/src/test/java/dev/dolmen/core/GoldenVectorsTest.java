package dev.dolmen.core;

import static dev.dolmen.core.Vectors.bits;
import static dev.dolmen.core.Vectors.network;
import static dev.dolmen.core.Vectors.number;
import static dev.dolmen.core.Vectors.section;
import static dev.dolmen.core.Vectors.text;
import static dev.dolmen.core.Vectors.texts;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleProof;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.Difficulty;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.Ed25519;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.core.signature.SigningKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every section of {@code vectors.json}, which independent code made. */
class GoldenVectorsTest {
  @Test
  void networksHaveTheseBytesAndTheseGenesisBlocks() throws MalformedException {
    assertThat(section("networks")).hasSize(2);
    for (JsonObject vector : section("networks")) {
      NetworkParameters network =
          NetworkParameters.builder(text(vector, "name"))
              .genesisTime(number(vector, "genesisTime"))
              .interval(Duration.ofMillis(number(vector, "interval")))
              .halfLife(Duration.ofMillis(number(vector, "halfLife")))
              .firstBits(bits(vector, "firstBits"))
              .fixedTarget(vector.get("fixed").getAsBoolean())
              .largestBlock((int) number(vector, "largestBlock"))
              .authors(texts(vector, "authors").stream().map(PublicKey::fromHex).toList())
              .build();

      assertThat(hex(network.toBytes())).isEqualTo(text(vector, "parameters"));
      assertThat(NetworkParameters.fromBytes(network.toBytes())).isEqualTo(network);
      assertThat(hex(network.genesis().toBytes())).isEqualTo(text(vector, "genesisHeader"));
      assertThat(network.genesisHash().toHex()).isEqualTo(text(vector, "genesisHash"));
    }
  }

  @Test
  void devIsTheFirstNetworkOfTheVectors() throws MalformedException {
    assertThat(NetworkParameters.dev()).isEqualTo(network("dev"));
  }

  @Test
  void transactionsHaveTheseBytesIdsLeavesAndSignatures() throws MalformedException {
    assertThat(section("transactions")).hasSize(6);
    for (JsonObject vector : section("transactions")) {
      BlockHash genesis = network(text(vector, "network")).genesisHash();
      SigningKey key = SigningKey.fromSeed(Bytes.fromHex(text(vector, "privateKey")).toByteArray());
      assertThat(key.publicKey().toHex()).isEqualTo(text(vector, "author"));
      assertThat(signatureFromId(key, genesis, vector).toHex())
          .isEqualTo(text(vector, "signature"));
      assertThat(leafFromId(vector).toHex()).isEqualTo(text(vector, "leafHash"));
      if (vector.has("canonical")) {
        byte[] canonical = Bytes.fromHex(text(vector, "canonical")).toByteArray();
        Transaction read = Transaction.fromBytes(canonical);

        assertThat(read.author()).isEqualTo(key.publicKey());
        assertThat(read.expiryHeight()).isEqualTo(number(vector, "expiryHeight"));
        assertThat(read.payload().size()).isEqualTo((int) number(vector, "payloadSize"));
        assertThat(read.signature().toHex()).isEqualTo(text(vector, "signature"));
        assertThat(read.id().toHex()).isEqualTo(text(vector, "id"));
        assertThat(read.leafHash().toHex()).isEqualTo(text(vector, "leafHash"));
        assertThat(read.signatureIsValid(genesis)).isTrue();
        assertThat(read.toBytes()).isEqualTo(canonical);
        assertThat(Sha256.hash(canonical).toHex()).isEqualTo(text(vector, "canonicalSha256"));
        assertThat(
                Transaction.sign(
                    genesis, key.publicKey(), read.expiryHeight(), read.payload(), key.asSigner()))
            .isEqualTo(read);
      }
    }
  }

  /** The vectors leave out the largest payload, so its signature and leaf are made from its id. */
  private static Signature signatureFromId(SigningKey key, BlockHash genesis, JsonObject vector) {
    byte[] message =
        new CanonicalWriter()
            .bytes("dolmen/transaction/1".getBytes(US_ASCII))
            .hash(genesis.value())
            .hash(Hash256.fromHex(text(vector, "id")))
            .toByteArray();
    Signature signature = key.sign(message);
    assertThat(Ed25519.verify(key.publicKey(), message, signature)).isTrue();
    return signature;
  }

  private static Hash256 leafFromId(JsonObject vector) {
    return MerkleTree.leafHash(
        Bytes.fromHex(text(vector, "id") + text(vector, "signature")).toByteArray());
  }

  @Test
  void blocksFormThisChainWithThisWork() throws MalformedException {
    NetworkParameters network = network("dev");
    HeaderRules headerRules = new HeaderRules(network);
    BlockRules blockRules = new BlockRules(network);
    List<JsonObject> transactions = section("transactions");
    BlockHeader parent = network.genesis().header();
    Work work = headerRules.workOf(parent);
    List<Long> timestamps = new ArrayList<>(List.of(parent.timestamp()));

    assertThat(section("blocks")).hasSize(4);
    for (JsonObject vector : section("blocks")) {
      BlockHeader header =
          BlockHeader.fromBytes(Bytes.fromHex(text(vector, "header")).toByteArray());
      assertThat(header.height()).isEqualTo(number(vector, "height"));
      assertThat(header.timestamp()).isEqualTo(number(vector, "timestamp"));
      assertThat(header.nonce()).isEqualTo(number(vector, "nonce"));
      assertThat(header.hash().toHex()).isEqualTo(text(vector, "hash"));
      assertThat(headerRules.check(header, Seal.NONE, parent, median(timestamps))).isEmpty();
      work = work.plus(headerRules.workOf(header));
      assertThat(work).hasToString(text(vector, "chainWork"));

      List<Hash256> leaves = new ArrayList<>();
      List<Transaction> body = new ArrayList<>();
      long size = BlockHeader.BYTES;
      boolean complete = true;
      for (JsonElement index : vector.getAsJsonArray("transactions")) {
        JsonObject transaction = transactions.get(index.getAsInt());
        leaves.add(Hash256.fromHex(text(transaction, "leafHash")));
        size += Transaction.MIN_BYTES + number(transaction, "payloadSize");
        complete &= transaction.has("canonical");
        if (transaction.has("canonical")) {
          body.add(
              Transaction.fromBytes(Bytes.fromHex(text(transaction, "canonical")).toByteArray()));
        }
      }
      assertThat(header.transactionCount()).isEqualTo(leaves.size());
      assertThat(header.merkleRoot()).isEqualTo(MerkleTree.root(leaves));
      assertThat(size).isEqualTo(number(vector, "size"));
      if (complete) {
        Block block = Block.of(header, body);
        assertThat((long) block.size()).isEqualTo(size);
        assertThat(Block.fromBytes(block.toBytes())).isEqualTo(block);
        assertThat(blockRules.bodyMatchesHeader(block)).isEmpty();
        // The vectors bind bytes, not expiry: the block at height 2 holds an entry that expired at
        // 1.
        assertThat(blockRules.check(block))
            .isEqualTo(header.height() == 2 ? Optional.of(Violation.EXPIRED) : Optional.empty());
      }
      parent = header;
      timestamps.add(0, header.timestamp());
    }
  }

  private static long median(List<Long> newestFirst) {
    return HeaderRules.median(newestFirst.stream().limit(11).mapToLong(Long::longValue).toArray());
  }

  @Test
  void merkleTreesHaveTheseRootsAndProofs() {
    assertThat(section("merkle")).hasSize(12);
    for (JsonObject vector : section("merkle")) {
      List<Hash256> leaves = merkleLeaves(vector);
      Hash256 root = Hash256.fromHex(text(vector, "root"));

      assertThat((long) leaves.size()).isEqualTo(number(vector, "leaves"));
      assertThat(MerkleTree.root(leaves)).isEqualTo(root);
      if (vector.has("index")) {
        int index = (int) number(vector, "index");
        List<Hash256> path = texts(vector, "path").stream().map(Hash256::fromHex).toList();
        MerkleProof proof = new MerkleProof(index, leaves.size(), path);
        assertThat(MerkleTree.proof(leaves, index)).isEqualTo(proof);
        assertThat(proof.leadsTo(root, leaves.get(index))).isTrue();
      }
    }
  }

  private static List<Hash256> merkleLeaves(JsonObject vector) {
    List<Hash256> leaves = new ArrayList<>();
    if (vector.has("leafDataSeed")) {
      assertThat(text(vector, "leafDataSeed"))
          .isEqualTo("leaf i is SHA-256(i as 4 bytes big-endian) three times repeated");
      for (int i = 0; i < number(vector, "leaves"); i++) {
        Hash256 third = Sha256.hash(new CanonicalWriter().u32(i).toByteArray());
        leaves.add(
            MerkleTree.leafHash(
                new CanonicalWriter().hash(third).hash(third).hash(third).toByteArray()));
      }
    } else {
      for (String leafData : texts(vector, "leafData")) {
        leaves.add(MerkleTree.leafHash(Bytes.fromHex(leafData).toByteArray()));
      }
    }
    return leaves;
  }

  @Test
  void bitsMeanTheseTargetsAndThisWork() {
    assertThat(section("bits")).hasSize(8);
    for (JsonObject vector : section("bits")) {
      int bits = bits(vector, "bits");
      Target target = new Target(Hash256.fromHex(text(vector, "target")));
      boolean canonical = vector.get("canonical").getAsBoolean();

      assertThat(Target.fromCompact(bits))
          .isEqualTo(canonical ? Optional.of(target) : Optional.empty());
      assertThat(target.toCompact() == bits).isEqualTo(canonical);
      assertThat(target.work()).hasToString(text(vector, "work"));
    }
  }

  @Test
  void difficultyAsksForTheseBits() throws MalformedException {
    assertThat(section("difficulty")).hasSize(28);
    for (JsonObject vector : section("difficulty")) {
      assertThat(
              Difficulty.nextBits(
                  network(text(vector, "network")),
                  number(vector, "parentHeight"),
                  number(vector, "parentTimestamp")))
          .as(vector.toString())
          .isEqualTo(bits(vector, "childBits"));
    }
  }

  @Test
  void mediansAreTheUpperOfTheMiddle() {
    assertThat(section("medianTimePast")).hasSize(6);
    for (JsonObject vector : section("medianTimePast")) {
      long[] timestamps =
          texts(vector, "ancestorsNewestFirst").stream().mapToLong(Long::parseLong).toArray();
      assertThat(HeaderRules.median(timestamps)).isEqualTo(number(vector, "median"));
    }
  }

  private static String hex(byte[] bytes) {
    return Bytes.wrap(bytes).toHex();
  }
}
