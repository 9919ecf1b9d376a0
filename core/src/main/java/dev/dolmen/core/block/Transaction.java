package dev.dolmen.core.block;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.CanonicalReader;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.Ed25519;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.core.signature.Signer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One entry: who wrote it, until which height it may be included, what it says, and the signature.
 * It is well formed by construction; whether the signature is good, and whether a block may hold
 * it, is asked of {@code BlockRules}. Equality is by the canonical bytes, signature included.
 *
 * <p>Rule: docs/protocol.md#transaction
 */
public final class Transaction {
  /** The only version there is yet. */
  public static final int VERSION = 1;

  /**
   * Large enough for a document's digest with context, small enough that ten fit into the usual
   * block.
   */
  public static final int MAX_PAYLOAD_BYTES = 100_000;

  /** What a transaction without payload takes. */
  public static final int MIN_BYTES = 1 + PublicKey.BYTES + 8 + 4 + Signature.BYTES;

  /** Prefix of what is signed. */
  public static final String SIGNING_DOMAIN = "dolmen/transaction/1";

  private static final int PAYLOAD_OFFSET = MIN_BYTES - Signature.BYTES;

  /** The canonical bytes, owned by this object; the payload is a view of them. */
  private final byte[] canonical;

  private final PublicKey author;
  private final long expiryHeight;

  /** Filled at first use. Threads may race to do so: they all compute the same immutable value. */
  private @Nullable TransactionId id;

  private @Nullable Hash256 leafHash;

  private Transaction(byte[] canonical, PublicKey author, long expiryHeight) {
    this.canonical = canonical;
    this.author = author;
    this.expiryHeight = expiryHeight;
  }

  /**
   * A transaction that somebody signed already.
   *
   * @param expiryHeight the last height of a block that may include it
   * @param payload opaque, at most {@value #MAX_PAYLOAD_BYTES} bytes
   * @throws IllegalArgumentException if the height is negative or the payload too large
   */
  public static Transaction of(
      PublicKey author, long expiryHeight, Bytes payload, Signature signature) {
    byte[] canonical = encode(author, expiryHeight, payload);
    signature.copyTo(canonical, canonical.length - Signature.BYTES);
    return new Transaction(canonical, author, expiryHeight);
  }

  /**
   * Makes a transaction for the network with this genesis and signs it.
   *
   * @param author the public key that {@code signer} signs for
   */
  public static Transaction sign(
      BlockHash genesis, PublicKey author, long expiryHeight, Bytes payload, Signer signer) {
    byte[] canonical = encode(author, expiryHeight, payload);
    TransactionId id = idOf(canonical);
    Signature signature = signer.sign(SIGNING_DOMAIN, signedMessage(genesis, id));
    signature.copyTo(canonical, canonical.length - Signature.BYTES);
    return new Transaction(canonical, author, expiryHeight);
  }

  private static byte[] encode(PublicKey author, long expiryHeight, Bytes payload) {
    checkArgument(
        payload.size() <= MAX_PAYLOAD_BYTES,
        "a payload of %s bytes exceeds MAX_PAYLOAD_BYTES (%s)",
        payload.size(),
        MAX_PAYLOAD_BYTES);
    return new CanonicalWriter(MIN_BYTES + payload.size())
        .u8(VERSION)
        .hash(author.value())
        .u64(expiryHeight)
        .u32(payload.size())
        .bytes(payload)
        .bytes(new byte[Signature.BYTES])
        .toByteArray();
  }

  /**
   * Reads the next transaction; an unknown version or a payload over the limit is refused before it
   * is read.
   */
  public static Transaction read(CanonicalReader reader) throws MalformedException {
    int version = reader.u8();
    if (version != VERSION) {
      throw reader.malformed("transaction version " + version + " is unknown; this node knows 1");
    }
    PublicKey author = new PublicKey(reader.hash());
    long expiryHeight = reader.u64();
    long payloadSize = reader.u32();
    if (payloadSize > MAX_PAYLOAD_BYTES) {
      throw reader.malformed(
          "a payload of "
              + payloadSize
              + " bytes exceeds MAX_PAYLOAD_BYTES ("
              + MAX_PAYLOAD_BYTES
              + ")");
    }
    if (payloadSize + Signature.BYTES > reader.remaining()) {
      throw reader.malformed(
          "a payload of "
              + payloadSize
              + " bytes and a signature need more than the "
              + reader.remaining()
              + " bytes that are left");
    }
    CanonicalWriter canonical = new CanonicalWriter(MIN_BYTES + (int) payloadSize);
    canonical.u8(version).hash(author.value()).u64(expiryHeight).u32(payloadSize);
    reader.copyTo(canonical, (int) payloadSize + Signature.BYTES);
    return new Transaction(canonical.toByteArray(), author, expiryHeight);
  }

  /** Reads exactly one transaction; bytes after it are refused. */
  public static Transaction fromBytes(byte[] bytes) throws MalformedException {
    CanonicalReader reader = new CanonicalReader(bytes);
    Transaction transaction = read(reader);
    reader.expectEnd();
    return transaction;
  }

  public int version() {
    return canonical[0];
  }

  public PublicKey author() {
    return author;
  }

  /** The last height of a block that may include this. */
  public long expiryHeight() {
    return expiryHeight;
  }

  public Bytes payload() {
    return Bytes.wrap(canonical, PAYLOAD_OFFSET, canonical.length - MIN_BYTES);
  }

  public Signature signature() {
    return Signature.fromBytes(canonical, canonical.length - Signature.BYTES);
  }

  /** How many bytes the canonical encoding has. */
  public int size() {
    return canonical.length;
  }

  public TransactionId id() {
    TransactionId known = id;
    if (known == null) {
      known = idOf(canonical);
      id = known;
    }
    return known;
  }

  private static TransactionId idOf(byte[] canonical) {
    return new TransactionId(Sha256.hash(canonical, 0, canonical.length - Signature.BYTES));
  }

  /**
   * The Merkle leaf over {@code id | signature}: it names these very bytes, which the id alone does
   * not.
   */
  public Hash256 leafHash() {
    Hash256 known = leafHash;
    if (known == null) {
      byte[] leafData = new byte[Hash256.BYTES + Signature.BYTES];
      id().value().copyTo(leafData, 0);
      System.arraycopy(
          canonical, canonical.length - Signature.BYTES, leafData, Hash256.BYTES, Signature.BYTES);
      known = MerkleTree.leafHash(leafData);
      leafHash = known;
    }
    return known;
  }

  /** The first eight bytes of {@link #leafHash}, big-endian: a short name for these very bytes. */
  public long leafPrefix() {
    return leafHash().w0();
  }

  /**
   * Whether the author signed this for the network with that genesis. Costs an Ed25519 verification
   * each time.
   */
  public boolean signatureIsValid(BlockHash genesis) {
    byte[] message =
        new CanonicalWriter(SIGNING_DOMAIN.length() + 2 * Hash256.BYTES)
            .bytes(SIGNING_DOMAIN.getBytes(US_ASCII))
            .bytes(signedMessage(genesis, id()))
            .toByteArray();
    return Ed25519.verify(author, message, signature());
  }

  private static byte[] signedMessage(BlockHash genesis, TransactionId id) {
    return new CanonicalWriter(2 * Hash256.BYTES)
        .hash(genesis.value())
        .hash(id.value())
        .toByteArray();
  }

  public void writeTo(CanonicalWriter writer) {
    writer.bytes(canonical);
  }

  public byte[] toBytes() {
    return canonical.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Transaction that && Arrays.equals(canonical, that.canonical);
  }

  @Override
  public int hashCode() {
    return id().hashCode();
  }

  @Override
  public String toString() {
    return "transaction " + id();
  }
}
