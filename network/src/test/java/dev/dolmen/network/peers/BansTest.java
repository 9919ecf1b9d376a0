package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Bans.Ban;
import dev.dolmen.network.peers.Bans.Subject;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BansTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = NOW.plusSeconds(60);
  private static final PeerId PEER = PeerId.parse("ab".repeat(32));
  private static final IpAddress ADDRESS = IpAddressTest.ip("203.0.113.7");

  @Test
  void holdsForAnIdWhereverItComesFromUntilItEnds() {
    Bans bans = Bans.NONE.with(ban(Subject.of(PEER), Optional.of(END)), NOW);
    assertThat(bans.against(PEER, END.minusMillis(1))).isPresent();
    assertThat(bans.against(PEER, END)).isEmpty();
    assertThat(bans.against(ADDRESS, NOW)).isEmpty();
  }

  @Test
  void holdsForAnAddressAndForAllOfAnIpv6Customers() {
    Bans bans =
        Bans.NONE
            .with(ban(Subject.of(ADDRESS), Optional.empty()), NOW)
            .with(ban(Subject.of(IpAddressTest.ip("2a00:1:2:3::7")), Optional.empty()), NOW);
    assertThat(bans.against(ADDRESS, NOW)).isPresent();
    assertThat(bans.against(IpAddressTest.ip("203.0.113.8"), NOW)).isEmpty();
    assertThat(bans.against(IpAddressTest.ip("2a00:1:2:3::8"), NOW)).isPresent();
    assertThat(bans.against(IpAddressTest.ip("2a00:1:2:4::8"), NOW)).isEmpty();
  }

  @Test
  void aSecondBanOfTheSameTakesThePlaceOfTheFirst() {
    Bans bans =
        Bans.NONE
            .with(ban(Subject.of(PEER), Optional.of(END)), NOW)
            .with(ban(Subject.of(PEER), Optional.empty()), NOW);
    assertThat(bans.holding(NOW)).hasSize(1);
    assertThat(bans.against(PEER, END)).isPresent();
    assertThat(bans.without(Subject.of(PEER), NOW).holding(NOW)).isEmpty();
  }

  @Test
  void thoseThatAreOverAreLeftOut() {
    Bans bans = Bans.NONE.with(ban(Subject.of(PEER), Optional.of(END)), NOW);
    assertThat(bans.holding(END)).isEmpty();
    assertThat(bans.with(ban(Subject.of(ADDRESS), Optional.empty()), END).holding(NOW))
        .extracting(Ban::subject)
        .containsExactly(Subject.of(ADDRESS));
  }

  @Test
  void isReadFromWhatPeopleType() {
    assertThat(Subject.parse("203.0.113.7")).isEqualTo(Subject.of(ADDRESS));
    assertThat(Subject.parse("AB".repeat(32))).isEqualTo(Subject.of(PEER));
    assertThat(Subject.parse(PEER.toString())).hasToString(PEER.toString());
    for (String wrong : new String[] {"", "alice", "203.0.113.7:8555", "ab".repeat(31)}) {
      assertThatThrownBy(() -> Subject.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("neither a peer's id of 64 hex digits nor an IP address");
    }
  }

  private static Ban ban(Subject subject, Optional<Instant> until) {
    return new Ban(subject, NOW, until, "for a test");
  }
}
