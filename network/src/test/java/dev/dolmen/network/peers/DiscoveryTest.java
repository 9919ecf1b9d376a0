package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Discovery.Action;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Peers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscoveryTest {

  private static final long T0 = 1_000_000_000_000L;
  private static final long TELLER = 1;
  private static final int PORT = 8555;
  private static final int WANTED = 8;
  private static final Endpoint PUBLIC = at("20.0.0.1");

  private final Discovery discovery =
      new Discovery(Optional.empty(), WANTED, new SplittableRandom(1), T0);

  @Test
  void takesAThousandAddressesOfOnePeerAndThenOneEachTenSeconds() {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    tellTheSame(T0, Discovery.TOKENS - 1);
    assertThat(isTaken("21.0.0.1", T0)).as("the thousandth").isTrue();
    assertThat(isTaken("22.0.0.1", T0)).as("one more").isFalse();

    long token = Discovery.PER_TOKEN.toNanos();
    assertThat(isTaken("22.0.0.1", T0 + token - 1)).as("just before 10 s").isFalse();
    assertThat(isTaken("22.0.0.1", T0 + token)).isTrue();
    assertThat(isTaken("23.0.0.1", T0 + token)).isFalse();
    assertThat(isTaken("23.0.0.1", T0 + 3 * token)).isTrue();
    assertThat(isTaken("24.0.0.1", T0 + 3 * token)).isTrue();
    assertThat(isTaken("25.0.0.1", T0 + 3 * token)).isFalse();
  }

  @Test
  void tokensDoNotPileUpBeyondAThousand() {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    long later = T0 + Duration.ofDays(7).toNanos();
    tellTheSame(later, Discovery.TOKENS);
    assertThat(isTaken("21.0.0.1", later)).isFalse();
  }

  @Test
  void anAnswerOfAThousandAddressesIsTakenAndOneMoreIsAViolation() {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    assertThat(discovery.onAnswer(TELLER, addresses(0, 1_000), T0)).isEmpty();
    assertThat(discovery.onAnswer(TELLER, addresses(0, 1_001), T0))
        .contains("1001 addresses, more than 1000");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 0, 8555, an address or id of a wrong length",
    "5, 0, 8555, an address or id of a wrong length",
    "17, 0, 8555, an address or id of a wrong length",
    "4, 31, 8555, an address or id of a wrong length",
    "4, 33, 8555, an address or id of a wrong length",
    "4, 0, 0, an address with port 0",
    "4, 0, 65536, an address with port 65536",
    "4, 0, -1, an address with port 4294967295",
  })
  void aMalformedAnswerIsAViolationAndNothingOfItIsTaken(
      int ipBytes, int idBytes, int port, String what) {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    Peers answer =
        addresses(0, 1).toBuilder()
            .addPeers(
                dev.dolmen.protocol.PeerAddress.newBuilder()
                    .setAddress(ByteString.copyFrom(new byte[ipBytes]))
                    .setId(ByteString.copyFrom(new byte[idBytes]))
                    .setPort(port))
            .build();
    assertThat(discovery.onAnswer(TELLER, answer, T0)).contains(what);
    assertThat(discovery.known()).as("the one who told it").isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"4, 0, 1", "4, 32, 65535", "16, 0, 1"})
  void theBoundsOfAGoodAnswerAreTaken(int ipBytes, int idBytes, int port) {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    byte[] ip = new byte[ipBytes];
    ip[0] = 0x26;
    Peers answer =
        Peers.newBuilder()
            .addPeers(
                dev.dolmen.protocol.PeerAddress.newBuilder()
                    .setAddress(ByteString.copyFrom(ip))
                    .setId(ByteString.copyFrom(new byte[idBytes]))
                    .setPort(port))
            .build();
    assertThat(discovery.onAnswer(TELLER, answer, T0)).isEmpty();
    assertThat(discovery.known()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    // who tells, what it tells, whether it is taken
    "20.0.0.1, 21.0.0.1, true",
    "20.0.0.1, 192.168.1.5, false",
    "20.0.0.1, 127.0.0.1, false",
    "20.0.0.1, 169.254.3.4, false",
    "192.168.1.2, 192.168.1.5, true",
    "192.168.1.2, 21.0.0.1, true",
    "192.168.1.2, 127.0.0.1, false",
    "127.0.0.1, 127.0.0.2, true",
    "127.0.0.1, 192.168.1.5, true",
    "20.0.0.1, 0.0.0.0, false",
    "20.0.0.1, 224.0.0.1, false",
    "20.0.0.1, 255.255.255.255, false",
  })
  void whatIsNearerThanItsTellerIsNotTaken(String teller, String told, boolean taken) {
    discovery.onReady(TELLER, true, Optional.of(at(teller)), PORT, T0);
    int before = discovery.known();
    discovery.onAnswer(TELLER, answer(at(told)), T0);
    assertThat(discovery.known() - before).isEqualTo(taken ? 1 : 0);
  }

  @Test
  void whereItMetAPeerIsToldWhatItOnlyHeardIsNot() {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    discovery.onAnswer(TELLER, addresses(0, 500), T0);
    ask(2);
    assertThat(told(2, T0)).containsExactly(PUBLIC);
  }

  @Test
  void aPublicPeerIsToldOfNoPrivateAddressAndAPrivateOneOfNoLoopback() {
    meet("20.0.0.1");
    meet("192.168.1.5");
    meet("127.0.0.9");
    discovery.onReady(50, false, Optional.of(at("30.0.0.1")), 0, T0);
    discovery.onReady(51, false, Optional.of(at("192.168.1.99")), 0, T0);
    discovery.onReady(52, false, Optional.of(at("127.0.0.1")), 0, T0);
    discovery.onReady(53, false, Optional.empty(), 0, T0);
    assertThat(told(50, T0)).containsExactly(at("20.0.0.1"));
    assertThat(told(51, T0)).containsExactlyInAnyOrder(at("20.0.0.1"), at("192.168.1.5"));
    assertThat(told(52, T0))
        .containsExactlyInAnyOrder(at("20.0.0.1"), at("192.168.1.5"), at("127.0.0.9"));
    assertThat(told(53, T0)).as("who is seen at no IP address").isEmpty();
  }

  @Test
  void tellsTwentyThreeInAHundredAndTheSameToAllForADay() {
    for (int i = 0; i < 200; i++) {
      meet("40." + i + ".0.1");
    }
    ask(10);
    ask(11);
    ImmutableList<Endpoint> first = told(10, T0);
    assertThat(first)
        .as("of 200, but a few that had to wait for their places")
        .hasSizeBetween(44, 46);
    assertThat(told(11, T0)).as("another asker").isEqualTo(first);

    long pause = Discovery.ANSWER_PAUSE.toNanos();
    assertThat(told(10, T0 + pause - 1)).as("again within 8 s").isEmpty();
    assertThat(told(10, T0 + pause)).isEqualTo(first);
    long day = Discovery.SAME_ANSWER.toNanos();
    assertThat(told(10, T0 + day - 1)).isEqualTo(first);
    assertThat(told(11, T0 + day)).isNotEqualTo(first);
  }

  @Test
  void tellsAnewOnceItKnowsTwiceAsMany() {
    for (int i = 0; i < 3; i++) {
      meet("40." + i + ".0.1");
    }
    ask(10);
    assertThat(told(10, T0)).hasSize(3);
    long later = T0 + Discovery.ANSWER_PAUSE.toNanos();
    meet("41.0.0.1");
    meet("41.1.0.1");
    assertThat(told(10, later)).as("five are less than twice three").hasSize(3);
    meet("41.2.0.1");
    assertThat(told(10, later + Discovery.ANSWER_PAUSE.toNanos())).hasSize(6);
  }

  @Test
  void anAddressWhereSomebodyUnlistedWasMetIsNotDialledUntilTheListChanges() {
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    Endpoint other = at("21.0.0.1");
    discovery.onAnswer(TELLER, answer(other), T0);
    assertThat(dials(T0, Duration.ofMinutes(1))).containsExactly(other);
    PeerId met = PeerId.of(new byte[Limits.KEY_BYTES]);
    discovery.onUnlisted(other, met, T0);

    long later = T0 + Duration.ofHours(2).toNanos();
    assertThat(dials(later, Duration.ofHours(2))).isEmpty();
    discovery.onAllowed(AllowList.of(List.of()));
    assertThat(dials(later, Duration.ofMinutes(5))).isEmpty();
    discovery.onAllowed(AllowList.of(List.of(met)));
    long afterThat = later + Duration.ofHours(3).toNanos();
    assertThat(dials(afterThat, Duration.ofMinutes(5))).contains(other);
  }

  @Test
  void anAddressThatAListedPeerClaimsIsLookedAtAgain() {
    Endpoint other = at("21.0.0.1");
    discovery.onUnlisted(other, PeerId.of(new byte[Limits.KEY_BYTES]), T0);
    discovery.onReady(2, false, Optional.of(other), PORT, T0);
    assertThat(dials(T0, Duration.ofSeconds(1))).contains(other);
  }

  @Test
  void whatIsRememberedOfUnlistedPeersIsBounded() {
    for (int i = 0; i <= Discovery.MAX_UNLISTED; i++) {
      Endpoint at = at("60." + i / 250 + "." + i % 250 + ".1");
      discovery.onUnlisted(at, PeerId.of(new byte[Limits.KEY_BYTES]), T0);
    }
    discovery.onReady(TELLER, true, Optional.of(PUBLIC), PORT, T0);
    discovery.onAnswer(TELLER, answer(at("60.0.1.1")), T0);
    assertThat(discovery.known()).as("the second oldest").isEqualTo(1);
    discovery.onAnswer(TELLER, answer(at("60.0.0.1")), T0);
    assertThat(discovery.known()).as("the oldest is forgotten").isEqualTo(2);
  }

  private List<Endpoint> dials(long begin, Duration duration) {
    List<Endpoint> dials = new ArrayList<>();
    for (long now = begin; now - begin < duration.toNanos(); now += Discovery.PACE.toNanos()) {
      for (Action action : discovery.onTime(now)) {
        if (action instanceof Action.Dial dial) {
          dials.add(dial.endpoint());
        }
      }
    }
    return dials;
  }

  /** A peer is dialled there, and goes again. */
  private void meet(String ip) {
    discovery.onReady(99, true, Optional.of(at(ip)), PORT, T0);
    discovery.onGone(99, T0);
  }

  /** Somebody at a public address comes who may ask. */
  private void ask(long link) {
    discovery.onReady(link, false, Optional.of(at("30.0.0." + link)), 0, T0);
  }

  private ImmutableList<Endpoint> told(long link, long now) {
    return discovery.onQuestion(link, now).getPeersList().stream()
        .map(peer -> new Endpoint(IpAddress.of(peer.getAddress()).orElseThrow(), peer.getPort()))
        .collect(ImmutableList.toImmutableList());
  }

  private void tellTheSame(long now, int times) {
    Peers.Builder answer = Peers.newBuilder();
    for (int i = 0; i < times; i++) {
      answer.addPeers(message(PUBLIC));
    }
    assertThat(discovery.onAnswer(TELLER, answer.build(), now)).isEmpty();
  }

  private boolean isTaken(String ip, long now) {
    int before = discovery.known();
    assertThat(discovery.onAnswer(TELLER, answer(at(ip)), now)).isEmpty();
    return discovery.known() > before;
  }

  private static Peers answer(Endpoint endpoint) {
    return Peers.newBuilder().addPeers(message(endpoint)).build();
  }

  /** Public addresses, all different. */
  private static Peers addresses(int from, int count) {
    Peers.Builder peers = Peers.newBuilder();
    for (int i = from; i < from + count; i++) {
      peers.addPeers(message(at("5" + i / 2_500 + "." + i / 10 % 250 + "." + i % 10 + ".7")));
    }
    return peers.build();
  }

  private static dev.dolmen.protocol.PeerAddress message(Endpoint endpoint) {
    return dev.dolmen.protocol.PeerAddress.newBuilder()
        .setAddress(endpoint.ip().toBytes())
        .setPort(endpoint.port())
        .build();
  }

  private static Endpoint at(String ip) {
    return new Endpoint(IpAddress.parse(ip).orElseThrow(), PORT);
  }
}
