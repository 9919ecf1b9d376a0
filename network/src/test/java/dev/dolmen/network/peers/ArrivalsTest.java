package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

  private static final long PAUSE = Duration.ofSeconds(30).toNanos();

  private final Arrivals arrivals =
      new Arrivals(new Arrivals.Caps(64, 4, 16, Duration.ofNanos(PAUSE)));
  private long link;

  @Test
  void soManyHandshakesAtATimeWhereverTheyComeFrom() {
    for (int i = 0; i < 64; i++) {
      assertThat(knock("10." + i + ".0.1", 0)).isEmpty();
    }
    assertThat(knock("127.0.0.1", 0)).contains("64 other handshakes are in progress");
    assertThat(arrivals.knock(1_000, Optional.empty(), 0)).isPresent();

    arrivals.handshaken(1);
    assertThat(knock("127.0.0.1", 0)).isEmpty();
    assertThat(knock("127.0.0.1", 0)).isPresent();
    arrivals.left(2);
    assertThat(knock("127.0.0.1", 0)).isEmpty();
  }

  @Test
  void theSameAddressComesAgainOnlyAfterAWhile() {
    assertThat(knock("203.0.113.7", 0)).isEmpty();
    arrivals.left(link);
    assertThat(knock("203.0.113.7", PAUSE - 1)).isPresent();
    assertThat(knock("203.0.113.7", PAUSE)).isEmpty();
    assertThat(knock("203.0.113.8", PAUSE)).isEmpty();
  }

  @Test
  void whoKnocksAllTheTimeIsLetInAllTheSame() {
    assertThat(knock("203.0.113.7", 0)).isEmpty();
    for (long now = 1; now < PAUSE; now += PAUSE / 100) {
      assertThat(knock("203.0.113.7", now)).isPresent();
    }
    assertThat(knock("203.0.113.7", PAUSE)).isEmpty();
  }

  @Test
  void fourFromOneAddressStandAtATime() {
    for (int i = 0; i < 4; i++) {
      assertThat(knock("203.0.113.7", i * PAUSE)).isEmpty();
      arrivals.handshaken(link);
    }
    assertThat(knock("203.0.113.7", 4 * PAUSE)).isPresent();
    arrivals.left(1);
    assertThat(knock("203.0.113.7", 4 * PAUSE)).isEmpty();
  }

  @Test
  void sixteenFromOneNetworkStandAtATime() {
    for (int i = 0; i < 16; i++) {
      assertThat(knock("203.0.113." + i, 0)).isEmpty();
      arrivals.handshaken(link);
    }
    assertThat(knock("203.0.200.1", 0)).isPresent();
    assertThat(knock("203.1.113.1", 0)).isEmpty();
    arrivals.left(1);
    assertThat(knock("203.0.200.1", 0)).isEmpty();
  }

  @Test
  void oneIpv6CustomerIsOneAddress() {
    assertThat(knock("2a00:1:2:3::1", 0)).isEmpty();
    assertThat(knock("2a00:1:2:3::2", 0)).isPresent();
    assertThat(knock("2a00:1:2:4::1", 0)).isEmpty();
  }

  @Test
  void addressesOfThisMachineAreExempt() {
    for (int i = 0; i < 60; i++) {
      assertThat(knock("127.0.0.1", 0)).isEmpty();
    }
  }

  @Test
  void whatIsRememberedIsBounded() {
    assertThat(knock("9.0.0.1", 0)).isEmpty();
    arrivals.left(link);
    for (int i = 0; i < Arrivals.MAX_REMEMBERED; i++) {
      assertThat(knock("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), 0)).isEmpty();
      arrivals.left(link);
    }
    assertThat(knock("9.0.0.1", 1)).as("let off, since others came").isEmpty();
  }

  private Optional<String> knock(String ip, long now) {
    Optional<String> refused =
        arrivals.knock(link + 1, Optional.of(new Endpoint(IpAddressTest.ip(ip), 50_000)), now);
    if (refused.isEmpty()) {
      link++;
    }
    return refused;
  }
}
