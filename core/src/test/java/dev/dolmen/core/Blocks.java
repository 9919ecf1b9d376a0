package dev.dolmen.core;

import static com.google.common.base.Preconditions.checkState;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.Difficulty;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Blocks for tests, valid unless a test says otherwise: one interval after their parent, the right
 * target, and a nonce that meets it. The static methods are about the {@code dev} network; {@link
 * #on} is about any other, as long as its target is easy enough to be met at once.
 */
public final class Blocks {
  public static final SigningKey ALICE = key("alice");
  public static final SigningKey BOB = key("bob");

  private static final Blocks DEV = on(NetworkParameters.dev());

  /** Ten million hashes take some seconds: a network that needs more is no network for tests. */
  private static final long MAX_NONCES = 10_000_000;

  private final NetworkParameters network;

  private Blocks(NetworkParameters network) {
    this.network = network;
  }

  /** Blocks of another network. */
  public static Blocks on(NetworkParameters network) {
    return new Blocks(network);
  }

  /** A network with the usual difficulty rule, whose first target needs some 256 hashes. */
  public static NetworkParameters retargeting() {
    return NetworkParameters.dev().toBuilder().firstBits(0x2000ffff).fixedTarget(false).build();
  }

  /** The key that belongs to a name: the same in every run. */
  public static SigningKey key(String name) {
    return SigningKey.fromSeed(Sha256.hash(("test key of " + name).getBytes(UTF_8)).toBytes());
  }

  public static Block genesis() {
    return DEV.first();
  }

  /** So many empty blocks, the first of them the child of genesis. */
  public static List<Block> chain(int length) {
    return DEV.chainAfter(genesis(), length);
  }

  /** So many empty blocks on any other. */
  public static List<Block> chainOn(Block parent, int length) {
    return DEV.chainAfter(parent, length);
  }

  public static Builder childOf(Block parent) {
    return childOf(parent.header());
  }

  public static Builder childOf(BlockHeader parent) {
    return DEV.after(parent);
  }

  public static Transaction transaction(SigningKey author, String payload, long expiryHeight) {
    return DEV.signed(author, payload, expiryHeight);
  }

  public static Transaction transaction(SigningKey author, Bytes payload, long expiryHeight) {
    return DEV.signed(author, payload, expiryHeight);
  }

  /** By the key that belongs to the name. */
  public static Transaction transaction(String author, String payload, long expiryHeight) {
    return DEV.signed(key(author), payload, expiryHeight);
  }

  /** Blocks with one transaction of Alice's each, which tells branches of different names apart. */
  public static List<Block> branch(Block parent, int length, String name) {
    List<Block> blocks = new ArrayList<>();
    Block last = parent;
    for (int i = 0; i < length; i++) {
      last =
          childOf(last).withTransactions(transaction(ALICE, name + i, last.height() + 20)).build();
      blocks.add(last);
    }
    return blocks;
  }

  /** The hashes of some blocks, in their order. */
  public static List<BlockHash> hashes(List<Block> blocks) {
    return blocks.stream().map(Block::hash).toList();
  }

  /** This network's genesis. */
  public Block first() {
    return network.genesis();
  }

  /** So many empty blocks, the first of them the child of {@code parent}. */
  public List<Block> chainAfter(Block parent, int length) {
    List<Block> chain = new ArrayList<>(length);
    Block tip = parent;
    for (int i = 0; i < length; i++) {
      tip = after(tip).build();
      chain.add(tip);
    }
    return chain;
  }

  public Builder after(Block parent) {
    return after(parent.header());
  }

  public Builder after(BlockHeader parent) {
    return new Builder(network, parent);
  }

  public Transaction signed(SigningKey author, String payload, long expiryHeight) {
    return signed(author, Bytes.wrap(payload.getBytes(UTF_8)), expiryHeight);
  }

  public Transaction signed(SigningKey author, Bytes payload, long expiryHeight) {
    return Transaction.sign(
        network.genesisHash(), author.publicKey(), expiryHeight, payload, author.asSigner());
  }

  /** One block; what a test does not set is as the rules want it. */
  public static final class Builder {
    private final NetworkParameters network;
    private final BlockHeader parent;
    private int version = HeaderRules.VERSION;
    private long height;
    private long timestamp;
    private int bits;
    private List<Transaction> transactions = List.of();
    private Seal seal = Seal.NONE;
    private Optional<Hash256> merkleRoot = Optional.empty();
    private Optional<Integer> transactionCount = Optional.empty();

    private Builder(NetworkParameters network, BlockHeader parent) {
      this.network = network;
      this.parent = parent;
      this.height = parent.height() + 1;
      this.timestamp = parent.timestamp() + network.intervalMillis();
      this.bits = Difficulty.nextBits(network, parent.height(), parent.timestamp());
    }

    @CanIgnoreReturnValue
    public Builder withVersion(int newVersion) {
      version = newVersion;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder withHeight(long newHeight) {
      height = newHeight;
      return this;
    }

    /** Milliseconds since 1970. */
    @CanIgnoreReturnValue
    public Builder withTime(long millis) {
      timestamp = millis;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder withBits(int newBits) {
      bits = newBits;
      return this;
    }

    @CanIgnoreReturnValue
    public Builder withTransactions(Transaction... newTransactions) {
      return withTransactions(List.of(newTransactions));
    }

    @CanIgnoreReturnValue
    public Builder withTransactions(List<Transaction> newTransactions) {
      transactions = List.copyOf(newTransactions);
      return this;
    }

    @CanIgnoreReturnValue
    public Builder withSeal(Seal newSeal) {
      seal = newSeal;
      return this;
    }

    /** Another root than that of the transactions. */
    @CanIgnoreReturnValue
    public Builder withMerkleRoot(Hash256 root) {
      merkleRoot = Optional.of(root);
      return this;
    }

    /** Another count than that of the transactions. */
    @CanIgnoreReturnValue
    public Builder withTransactionCount(int count) {
      transactionCount = Optional.of(count);
      return this;
    }

    /** The block with the smallest nonce that meets its bits. */
    public Block build() {
      return Block.of(sealed(unsealed(), true), seal, transactions);
    }

    /** The block with the smallest nonce that does not meet its bits. */
    public Block buildWithoutWork() {
      return Block.of(sealed(unsealed(), false), seal, transactions);
    }

    private BlockHeader unsealed() {
      List<Hash256> leafHashes = transactions.stream().map(Transaction::leafHash).toList();
      return new BlockHeader(
          version,
          height,
          timestamp,
          parent.hash(),
          merkleRoot.orElseGet(() -> MerkleTree.root(leafHashes)),
          transactionCount.orElse(transactions.size()),
          bits,
          0);
    }

    private BlockHeader sealed(BlockHeader template, boolean wanted) {
      Target target = Target.fromCompact(bits).orElse(network.firstTarget());
      BlockHeader header = template;
      for (long nonce = 0; target.isMetBy(header.hash()) != wanted; nonce++) {
        checkState(nonce < MAX_NONCES, "bits %s are too hard for a test", bits);
        header = template.withNonce(nonce);
      }
      return header;
    }
  }
}
