package dev.dolmen.network.peers;

import static java.util.Comparator.comparingLong;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.dolmen.network.peers.Endpoint.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Whose place a newcomer takes when all are taken. Those stay that an attacker would find it hard
 * to outdo in all ways at once: some of groups that a secret key prefers, those that answer
 * fastest, those that last gave us entries and blocks that were new, and of the rest the half that
 * has been here longest. Of what is left, whoever came last of the group with most connections
 * goes.
 *
 * <p>After Bitcoin Core's {@code eviction.cpp}. Pure.
 */
public final class Eviction {

  /** Of groups that the key prefers. */
  static final int PROTECTED_BY_GROUP = 4;

  /** Of those that answer pings fastest. */
  static final int PROTECTED_BY_PING = 8;

  /** Of those that last gave a new entry. */
  static final int PROTECTED_BY_ENTRIES = 4;

  /** Of those that last gave a new block, and never an entry. */
  static final int PROTECTED_BY_BLOCKS_ALONE = 8;

  /** Of those that last gave a new block. */
  static final int PROTECTED_BY_BLOCKS = 4;

  /** Times are nanoseconds; of one that never did, this. */
  public static final long NEVER = Long.MIN_VALUE;

  /**
   * An inbound peer whose place may be taken.
   *
   * @param group where it comes from
   * @param since when it came
   * @param roundTrip the shortest from a ping to its pong; {@link Long#MAX_VALUE} if none yet
   * @param lastEntry when it last gave an entry that was new, or {@link #NEVER}
   * @param lastBlock when it last gave a block that was new, or {@link #NEVER}
   */
  public record Candidate(
      long link, Group group, long since, long roundTrip, long lastEntry, long lastBlock) {}

  private final HashFunction keyed;

  /**
   * @param random draws the key
   */
  public Eviction(RandomGenerator random) {
    this.keyed = Hashing.sipHash24(random.nextLong(), random.nextLong());
  }

  /** Who must go; empty if all are protected. */
  public OptionalLong choose(ImmutableList<Candidate> candidates) {
    List<Candidate> left = new ArrayList<>(candidates);
    protect(left, PROTECTED_BY_GROUP, comparingLong(c -> preference(c.group)), c -> true);
    protect(left, PROTECTED_BY_PING, comparingLong(Candidate::roundTrip), c -> true);
    protect(
        left,
        PROTECTED_BY_ENTRIES,
        comparingLong(Candidate::lastEntry).reversed(),
        c -> c.lastEntry != NEVER);
    protect(
        left,
        PROTECTED_BY_BLOCKS_ALONE,
        comparingLong(Candidate::lastBlock).reversed(),
        c -> c.lastBlock != NEVER && c.lastEntry == NEVER);
    protect(
        left,
        PROTECTED_BY_BLOCKS,
        comparingLong(Candidate::lastBlock).reversed(),
        c -> c.lastBlock != NEVER);
    protect(left, left.size() / 2, comparingLong(Candidate::since), c -> true);
    return youngestOfTheLargestGroup(left);
  }

  private static void protect(
      List<Candidate> left, int most, Comparator<Candidate> best, Predicate<Candidate> eligible) {
    List<Candidate> chosen =
        left.stream()
            .filter(eligible)
            .sorted(best.thenComparingLong(Candidate::link))
            .limit(most)
            .toList();
    left.removeAll(chosen);
  }

  private static OptionalLong youngestOfTheLargestGroup(List<Candidate> left) {
    Map<Group, List<Candidate>> groups = new LinkedHashMap<>();
    left.forEach(c -> groups.computeIfAbsent(c.group, unused -> new ArrayList<>()).add(c));
    Comparator<Candidate> byAge =
        comparingLong(Candidate::since).thenComparingLong(Candidate::link);
    return groups.values().stream()
        .max(
            Comparator.<List<Candidate>>comparingInt(List::size)
                .thenComparing(group -> group.stream().max(byAge).orElseThrow(), byAge))
        .map(group -> group.stream().max(byAge).orElseThrow())
        .map(youngest -> OptionalLong.of(youngest.link))
        .orElse(OptionalLong.empty());
  }

  private long preference(Group group) {
    return keyed
        .newHasher()
        .putLong(group.network().high())
        .putLong(group.network().low())
        .putInt(group.port())
        .hash()
        .asLong();
  }
}
