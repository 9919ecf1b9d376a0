package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dolmen.network.peers.IpAddress.Reach;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0", "127.0.0.1", "203.0.113.7", "255.255.255.255", "::1", "2001:db8::7"})
  void isReadAndWrittenTheSame(String text) {
    IpAddress address = ip(text);
    assertThat(address).hasToString(text);
    assertThat(IpAddress.of(address.toBytes())).contains(address);
  }

  @Test
  void twoWaysToWriteAnIpv4AddressAreOneAddress() {
    ByteString mapped =
        ByteString.copyFrom(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3});
    assertThat(IpAddress.of(mapped)).contains(ip("10.1.2.3"));
    assertThat(ip("10.1.2.3").toBytes().size()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "alice", "localhost", "1.2.3", "1.2.3.4:80", "::g"})
  void whatIsNoAddressIsNone(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }

  @Test
  void bytesOfAnotherLengthAreNone() {
    for (int length : new int[] {0, 3, 5, 15, 17}) {
      assertThat(IpAddress.of(ByteString.copyFrom(new byte[length]))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,LOOPBACK",
    "127.255.255.255,LOOPBACK",
    "::1,LOOPBACK",
    "10.0.0.1,PRIVATE",
    "172.16.0.1,PRIVATE",
    "172.31.255.255,PRIVATE",
    "192.168.1.1,PRIVATE",
    "169.254.1.1,PRIVATE",
    "100.64.0.1,PRIVATE",
    "fd00::1,PRIVATE",
    "fe80::1,PRIVATE",
    "8.8.8.8,PUBLIC",
    "172.15.0.1,PUBLIC",
    "172.32.0.1,PUBLIC",
    "100.128.0.1,PUBLIC",
    "223.255.255.255,PUBLIC",
    "2a00::1,PUBLIC"
  })
  void reachesAsFarAsItsRangeDoes(String text, Reach reach) {
    assertThat(ip(text).reach()).contains(reach);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "ff02::1",
        "2002:102:304::1",
        "2001:0:1::1",
        "2001:db8::1",
        "4000::1"
      })
  void whereNobodyCanBeReachedThereIsNoReach(String text) {
    assertThat(ip(text).reach()).isEmpty();
  }

  @Test
  void whoIsSeenFartherAwayIsNotToldOfWhatIsNear() {
    assertThat(Reach.LOOPBACK.canReach(Reach.PUBLIC)).isTrue();
    assertThat(Reach.PRIVATE.canReach(Reach.PRIVATE)).isTrue();
    assertThat(Reach.PRIVATE.canReach(Reach.LOOPBACK)).isFalse();
    assertThat(Reach.PUBLIC.canReach(Reach.PRIVATE)).isFalse();
  }

  @Test
  void holderAndGroupAreWhatOnePartyHas() {
    assertThat(ip("203.0.113.7").holder()).isEqualTo(ip("203.0.113.7"));
    assertThat(ip("2a00:1:2:3:4:5:6:7").holder()).isEqualTo(ip("2a00:1:2:3::"));
    assertThat(group("203.0.113.7", 1)).isEqualTo(group("203.0.1.1", 2));
    assertThat(group("203.0.113.7", 1)).isNotEqualTo(group("203.1.113.7", 1));
    assertThat(group("2a00:1:2::1", 1)).isEqualTo(group("2a00:1:3::1", 1));
    assertThat(group("2a00:1::1", 1)).isNotEqualTo(group("2a00:2::1", 1));
    assertThat(group("127.0.0.1", 1)).isNotEqualTo(group("127.0.0.1", 2));
  }

  @Test
  void anEndpointIsReadWithItsPort() {
    assertThat(Endpoint.parse("[2a00::1]:8555"))
        .contains(new Endpoint(ip("2a00::1"), 8555))
        .map(Endpoint::toString)
        .contains("[2a00::1]:8555");
    assertThat(Endpoint.parse("10.0.0.1:8555").map(Endpoint::toAddress))
        .isEqualTo(Optional.of(PeerAddress.of("10.0.0.1", 8555)));
    assertThat(Endpoint.parse("alice:8555")).isEmpty();
    assertThat(Endpoint.parse("10.0.0.1")).isEmpty();
    assertThat(Endpoint.parse("10.0.0.1:0")).isEmpty();
    assertThat(Endpoint.parse("10.0.0.1:65536")).isEmpty();
  }

  static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  private static Endpoint.Group group(String text, int port) {
    return new Endpoint(ip(text), port).group();
  }
}
