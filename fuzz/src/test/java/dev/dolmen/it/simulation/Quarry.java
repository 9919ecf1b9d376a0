package dev.dolmen.it.simulation;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where strangers have blocks and entries from, good ones and bad ones. What every sequence can use
 * is made once, since a signature costs more than most steps; what a sequence adds is its own.
 */
final class Quarry {

  /** Height of the chain of which nodes have a part from the beginning. */
  static final int HEIGHT = 24;

  /** Ways in which a block is wrong, or not good yet. */
  static final int FAULTS = 13;

  /** More than are asked for at once. */
  private static final int LONG = 300;

  private static final long EXPIRY = 200;
  private static final int LARGE_PAYLOAD = 20_000;
  private static final int OTHER_BITS = 0x207ffffe;

  private static final List<Block> CHAIN = chain();
  private static final List<Transaction> ENTRIES = entries();
  private static final List<Block> BLOCKS = blocks();

  private final List<Block> blocks = new ArrayList<>();
  private final Map<BlockHash, Block> byHash = new LinkedHashMap<>();
  private final Map<TransactionId, Transaction> byId = new LinkedHashMap<>();

  Quarry() {
    BLOCKS.forEach(this::add);
    ENTRIES.forEach(entry -> byId.putIfAbsent(entry.id(), entry));
  }

  /** One more, for this sequence. */
  void add(Block block) {
    if (byHash.putIfAbsent(block.hash(), block) == null) {
      blocks.add(block);
      block.transactions().forEach(entry -> byId.putIfAbsent(entry.id(), entry));
    }
  }

  /** The chain of which nodes have a part, from genesis up to a height. */
  static List<Block> chainTo(int height) {
    return CHAIN.subList(1, height + 1);
  }

  /** One of all blocks. */
  Block pick(int number) {
    return blocks.get(number % blocks.size());
  }

  /** The newest that were added, newest first; any block if none were. */
  Block recent(int number) {
    return blocks.get(blocks.size() - 1 - number % blocks.size());
  }

  /** One of the entries that every sequence can use. */
  static Transaction entry(int number) {
    return ENTRIES.get(number % ENTRIES.size());
  }

  Optional<Block> block(BlockHash hash) {
    return Optional.ofNullable(byHash.get(hash));
  }

  Optional<Transaction> entry(TransactionId id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** From genesis to this one, as far down as blocks are known. */
  List<Block> branchTo(Block end) {
    List<Block> branch = new ArrayList<>(List.of(end));
    for (Optional<Block> next = block(end.header().previousHash());
        next.isPresent();
        next = block(next.get().header().previousHash())) {
      branch.add(next.get());
    }
    Collections.reverse(branch);
    return branch;
  }

  private static List<Block> chain() {
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis()));
    for (int height = 1; height <= HEIGHT; height++) {
      Blocks.Builder next = Blocks.childOf(chain.get(height - 1));
      if (height % 6 == 0) {
        next.withTransactions(good("one at " + height), good("two at " + height));
      }
      chain.add(next.build());
    }
    return List.copyOf(chain);
  }

  private static Transaction good(String payload) {
    return Blocks.transaction(Blocks.ALICE, payload, EXPIRY);
  }

  private static List<Transaction> entries() {
    List<Transaction> entries = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      entries.add(Blocks.transaction(i % 2 == 0 ? "bob" : "carol", "entry " + i, 100 + i));
    }
    entries.add(Blocks.transaction(Blocks.BOB, Bytes.wrap(new byte[LARGE_PAYLOAD]), EXPIRY));
    entries.add(Blocks.transaction(Blocks.BOB, "expired", 3));
    entries.add(Blocks.transaction(Blocks.BOB, "expires soon", HEIGHT + 1));
    entries.add(Blocks.transaction(Blocks.BOB, "a little early", HEIGHT + 256 + 5));
    entries.add(Blocks.transaction(Blocks.BOB, "far too early", 100_000));
    entries.addAll(CHAIN.get(6).transactions());
    entries.add(forged(entries.get(0)));
    entries.add(forged(good("never signed")));
    return List.copyOf(entries);
  }

  /** The same under a signature that is not its author's. */
  private static Transaction forged(Transaction entry) {
    byte[] signature = entry.signature().toBytes();
    signature[0] ^= 1;
    return Transaction.of(
        entry.author(), entry.expiryHeight(), entry.payload(), Signature.fromBytes(signature));
  }

  private static List<Block> blocks() {
    List<Block> blocks = new ArrayList<>(CHAIN);
    Block tip = CHAIN.get(HEIGHT);
    blocks.addAll(branch(CHAIN.get(5), 1, List.of(), HEIGHT)); // heavier
    blocks.addAll(Blocks.branch(CHAIN.get(HEIGHT - 4), 4, "a tie ")); // as heavy
    blocks.addAll(branch(CHAIN.get(0), 2, List.of(), HEIGHT / 2)); // lighter
    blocks.addAll(branch(tip, 3, ENTRIES.subList(0, 12), 3));
    for (Block parent : List.of(tip, CHAIN.get(HEIGHT / 2))) {
      for (int fault = 0; fault < FAULTS; fault++) {
        Block faulty = faulty(parent.header(), fault);
        blocks.add(faulty);
        blocks.addAll(Blocks.chainOn(faulty, fault % 3 == 0 ? HEIGHT : 1));
      }
    }
    blocks.addAll(branch(CHAIN.get(2), 4, List.of(), LONG));
    return List.copyOf(blocks);
  }

  /** A first block that is told apart by its time, and empty ones on it. */
  private static List<Block> branch(
      Block parent, int number, List<Transaction> entries, int length) {
    Block first =
        Blocks.childOf(parent)
            .withTime(parent.header().timestamp() + number)
            .withTransactions(entries)
            .build();
    List<Block> branch = new ArrayList<>(List.of(first));
    branch.addAll(Blocks.chainOn(first, length - 1));
    return branch;
  }

  /** A child that breaks one rule, or is only too early. */
  static Block faulty(BlockHeader parent, int fault) {
    Blocks.Builder child = Blocks.childOf(parent);
    Transaction entry = ENTRIES.get(1);
    return switch (fault) {
      case 0 -> child.withMerkleRoot(Hash256.ZERO).build();
      case 1 -> child.withTransactions(entry).withTransactionCount(2).build();
      case 2 -> child.withTransactions(entry, entry).build();
      case 3 -> child.withTransactions(CHAIN.get(6).transactions()).build();
      case 4 -> child.withTransactions(ENTRIES.get(17)).build();
      case 5 -> child.withTransactions(forged(entry)).build();
      case 6 -> child.withHeight(parent.height() + 2).build();
      case 7 -> child.withBits(OTHER_BITS).build();
      case 8 -> child.buildWithoutWork();
      case 9 -> child.withTime(Blocks.genesis().header().timestamp()).build();
      case 10 -> child.withTime(afterEpoch(Duration.ofHours(1))).build();
      case 11 -> child.withTime(afterEpoch(Duration.ofSeconds(75))).build();
      case 12 -> child.withVersion(2).build();
      default -> throw new IllegalArgumentException("no fault " + fault);
    };
  }

  private static long afterEpoch(Duration time) {
    return Simulation.EPOCH.plus(time).toEpochMilli();
  }
}
