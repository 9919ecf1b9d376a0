package dev.dolmen.core.chain;

import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.store.ChainedHeader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers without proof of work: nobody asks about it here. */
class SideBlocksTest {

  private static final int MAX = 8;
  private static final int SIZE = 100;

  private final SideBlocks side = new SideBlocks(MAX, Long.MAX_VALUE);
  private long lastNonce;

  /** All that were ever made, by hash. */
  private final Map<BlockHash, ChainedHeader> made = new LinkedHashMap<>();

  @Test
  void anExemptBranchDoesNotCountUntilAnotherIsProved() {
    ChainedHeader root = child(null, 1);
    ChainedHeader first = child(root, 1);
    ChainedHeader second = child(first, 1);
    ChainedHeader other = child(root, 1);
    side.add(first, SIZE);
    assertThat(side.counted()).isEqualTo(1);

    side.addProved(second, SIZE);
    assertThat(side.counted()).isZero();

    side.addProved(other, SIZE);
    assertThat(side.counted()).isEqualTo(2);
    assertThat(side.roomFor(child(root, 1), SIZE)).contains(List.of());
  }

  @Test
  void namesBranchesByTheirEndsTheHeaviestFirst() {
    ChainedHeader root = child(null, 1);
    ChainedHeader trunk = child(root, 1);
    ChainedHeader light = child(trunk, 1);
    ChainedHeader heavy = child(trunk, 5);
    ChainedHeader other = child(root, 3);
    List.of(trunk, light, heavy, other).forEach(block -> side.add(block, SIZE));

    assertThat(side.heaviest(3))
        .containsExactly(
            new Fork(heavy.hash(), root.hash(), 2),
            new Fork(other.hash(), root.hash(), 1),
            new Fork(light.hash(), root.hash(), 2));
    assertThat(side.heaviest(1)).containsExactly(new Fork(heavy.hash(), root.hash(), 2));
  }

  @Test
  void namesTheExemptBranchTooUnlessAnotherGoesOnFromItsEnd() {
    ChainedHeader root = child(null, 1);
    ChainedHeader proved = child(root, 1);
    side.addProved(proved, SIZE);
    assertThat(side.heaviest(2)).containsExactly(new Fork(proved.hash(), root.hash(), 1));

    ChainedHeader next = child(proved, 1);
    side.add(next, SIZE);

    assertThat(side.heaviest(2)).containsExactly(new Fork(next.hash(), root.hash(), 2));
  }

  @Test
  void anExemptBranchMayForkWithinItself() {
    ChainedHeader root = child(null, 1);
    ChainedHeader first = child(root, 1);
    ChainedHeader second = child(first, 1);
    ChainedHeader fork = child(first, 2);
    side.addProved(first, SIZE);
    side.addProved(second, SIZE);

    side.addProved(fork, SIZE);

    assertThat(side.counted()).isEqualTo(1);
  }

  /** What it stood on left the best chain, and must not be forgotten below it. */
  @Test
  void whatAnExemptBranchStandsOnIsExemptToo() {
    ChainedHeader root = child(null, 1);
    ChainedHeader below = child(root, 1);
    ChainedHeader base = child(below, 1);
    ChainedHeader above = child(base, 1);
    side.addProved(child(base, 1), SIZE);

    // A reorganisation leaves these behind, newest first.
    side.add(above, SIZE);
    side.add(base, SIZE);
    side.add(below, SIZE);

    assertThat(side.counted()).isEqualTo(1);
    side.remove(below.hash());
    side.remove(base.hash());
    side.add(base, SIZE);
    assertThat(side.counted()).isEqualTo(1);
  }

  @Test
  void anExemptBranchCountsAgainWhenAsManyOthersHaveComeAsThereIsRoomFor() {
    ChainedHeader root = child(null, 1);
    side.addProved(child(root, 1), SIZE);
    for (int i = 0; i < MAX; i++) {
      side.add(child(root, 1), SIZE);
      assertThat(side.counted()).isEqualTo(i + 1);
    }

    side.add(child(root, 1), SIZE);

    assertThat(side.counted()).isEqualTo(MAX + 2);
    assertThat(side.roomFor(child(root, 2), SIZE).orElseThrow()).hasSize(3);
  }

  @Test
  void askingForRoomChangesNothing() {
    ChainedHeader root = child(null, 1);
    for (int i = 0; i < MAX; i++) {
      side.add(child(root, 1), SIZE);
    }
    ChainedHeader better = child(root, 2);
    ChainedHeader worse = child(root, 0);

    Optional<List<BlockHash>> room = side.roomFor(better, SIZE);
    assertThat(room.orElseThrow()).hasSize(1);
    assertThat(side.roomFor(worse, SIZE)).isEmpty();
    assertThat(side.roomFor(better, SIZE)).isEqualTo(room);
    assertThat(side.counted()).isEqualTo(MAX);
  }

  /** Against a list of blocks that is searched from end to end. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomStepsForgetWhatTheModelSays(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ChainedHeader root = child(null, 1);
    Set<ChainedHeader> stored = new LinkedHashSet<>();
    Set<ChainedHeader> exempt = new LinkedHashSet<>();
    @Nullable ChainedHeader provedEnd = null;
    int since = 0;
    int refused = 0;
    int forgotten = 0;
    for (int step = 0; step < 3_000; step++) {
      List<ChainedHeader> parents = new ArrayList<>(stored);
      parents.add(root);
      if (random.nextInt(6) == 0) {
        boolean grows = provedEnd != null && random.nextInt(10) > 0;
        ChainedHeader parent = grows ? provedEnd : parents.get(random.nextInt(parents.size()));
        ChainedHeader block = child(parent, random.nextInt(3));
        side.addProved(block, SIZE);
        stored.add(block);
        exempt.clear();
        for (ChainedHeader at = block; at != null && stored.contains(at); at = parentOf(at)) {
          exempt.add(at);
        }
        provedEnd = block;
        since = 0;
      } else if (random.nextInt(40) == 0 && provedEnd != null) {
        // It becomes the best chain, which stays so thin here that nothing leaves it.
        List<ChainedHeader> upwards = new ArrayList<>();
        for (ChainedHeader at = provedEnd; at != null && stored.contains(at); at = parentOf(at)) {
          upwards.add(0, at);
        }
        upwards.forEach(at -> side.remove(at.hash()));
        stored.removeAll(upwards);
        exempt.clear();
        provedEnd = null;
        root = upwards.get(upwards.size() - 1);
      } else {
        ChainedHeader block = child(parents.get(random.nextInt(parents.size())), random.nextInt(3));
        Optional<List<BlockHash>> expected = naiveRoom(stored, exempt, block);
        assertThat(side.roomFor(block, SIZE)).isEqualTo(expected);
        if (expected.isEmpty()) {
          refused++;
          continue;
        }
        forgotten += expected.get().size();
        expected.get().forEach(side::remove);
        stored.removeIf(at -> expected.get().contains(at.hash()));
        side.add(block, SIZE);
        stored.add(block);
        if (provedEnd != null && ++since > MAX) {
          exempt.clear();
          provedEnd = null;
        }
      }
      assertThat(side.counted()).isEqualTo(stored.size() - exempt.size());
    }
    assertThat(refused).isGreaterThan(50);
    assertThat(forgotten).isGreaterThan(200);
  }

  private static Optional<List<BlockHash>> naiveRoom(
      Set<ChainedHeader> stored, Set<ChainedHeader> exempt, ChainedHeader newcomer) {
    Set<ChainedHeader> all = new LinkedHashSet<>(stored);
    all.add(newcomer);
    List<BlockHash> gone = new ArrayList<>();
    while (all.size() - exempt.size() > MAX) {
      Set<BlockHash> parents = new HashSet<>();
      all.forEach(block -> parents.add(block.header().previousHash()));
      ChainedHeader first =
          all.stream()
              .filter(block -> !exempt.contains(block) && !parents.contains(block.hash()))
              .min(
                  comparing(ChainedHeader::totalWork)
                      .thenComparing(ChainedHeader::hash, reverseOrder()))
              .orElseThrow();
      if (first.equals(newcomer)) {
        return Optional.empty();
      }
      all.remove(first);
      gone.add(first.hash());
    }
    return Optional.of(gone);
  }

  private @Nullable ChainedHeader parentOf(ChainedHeader block) {
    return made.get(block.header().previousHash());
  }

  /** A child with more work by so much, and never the same twice. */
  private ChainedHeader child(@Nullable ChainedHeader parent, long work) {
    BlockHash previous = parent == null ? new BlockHash(Hash256.ZERO) : parent.hash();
    BigInteger before = parent == null ? BigInteger.ZERO : parent.totalWork().value();
    ChainedHeader child =
        new ChainedHeader(
            new BlockHeader(1, 1, 1, previous, Hash256.ZERO, 0, 0x207fffff, ++lastNonce),
            Seal.NONE,
            new Work(before.add(BigInteger.valueOf(work))));
    made.put(child.hash(), child);
    return child;
  }
}
