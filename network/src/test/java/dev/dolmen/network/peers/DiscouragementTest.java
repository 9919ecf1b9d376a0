package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Limits;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DiscouragementTest {

  private static final long DAY = Duration.ofDays(1).toNanos();
  private static final int A_MILLION = 1_000_000;
  private static final long MOST_BYTES = 8L * 1024 * 1024;

  private final Discouragement discouraged = new Discouragement(new SplittableRandom(1), 0);

  @Test
  void remembersAddressesAndPeers() {
    PeerId peer = peer(1);
    discouraged.add(address(7), 0);
    discouraged.add(peer, 0);

    assertThat(discouraged.contains(address(7), 0)).isTrue();
    assertThat(discouraged.contains(peer, 0)).isTrue();
    assertThat(discouraged.contains(address(8), 0)).isFalse();
    assertThat(discouraged.contains(peer(2), 0)).isFalse();
  }

  @Test
  void remembersAllOfAnIpv6CustomersAddresses() {
    discouraged.add(IpAddressTest.ip("2a00:1:2:3::1"), 0);
    assertThat(discouraged.contains(IpAddressTest.ip("2a00:1:2:3:ffff::9"), 0)).isTrue();
    assertThat(discouraged.contains(IpAddressTest.ip("2a00:1:2:4::1"), 0)).isFalse();
  }

  @Test
  void remembersForADayAndForgetsAfterTwo() {
    discouraged.add(address(7), DAY / 2);
    assertThat(discouraged.contains(address(7), DAY + DAY / 2)).isTrue();
    assertThat(discouraged.contains(address(7), 2 * DAY + DAY / 2)).isFalse();
  }

  @Test
  void forgetsAtOnceWhatIsTwoDaysOld() {
    discouraged.add(address(7), 0);
    assertThat(discouraged.contains(address(7), 2 * DAY)).isFalse();
  }

  @Test
  void aRepeatedOffenceMakesNobodyForgotten() {
    discouraged.add(address(7), 0);
    for (int i = 0; i < 3 * Discouragement.REMEMBERED; i++) {
      discouraged.add(address(8), 0);
    }
    assertThat(discouraged.contains(address(7), 0)).isTrue();
  }

  @Test
  void aMillionOffendersTakeAFixedSizeAndHideNobodyRecent() {
    assertThat(2 * sizeOfOneFilter()).as("bytes of both").isLessThanOrEqualTo(MOST_BYTES);
    for (int i = 0; i < A_MILLION; i++) {
      discouraged.add(address(i), 0);
    }

    for (int i = A_MILLION - Discouragement.REMEMBERED; i < A_MILLION; i++) {
      assertThat(discouraged.contains(address(i), 0)).as("offender %s", i).isTrue();
    }
    int mistaken = 0;
    for (int i = A_MILLION; i < 2 * A_MILLION; i++) {
      mistaken += discouraged.contains(address(i), 0) ? 1 : 0;
    }
    assertThat(mistaken).as("innocent of a million").isLessThanOrEqualTo(20);
  }

  private static long sizeOfOneFilter() {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Discouragement fresh = new Discouragement(new SplittableRandom(2), 0);
    long before = thread.getCurrentThreadAllocatedBytes();
    fresh.add(address(1), 0);
    return thread.getCurrentThreadAllocatedBytes() - before;
  }

  private static IpAddress address(int number) {
    return new IpAddress(0x2a00_0000_0000_0000L | (long) number << 16, 1);
  }

  private static PeerId peer(int value) {
    byte[] bytes = new byte[Limits.KEY_BYTES];
    Arrays.fill(bytes, (byte) value);
    return PeerId.of(bytes);
  }
}
