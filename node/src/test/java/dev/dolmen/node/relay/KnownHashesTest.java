package dev.dolmen.node.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dolmen.core.encoding.Hash256;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KnownHashesTest {

  private static final int MOST = 1_000;

  private final KnownHashes known = new KnownHashes(MOST);
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void tellsWhatIsNew() {
    Hash256 hash = new Hash256(1, 2, 3, 4);

    assertFalse(known.contains(hash));
    assertTrue(known.add(hash));
    assertTrue(known.contains(hash));
    assertFalse(known.add(hash));
    assertFalse(known.contains(new Hash256(1, 2, 3, 5)));
  }

  @Test
  void knowsNothingAtFirstNotEvenZero() {
    assertFalse(known.contains(Hash256.ZERO));
    assertTrue(known.add(Hash256.ZERO));
    assertTrue(known.contains(Hash256.ZERO));
  }

  @Test
  void remembersTheNewestButForAFewInAThousand() {
    List<Hash256> hashes = Stream.generate(this::next).limit(100L * MOST).toList();
    hashes.forEach(known::add);

    long remembered =
        hashes.subList(hashes.size() - MOST, hashes.size()).stream()
            .filter(known::contains)
            .count();
    assertThat(remembered).isBetween(MOST - 5L, (long) MOST);
  }

  @Test
  void forgetsWhatIsOld() {
    List<Hash256> old = Stream.generate(this::next).limit(MOST).toList();
    old.forEach(known::add);
    Stream.generate(this::next).limit(10L * MOST).forEach(known::add);

    assertEquals(0, old.stream().filter(known::contains).count());
  }

  @Test
  void isSmallForWhoTellsLittleAndNeverLargerThanItsBound() {
    assertThat(known.bytes()).isLessThanOrEqualTo(256);

    Stream.generate(this::next).limit(MOST / 20).forEach(known::add);
    assertThat(known.bytes()).isLessThanOrEqualTo(MOST / 20 * 8 * 8);

    Stream.generate(this::next).limit(10L * MOST).forEach(known::add);
    assertThat(known.bytes()).isBetween(20 * MOST, 25 * MOST);
  }

  @Test
  void growingForgetsNothing() {
    List<Hash256> hashes = Stream.generate(this::next).limit(MOST / 5).toList();
    hashes.forEach(known::add);

    assertTrue(hashes.stream().allMatch(known::contains));
  }

  @Test
  void hashesMadeToMeetInOnePlacePushOneAnotherOutOnceItIsAsLargeAsItGets() {
    Stream.generate(this::next).limit(10L * MOST).forEach(known::add);
    long buckets = KnownHashes.PLACES_FOR_EACH * MOST / KnownHashes.BUCKET + 1;
    List<Hash256> meeting =
        LongStream.rangeClosed(1, 9).mapToObj(i -> new Hash256(0, 0, 0, i * buckets)).toList();
    meeting.forEach(known::add);

    assertFalse(known.contains(meeting.get(0)));
    assertTrue(meeting.stream().skip(1).allMatch(known::contains));
  }

  private Hash256 next() {
    return new Hash256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }
}
