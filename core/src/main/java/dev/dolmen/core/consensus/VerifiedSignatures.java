package dev.dolmen.core.consensus;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Hash256;
import java.util.List;

/**
 * Remembers which transactions of one network had a good signature, so that the same signature is
 * not verified when it arrives by itself and again in each block that holds it. It knows leaves
 * ({@code Transaction.leafHash()}), never ids: the same id with another signature is another leaf.
 * Only good ones are noted; forgetting costs one verification.
 *
 * <p>Two generations of half the bound each: when the younger is full, the older is forgotten. One
 * thread owns it. Signatures that another thread verified are handed in with {@link #add}; several
 * that are not known yet are given to a {@link SignatureVerifier} together.
 */
public final class VerifiedSignatures {

  /**
   * Leaves remembered, 64 bytes each at most: 4 MiB. Enough for what two blocks of a mebibyte can
   * hold and as much again of what waits.
   */
  public static final int MAX_LEAVES = 65_536;

  private final SignatureVerifier verifier;
  private final int perGeneration;
  private Generation younger = new Generation();
  private Generation older = new Generation();

  /** Nothing is remembered yet; memory grows with what is. What is not is verified one by one. */
  public VerifiedSignatures() {
    this(SignatureVerifier.ONE_BY_ONE);
  }

  /**
   * Nothing is remembered yet.
   *
   * @param verifier asked for what is not remembered
   */
  public VerifiedSignatures(SignatureVerifier verifier) {
    this(verifier, MAX_LEAVES);
  }

  VerifiedSignatures(SignatureVerifier verifier, int maxLeaves) {
    this.verifier = verifier;
    this.perGeneration = maxLeaves / 2;
  }

  /** Whether the signature of the transaction with this leaf is known to be good. */
  public boolean contains(Hash256 leaf) {
    return younger.contains(leaf) || older.contains(leaf);
  }

  /** Notes that the signature of the transaction with this leaf was found good. */
  public void add(Hash256 leaf) {
    if (contains(leaf)) {
      return;
    }
    if (younger.size == perGeneration) {
      older = younger;
      younger = new Generation();
    }
    younger.add(leaf);
  }

  /** Whether all of these have good signatures; those before the first bad one are noted. */
  boolean areGood(List<Transaction> transactions, BlockHash genesis) {
    List<Transaction> unknown =
        transactions.stream().filter(each -> !contains(each.leafHash())).toList();
    int good = verifier.countGood(unknown, genesis);
    unknown.stream().limit(good).map(Transaction::leafHash).forEach(this::add);
    return good == unknown.size();
  }

  /** How many leaves are remembered. */
  int size() {
    return younger.size + older.size;
  }

  /**
   * A set of hashes in one array of words, four for each place, at most half full. A leaf is at the
   * first free place from where its last word points. Whoever makes leaves that point to one place
   * pays a signature for each try, and slows a look down to a pass over this array, which takes no
   * longer than the verification that is saved.
   */
  private static final class Generation {
    private static final int WORDS = 4;
    private static final int FIRST_PLACES = 64;

    private long[] words = new long[FIRST_PLACES * WORDS];
    private int size;

    boolean contains(Hash256 leaf) {
      return isAt(placeOf(leaf), leaf);
    }

    /** A leaf that is not in the set. */
    void add(Hash256 leaf) {
      if (2 * (size + 1) * WORDS > words.length) {
        long[] before = words;
        words = new long[2 * before.length];
        for (int at = 0; at < before.length; at += WORDS) {
          Hash256 known = new Hash256(before[at], before[at + 1], before[at + 2], before[at + 3]);
          if (!known.equals(Hash256.ZERO)) {
            put(known);
          }
        }
      }
      put(leaf);
      size++;
    }

    private void put(Hash256 leaf) {
      int at = placeOf(leaf);
      words[at] = leaf.w0();
      words[at + 1] = leaf.w1();
      words[at + 2] = leaf.w2();
      words[at + 3] = leaf.w3();
    }

    /** Where the leaf is, or where it belongs. A hash of zeros, which nobody can make, is free. */
    private int placeOf(Hash256 leaf) {
      int at = ((int) leaf.w3() * WORDS) & (words.length - 1);
      while (!isAt(at, leaf) && !isAt(at, Hash256.ZERO)) {
        at = (at + WORDS) & (words.length - 1);
      }
      return at;
    }

    private boolean isAt(int at, Hash256 leaf) {
      return words[at + 3] == leaf.w3()
          && words[at + 2] == leaf.w2()
          && words[at + 1] == leaf.w1()
          && words[at] == leaf.w0();
    }
  }
}
