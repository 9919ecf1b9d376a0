package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LinksTest {

  private static final PeerId SMALLER = id(1);
  private static final PeerId SELF = id(2);
  private static final PeerId LARGER = id(3);
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final long LATER = PATIENCE.toNanos();

  private OptionalLong evictable = OptionalLong.empty();
  private final Links links = new Links(SELF, 3, 1, PATIENCE, () -> evictable);

  @Test
  void theFirstLinkToAPeerIsAdmitted() {
    assertThat(links.handshaken(1, LARGER, true, 0)).containsExactly(new LinkAction.Admit(1));
    assertThat(links.linkTo(LARGER)).isEqualTo(OptionalLong.of(1));
  }

  @Test
  void aLinkDialledByTheSmallerIdReplacesTheOneDialledByTheLarger() {
    links.handshaken(1, LARGER, false, 0);
    List<LinkAction> actions = links.handshaken(2, LARGER, true, 0);
    assertThat(actions).hasSize(2);
    assertThat(actions.get(0)).isInstanceOf(LinkAction.Refuse.class);
    assertThat(actions.get(0).link()).isEqualTo(1);
    assertThat(actions.get(1)).isEqualTo(new LinkAction.Admit(2));
    assertThat(links.closed(1)).isEmpty();
    assertThat(links.linkTo(LARGER)).isEqualTo(OptionalLong.of(2));
  }

  @Test
  void aLiveLinkDialledByTheSmallerIdStays() {
    links.handshaken(1, SMALLER, false, 0);
    assertThat(links.handshaken(2, SMALLER, true, 0)).containsExactly(new LinkAction.Ping(1));
    assertRefused(links.heard(1), 2);
    assertThat(links.nextWake()).isEmpty();
  }

  @Test
  void anOldLinkSilentForThreeSecondsIsReplaced() {
    links.handshaken(1, LARGER, false, 0);
    assertThat(links.handshaken(2, LARGER, false, 0)).containsExactly(new LinkAction.Ping(1));
    assertThat(links.nextWake()).isEqualTo(OptionalLong.of(LATER));
    assertThat(links.onTime(LATER - 1)).isEmpty();
    List<LinkAction> actions = links.onTime(LATER);
    assertRefused(actions.subList(0, 1), 1);
    assertThat(actions.get(1)).isEqualTo(new LinkAction.Admit(2));
  }

  @Test
  void ofTwoThatWeDialledTheOtherSideDecides() {
    links.handshaken(1, LARGER, true, 0);
    assertThat(links.handshaken(2, LARGER, true, 0)).containsExactly(new LinkAction.Ping(1));
    assertThat(links.heard(1)).isEmpty();
    assertThat(links.onTime(2 * LATER - 1)).isEmpty();
    assertRefused(links.onTime(2 * LATER), 2);
  }

  @Test
  void theWaitingLinkTakesThePlaceOfOneThatCloses() {
    links.handshaken(1, LARGER, true, 0);
    links.handshaken(2, LARGER, true, 0);
    assertThat(links.closed(1)).containsExactly(new LinkAction.Admit(2));
    assertThat(links.linkTo(LARGER)).isEqualTo(OptionalLong.of(2));
  }

  @Test
  void aWaitingLinkThatClosesLeavesTheOldOneAlone() {
    links.handshaken(1, LARGER, false, 0);
    links.handshaken(2, LARGER, false, 0);
    assertThat(links.closed(2)).isEmpty();
    assertThat(links.onTime(LATER)).isEmpty();
    assertThat(links.linkTo(LARGER)).isEqualTo(OptionalLong.of(1));
  }

  @Test
  void aThirdLinkIsRefusedWhileTwoAreCompared() {
    links.handshaken(1, LARGER, false, 0);
    links.handshaken(2, LARGER, false, 0);
    assertRefused(links.handshaken(3, LARGER, false, 0), 3);
  }

  @Test
  void aLinkLeavesOnce() {
    links.handshaken(1, LARGER, true, 0);
    assertThat(links.closed(1)).isEmpty();
    assertThat(links.closed(1)).isEmpty();
    assertThat(links.size()).isZero();
  }

  @Test
  void inboundPeersLeaveThePlacesOfTheDialledFree() {
    links.handshaken(1, id(11), false, 0);
    links.handshaken(2, id(12), false, 0);
    assertFull(links.handshaken(3, id(13), false, 0));
    assertThat(links.handshaken(4, id(14), true, 0)).containsExactly(new LinkAction.Admit(4));
    assertFull(links.handshaken(5, id(15), true, 0));
  }

  @Test
  void aStrangerTakesThePlaceOfOneThatMayBeEvictedButADialledPeerDoesNot() {
    links.handshaken(1, id(11), false, 0);
    links.handshaken(2, id(12), false, 0);
    links.handshaken(3, id(13), true, 0);
    evictable = OptionalLong.of(2);

    List<LinkAction> actions = links.handshaken(4, id(14), false, 0);

    assertFull(actions);
    assertThat(actions.get(0).link()).isEqualTo(2);
    assertThat(actions.get(1)).isEqualTo(new LinkAction.Admit(4));
    assertThat(links.size()).isEqualTo(3);
    assertThat(links.linkTo(id(12))).isEmpty();
    assertThat(links.closed(2)).isEmpty();
    assertThat(links.linkTo(id(14))).hasValue(4);
    assertFull(links.handshaken(5, id(15), true, 0));
  }

  private static void assertFull(List<LinkAction> actions) {
    assertThat(((LinkAction.Refuse) actions.get(0)).reason().code()).isEqualTo(Code.FULL);
  }

  private static void assertRefused(List<LinkAction> actions, long link) {
    assertThat(actions).hasSize(1);
    LinkAction.Refuse refuse = (LinkAction.Refuse) actions.get(0);
    assertThat(refuse.link()).isEqualTo(link);
    assertThat(refuse.reason().code()).isEqualTo(Code.DUPLICATE);
  }

  private static PeerId id(int value) {
    byte[] bytes = new byte[Limits.KEY_BYTES];
    Arrays.fill(bytes, (byte) value);
    return PeerId.of(bytes);
  }
}
