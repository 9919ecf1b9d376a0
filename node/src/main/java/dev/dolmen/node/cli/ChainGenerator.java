package dev.dolmen.node.cli;

import static com.google.common.base.Preconditions.checkArgument;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.mining.NonceSearch;
import dev.dolmen.core.signature.Signer;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.StoreChange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Makes a valid chain of a given shape, the same for the same seed: one block an interval from
 * genesis on, its entries all by one author whose key comes from the seed. Blocks go straight into
 * the store, many at a time; that they follow every rule is shown by a test that adds them to a
 * {@code Chain}.
 */
final class ChainGenerator {

  /** Blocks written at once, and how many bytes of them at most. */
  private static final int BLOCKS_PER_CHANGE = 1_000;

  private static final long BYTES_PER_CHANGE = 16L * 1024 * 1024;

  private final NetworkParameters network;
  private final HeaderRules rules;
  private final int transactions;
  private final int payloadBytes;
  private final long seed;
  private final SigningKey author;
  private final Signer signer;
  private final Deque<Long> recentTimes = new ArrayDeque<>();

  /**
   * A shape of chain.
   *
   * @param transactions in each block
   * @param payloadBytes of each transaction; enough to tell those of one block apart
   * @throws IllegalArgumentException if there is no such chain; the message says why
   */
  ChainGenerator(NetworkParameters network, int transactions, int payloadBytes, long seed) {
    checkArgument(transactions >= 0, "a block cannot have %s transactions", transactions);
    checkArgument(
        payloadBytes >= 0 && payloadBytes <= Transaction.MAX_PAYLOAD_BYTES,
        "a payload has 0 to %s bytes, not %s",
        Transaction.MAX_PAYLOAD_BYTES,
        payloadBytes);
    checkArgument(
        payloadBytes >= Integer.BYTES || transactions <= 1L << (Byte.SIZE * payloadBytes),
        "payloads of %s bytes cannot all differ in a block of %s transactions",
        payloadBytes,
        transactions);
    long blockBytes =
        BlockHeader.BYTES + (long) transactions * (Transaction.MIN_BYTES + payloadBytes);
    checkArgument(
        blockBytes <= network.largestBlock(),
        "blocks of %s bytes exceed the network's largest, %s",
        blockBytes,
        network.largestBlock());
    this.network = network;
    this.rules = new HeaderRules(network);
    this.transactions = transactions;
    this.payloadBytes = payloadBytes;
    this.seed = seed;
    this.author = authorOf(seed);
    this.signer = author.asSigner();
  }

  private static SigningKey authorOf(long seed) {
    byte[] secret = new byte[SigningKey.SEED_BYTES];
    new SplittableRandom(seed).nextBytes(secret);
    return SigningKey.fromSeed(secret);
  }

  /**
   * Puts blocks on top of genesis and syncs them.
   *
   * @param store that holds nothing but genesis
   * @param progress is told the height reached now and then
   * @return the new tip
   */
  ChainedHeader fill(BlockStore store, long blocks, LongConsumer progress) {
    checkArgument(store.tip().height() == 0, "the chain is not empty");
    ChainedHeader tip = store.tip();
    recentTimes.add(tip.header().timestamp());
    long blockBytes =
        BlockHeader.BYTES + (long) transactions * (Transaction.MIN_BYTES + payloadBytes);
    int perChange = (int) Math.max(1, Math.min(BLOCKS_PER_CHANGE, BYTES_PER_CHANGE / blockBytes));
    while (tip.height() < blocks) {
      int count = (int) Math.min(perChange, blocks - tip.height());
      long firstHeight = tip.height() + 1;
      List<List<Transaction>> bodies =
          IntStream.range(0, count).parallel().mapToObj(i -> body(firstHeight + i)).toList();
      StoreChange.Builder change = new StoreChange.Builder();
      for (List<Transaction> body : bodies) {
        Block block = next(tip.header(), body);
        Work totalWork = tip.totalWork().plus(rules.workOf(block.header()));
        tip = new ChainedHeader(block.header(), block.seal(), totalWork);
        change.store(block, totalWork).connect(block);
      }
      store.apply(change.build());
      progress.accept(tip.height());
    }
    store.sync();
    return tip;
  }

  private List<Transaction> body(long height) {
    List<Transaction> body = new ArrayList<>(transactions);
    SplittableRandom random = new SplittableRandom(seed ^ (height << Integer.SIZE));
    for (int i = 0; i < transactions; i++) {
      body.add(
          Transaction.sign(
              network.genesisHash(),
              author.publicKey(),
              network.defaultExpiryAfter(height - 1),
              payload(i, random),
              signer));
    }
    return body;
  }

  /** Random bytes that begin with the transaction's number in its block, so that none repeats. */
  private Bytes payload(int number, SplittableRandom random) {
    byte[] payload = new byte[payloadBytes];
    random.nextBytes(payload);
    for (int i = 0; i < Math.min(Integer.BYTES, payloadBytes); i++) {
      payload[i] = (byte) (number >>> (Byte.SIZE * i));
    }
    return Bytes.wrap(payload);
  }

  private Block next(BlockHeader parent, List<Transaction> body) {
    long time =
        network.genesisTime() + Math.multiplyExact(parent.height() + 1, network.intervalMillis());
    BlockHeader template =
        rules.template(
            parent,
            medianTimePast(),
            time,
            MerkleTree.root(body.stream().map(Transaction::leafHash).toList()),
            body.size());
    long nonce =
        new NonceSearch(template)
            .search(NonceSearch.Range.all(), () -> false)
            .orElseThrow(() -> new IllegalStateException("no nonce meets the target"));
    if (recentTimes.size() == HeaderRules.MEDIAN_ANCESTORS) {
      recentTimes.removeFirst();
    }
    recentTimes.addLast(template.timestamp());
    return Block.of(template.withNonce(nonce), body);
  }

  private long medianTimePast() {
    return HeaderRules.median(recentTimes.stream().mapToLong(Long::longValue).toArray());
  }
}
