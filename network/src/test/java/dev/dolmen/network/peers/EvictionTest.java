package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import dev.dolmen.network.peers.Eviction.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EvictionTest {

  private static final long SLOW = 1_000;

  private final Eviction eviction = new Eviction(new SplittableRandom(1));

  @Test
  void nobodyHasToGoWhereAllAreProtected() {
    assertThat(eviction.choose(ImmutableList.of())).isEmpty();
    assertThat(eviction.choose(strangers(12))).isEmpty();
    assertThat(eviction.choose(strangers(13))).isPresent();
  }

  @Test
  void theFastestTheMostUsefulAndTheOldestStay() {
    List<Candidate> all = new ArrayList<>(strangers(40));
    Set<Long> useful = new LinkedHashSet<>();
    for (int i = 0; i < 8; i++) {
      useful.add(add(all, 100 + i, 1 + i, Eviction.NEVER, Eviction.NEVER));
    }
    for (int i = 0; i < 4; i++) {
      useful.add(add(all, 200 + i, SLOW, 50 + i, Eviction.NEVER));
    }
    for (int i = 0; i < 8; i++) {
      useful.add(add(all, 300 + i, SLOW, Eviction.NEVER, 50 + i));
    }
    for (int i = 0; i < 4; i++) {
      useful.add(add(all, 400 + i, SLOW, 1, 70 + i));
    }

    Set<Long> gone = evictAll(all);

    assertThat(gone).doesNotContainAnyElementsOf(useful);
    assertThat(gone).as("youngest first").doesNotContain(0L, 1L, 2L, 3L);
  }

  /** Links 0 and up are older, and all from other groups, so each time the youngest one goes. */
  private Set<Long> evictAll(List<Candidate> all) {
    Set<Long> gone = new LinkedHashSet<>();
    for (int i = 0; i < 12; i++) {
      OptionalLong next = eviction.choose(ImmutableList.copyOf(all));
      gone.add(next.orElseThrow());
      all.removeIf(candidate -> candidate.link() == next.getAsLong());
    }
    return gone;
  }

  @Test
  void theYoungestOfTheLargestGroupGoes() {
    List<Candidate> all = new ArrayList<>(strangers(30));
    for (int i = 0; i < 40; i++) {
      all.add(candidate(1_000 + i, "198.51.100." + i, SLOW, Eviction.NEVER, Eviction.NEVER));
    }
    for (int i = 0; i < 5; i++) {
      all.add(candidate(2_000 + i, "2." + i + ".0.1", SLOW, Eviction.NEVER, Eviction.NEVER));
    }
    assertThat(eviction.choose(ImmutableList.copyOf(all))).isEqualTo(OptionalLong.of(1_039));
  }

  @Test
  void whichGroupsStayIsASecretOfEachNode() {
    Set<OptionalLong> chosen = new LinkedHashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      chosen.add(new Eviction(new SplittableRandom(seed)).choose(strangers(14)));
    }
    assertThat(chosen).hasSizeGreaterThan(1);
  }

  /** Ten thousand attackers, all faster and younger, never push out more than their share. */
  @Test
  void aFloodFromOneNetworkPushesOutOnlyItself() {
    List<Candidate> pool = new ArrayList<>(strangers(60));
    long link = 10_000;
    for (int i = 0; i < 10_000; i++) {
      if (pool.size() >= 117) {
        OptionalLong evicted = eviction.choose(ImmutableList.copyOf(pool));
        pool.removeIf(candidate -> candidate.link() == evicted.orElseThrow());
      }
      pool.add(candidate(link++, "198.51." + i % 250 + ".1", 1, Eviction.NEVER, Eviction.NEVER));
    }
    assertThat(pool.stream().filter(candidate -> candidate.link() < 60)).hasSize(60);
  }

  /** Each from a network of its own; the higher the link, the younger. */
  private static ImmutableList<Candidate> strangers(int count) {
    ImmutableList.Builder<Candidate> all = ImmutableList.builder();
    for (int i = 0; i < count; i++) {
      all.add(candidate(i, "1." + i + ".0.1", SLOW, Eviction.NEVER, Eviction.NEVER));
    }
    return all.build();
  }

  private static long add(
      List<Candidate> all, long link, long roundTrip, long lastEntry, long lastBlock) {
    all.add(candidate(link, "3." + (link % 250) + ".0.1", roundTrip, lastEntry, lastBlock));
    return link;
  }

  private static Candidate candidate(
      long link, String ip, long roundTrip, long lastEntry, long lastBlock) {
    Endpoint.Group group = new Endpoint(IpAddressTest.ip(ip), 1).group();
    return new Candidate(link, group, link, roundTrip, lastEntry, lastBlock);
  }
}
