package dev.dolmen.node.wire;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.primitives.ImmutableLongArray;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.protocol.AllBlocks;
import dev.dolmen.protocol.Blocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Headers;
import dev.dolmen.protocol.LatestBlock;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.NewBlock;
import dev.dolmen.protocol.NewTransactions;
import dev.dolmen.protocol.PlacedTransaction;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import dev.dolmen.protocol.Transactions;
import java.util.ArrayList;
import java.util.List;

/**
 * Protobuf ↔ core. What comes from a peer is checked for form here, sizes and counts before
 * anything is built: {@link MalformedException} says what is wrong. Whether it follows the chain's
 * rules is for the chain to say. Rule: {@code docs/protocol.md#messages}.
 */
public final class Wire {

  /**
   * What protobuf adds to the canonical bytes of a block, and of each of its transactions, at most.
   */
  public static final int MAX_OVERHEAD_BYTES = 24;

  /** Versions of header and transaction, and a count, are unsigned on the wire; ours are small. */
  private static final String OUT_OF_RANGE = "%s is out of range";

  private Wire() {}

  // From core to the wire.

  /** Asks for the peer's tip. */
  public static Envelope latestBlock(long requestId) {
    return request(requestId).setLatestBlock(LatestBlock.getDefaultInstance()).build();
  }

  /** Asks for everything on the peer's best chain after our locator. */
  public static Envelope allBlocks(long requestId, Locator locator) {
    AllBlocks.Builder all = AllBlocks.newBuilder();
    locator.hashes().forEach(hash -> all.addLocator(bytes(hash.value())));
    return request(requestId).setAllBlocks(all).build();
  }

  /**
   * Asks for the headers that follow our locator on the peer's best chain.
   *
   * @param limit how many at most
   */
  public static Envelope getHeaders(long requestId, Locator locator, int limit) {
    GetHeaders.Builder get = GetHeaders.newBuilder().setLimit(limit);
    locator.hashes().forEach(hash -> get.addLocator(bytes(hash.value())));
    return request(requestId).setGetHeaders(get).build();
  }

  /** Asks for named blocks. */
  public static Envelope getBlocks(long requestId, List<BlockHash> hashes) {
    GetBlocks.Builder get = GetBlocks.newBuilder();
    hashes.forEach(hash -> get.addHashes(bytes(hash.value())));
    return request(requestId).setGetBlocks(get).build();
  }

  /** Asks for pending transactions. */
  public static Envelope getTransactions(long requestId, List<TransactionId> ids) {
    GetTransactions.Builder get = GetTransactions.newBuilder();
    ids.forEach(id -> get.addIds(bytes(id.value())));
    return request(requestId).setGetTransactions(get).build();
  }

  /** Asks for transactions of a block by their places in it. */
  public static Envelope getTransactions(long requestId, BlockHash block, List<Integer> indexes) {
    return request(requestId)
        .setGetTransactions(
            GetTransactions.newBuilder().setBlockHash(bytes(block.value())).addAllIndexes(indexes))
        .build();
  }

  /** Answers with blocks. */
  public static Envelope blocks(long requestId, List<Block> blocks, boolean more) {
    Blocks.Builder answer = Blocks.newBuilder();
    blocks.forEach(block -> answer.addBlocks(message(block)));
    return response(requestId, Response.newBuilder().setBlocks(answer).setMore(more));
  }

  /** Answers with headers. */
  public static Envelope headers(long requestId, List<BlockHeader> headers) {
    Headers.Builder answer = Headers.newBuilder();
    headers.forEach(header -> answer.addHeaders(message(header)));
    return response(requestId, Response.newBuilder().setHeaders(answer));
  }

  /** Answers with transactions. */
  public static Envelope transactions(
      long requestId, List<Transaction> transactions, boolean more) {
    Transactions.Builder answer = Transactions.newBuilder();
    transactions.forEach(transaction -> answer.addTransactions(message(transaction)));
    return response(requestId, Response.newBuilder().setTransactions(answer).setMore(more));
  }

  /** Answers that we will not. */
  public static Envelope refusal(long requestId, Refusal.Reason reason, String sentence) {
    return response(
        requestId,
        Response.newBuilder()
            .setRefusal(Refusal.newBuilder().setReason(reason).setMessage(sentence)));
  }

  /**
   * Announces a block.
   *
   * @param placed indexes of the transactions that go with it, ascending
   */
  public static Envelope newBlock(Block block, List<Integer> placed) {
    NewBlock.Builder announcement = NewBlock.newBuilder().setHeader(message(block.header()));
    block.transactions().forEach(transaction -> announcement.addLeaves(transaction.leafPrefix()));
    for (int index : placed) {
      announcement.addPlaced(
          PlacedTransaction.newBuilder()
              .setIndex(index)
              .setTransaction(message(block.transactions().get(index))));
    }
    return Envelope.newBuilder().setNewBlock(announcement).build();
  }

  /** Announces pending transactions. */
  public static Envelope newTransactions(List<TransactionId> ids) {
    NewTransactions.Builder announcement = NewTransactions.newBuilder();
    ids.forEach(id -> announcement.addIds(bytes(id.value())));
    return Envelope.newBuilder().setNewTransactions(announcement).build();
  }

  private static Envelope.Builder request(long requestId) {
    return Envelope.newBuilder().setRequestId(requestId);
  }

  private static Envelope response(long requestId, Response.Builder response) {
    return Envelope.newBuilder().setRequestId(requestId).setResponse(response).build();
  }

  private static dev.dolmen.protocol.Block message(Block block) {
    dev.dolmen.protocol.Block.Builder message =
        dev.dolmen.protocol.Block.newBuilder().setHeader(message(block.header()));
    block.transactions().forEach(transaction -> message.addTransactions(message(transaction)));
    return message.build();
  }

  private static dev.dolmen.protocol.BlockHeader message(BlockHeader header) {
    return dev.dolmen.protocol.BlockHeader.newBuilder()
        .setVersion(header.version())
        .setHeight(header.height())
        .setTimestamp(header.timestamp())
        .setPreviousHash(bytes(header.previousHash().value()))
        .setMerkleRoot(bytes(header.merkleRoot()))
        .setTransactionCount(header.transactionCount())
        .setBits(header.bits())
        .setNonce(header.nonce())
        .build();
  }

  private static dev.dolmen.protocol.Transaction message(Transaction transaction) {
    return dev.dolmen.protocol.Transaction.newBuilder()
        .setVersion(Transaction.VERSION)
        .setAuthor(UnsafeByteOperations.unsafeWrap(transaction.author().toBytes()))
        .setExpiryHeight(transaction.expiryHeight())
        .setPayload(UnsafeByteOperations.unsafeWrap(transaction.payload().asReadOnlyByteBuffer()))
        .setSignature(UnsafeByteOperations.unsafeWrap(transaction.signature().toBytes()))
        .build();
  }

  /** A hash as a message carries it. */
  public static ByteString bytes(Hash256 hash) {
    return UnsafeByteOperations.unsafeWrap(hash.toBytes());
  }

  // From the wire to core.

  /**
   * The announced block, as far as it is told.
   *
   * @param largestBlock of the network, in canonical bytes
   */
  public static BlockAnnouncement announcement(NewBlock message, int largestBlock)
      throws MalformedException {
    BlockHeader header = header(message.getHeader());
    int count = message.getLeavesCount();
    if (header.transactionCount() != count) {
      throw broken(count + " leaves", Violation.TRANSACTION_COUNT_MISMATCH);
    }
    long size = BlockHeader.BYTES + (long) count * Transaction.MIN_BYTES;
    int before = -1;
    for (PlacedTransaction placed : message.getPlacedList()) {
      if (placed.getIndex() <= before || placed.getIndex() >= count) {
        throw new MalformedException("placed transactions out of order or range");
      }
      before = placed.getIndex();
      size += placed.getTransaction().getPayload().size();
    }
    if (size > largestBlock) {
      throw broken("at least " + size + " bytes", Violation.BLOCK_TOO_LARGE);
    }
    ImmutableSortedMap.Builder<Integer, Transaction> transactions =
        ImmutableSortedMap.naturalOrder();
    for (PlacedTransaction placed : message.getPlacedList()) {
      transactions.put(placed.getIndex(), transaction(placed.getTransaction()));
    }
    return new BlockAnnouncement(
        header, ImmutableLongArray.copyOf(message.getLeavesList()), transactions.build());
  }

  /** The blocks of an answer, in its order. */
  public static List<Block> blocks(Blocks answer) throws MalformedException {
    List<Block> blocks = new ArrayList<>(answer.getBlocksCount());
    for (dev.dolmen.protocol.Block message : answer.getBlocksList()) {
      blocks.add(block(message));
    }
    return blocks;
  }

  /** The headers of an answer, in its order. */
  public static List<BlockHeader> headers(Headers answer) throws MalformedException {
    checkCount("headers", answer.getHeadersCount(), Limits.MAX_HEADERS_PER_MESSAGE);
    List<BlockHeader> headers = new ArrayList<>(answer.getHeadersCount());
    for (dev.dolmen.protocol.BlockHeader message : answer.getHeadersList()) {
      headers.add(header(message));
    }
    return headers;
  }

  /** The transactions of an answer, in its order. */
  public static List<Transaction> transactions(Transactions answer) throws MalformedException {
    List<Transaction> transactions = new ArrayList<>(answer.getTransactionsCount());
    for (dev.dolmen.protocol.Transaction message : answer.getTransactionsList()) {
      transactions.add(transaction(message));
    }
    return transactions;
  }

  /** Announced ids. */
  public static List<TransactionId> ids(NewTransactions announcement) throws MalformedException {
    return ids(announcement.getIdsList());
  }

  /** Ids that are asked for. */
  public static List<TransactionId> ids(List<ByteString> values) throws MalformedException {
    checkCount("ids", values.size(), Limits.MAX_INVENTORY);
    List<TransactionId> ids = new ArrayList<>(values.size());
    for (ByteString value : values) {
      ids.add(new TransactionId(hash("transaction id", value)));
    }
    return ids;
  }

  /** Blocks that are asked for. */
  public static List<BlockHash> hashes(List<ByteString> values, int most)
      throws MalformedException {
    checkCount("hashes", values.size(), most);
    List<BlockHash> hashes = new ArrayList<>(values.size());
    for (ByteString value : values) {
      hashes.add(new BlockHash(hash("block hash", value)));
    }
    return hashes;
  }

  /** A peer's best chain in a few hashes. */
  public static Locator locator(List<ByteString> values) throws MalformedException {
    if (values.isEmpty()) {
      throw new MalformedException("a locator without hashes");
    }
    return new Locator(hashes(values, Locator.MAX_HASHES));
  }

  /** A tip as pings carry it. */
  public static BlockHash tipHash(ByteString value) throws MalformedException {
    return new BlockHash(hash("tip", value));
  }

  private static Block block(dev.dolmen.protocol.Block message) throws MalformedException {
    checkNothingUnknown("block", message);
    List<Transaction> transactions = new ArrayList<>(message.getTransactionsCount());
    for (dev.dolmen.protocol.Transaction transaction : message.getTransactionsList()) {
      transactions.add(transaction(transaction));
    }
    return Block.of(header(message.getHeader()), transactions);
  }

  /** A header. */
  public static BlockHeader header(dev.dolmen.protocol.BlockHeader message)
      throws MalformedException {
    checkNothingUnknown("header", message);
    return new BlockHeader(
        notNegative("version", message.getVersion()),
        notNegative("height", message.getHeight()),
        notNegative("timestamp", message.getTimestamp()),
        new BlockHash(hash("previous hash", message.getPreviousHash())),
        hash("Merkle root", message.getMerkleRoot()),
        notNegative("transaction count", message.getTransactionCount()),
        message.getBits(),
        notNegative("nonce", message.getNonce()));
  }

  private static Transaction transaction(dev.dolmen.protocol.Transaction message)
      throws MalformedException {
    checkNothingUnknown("transaction", message);
    if (message.getVersion() != Transaction.VERSION) {
      throw broken(
          "version " + Integer.toUnsignedString(message.getVersion()), Violation.TRANSACTION_FORM);
    }
    if (message.getPayload().size() > Transaction.MAX_PAYLOAD_BYTES) {
      throw broken(
          "payload of " + message.getPayload().size() + " bytes", Violation.PAYLOAD_TOO_LARGE);
    }
    if (message.getSignature().size() != Limits.SIGNATURE_BYTES) {
      throw broken(
          "signature of " + message.getSignature().size() + " bytes", Violation.TRANSACTION_FORM);
    }
    return Transaction.of(
        new PublicKey(hash("author", message.getAuthor())),
        notNegative("expiry height", message.getExpiryHeight()),
        Bytes.wrap(message.getPayload().toByteArray()),
        Signature.fromBytes(message.getSignature().toByteArray(), 0));
  }

  private static MalformedException broken(String what, Violation violation) {
    return new MalformedException(what + ": " + violation.sentence());
  }

  private static Hash256 hash(String what, ByteString value) throws MalformedException {
    if (value.size() != Hash256.BYTES) {
      throw new MalformedException(
          String.format("%s of %s bytes, not %s", what, value.size(), Hash256.BYTES));
    }
    return Hash256.fromBytes(value.toByteArray());
  }

  private static int notNegative(String what, int value) throws MalformedException {
    if (value < 0) {
      throw new MalformedException(String.format(OUT_OF_RANGE, what));
    }
    return value;
  }

  private static long notNegative(String what, long value) throws MalformedException {
    if (value < 0) {
      throw new MalformedException(String.format(OUT_OF_RANGE, what));
    }
    return value;
  }

  private static void checkCount(String what, int count, int most) throws MalformedException {
    if (count > most) {
      throw new MalformedException(String.format("%s %s, at most %s", count, what, most));
    }
  }

  /**
   * What is hashed has one form only; a field we do not know would be lost and sent on without it.
   */
  private static void checkNothingUnknown(String what, Message message) throws MalformedException {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      throw new MalformedException("a " + what + " with unknown fields");
    }
  }
}
