package dev.dolmen.testing;

import static dev.dolmen.node.follow.Confirmations.confirmations;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DolmenNetworkTest {

  @RegisterExtension final DolmenNetwork net = DolmenNetwork.of(4);

  private TransactionId submit(String node, String text) {
    return net.node(node).submit(text.getBytes(UTF_8));
  }

  @Test
  void twoSidesGrowApartAndAgreeOnceHealedWithTheEntriesOfBoth() throws Exception {
    net.partition(List.of("alice", "bob"), List.of("carol", "dave"));
    TransactionId here = submit("alice", "on this side");
    TransactionId there = submit("dave", "on that side");
    submit("dave", "and once more");
    assertThat(net.node("bob").awaitInclusion(here, confirmations(1)).get(1, MINUTES)).isNotNull();
    assertThat(net.node("carol").awaitInclusion(there, confirmations(1)).get(1, MINUTES))
        .isNotNull();
    assertNotEquals(net.node("alice").status().hash(), net.node("dave").status().hash());
    assertThat(net.node("bob").transaction(there)).isEmpty();

    net.heal();

    ChainedHeader tip = net.awaitOneTip();
    for (Dolmen node : net.nodes()) {
      assertEquals(tip, node.view().tip());
      assertThat(node.transaction(here).flatMap(status -> status.place())).isPresent();
      assertThat(node.transaction(there).flatMap(status -> status.place())).isPresent();
    }
  }

  @Test
  void eachTestBeginsWithANetworkThatKnowsNothing() {
    assertThat(net.nodes())
        .extracting(Dolmen::name)
        .containsExactly("alice", "bob", "carol", "dave");
    assertEquals(0, net.awaitOneTip().height());
    submit("alice", "gone with this test");
  }

  @Test
  void aStoppedNodeIsStartedAgainWithItsChainAndCatchesUp() {
    submit("alice", "everyone has this");
    net.awaitOneTip();
    net.stop("dave");
    assertThat(net.nodes()).hasSize(3);
    assertThatThrownBy(() -> net.node("dave"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'dave' is stopped");
    submit("alice", "dave misses this");

    net.start("dave");

    assertEquals(2, net.awaitOneTip().height());
    assertEquals(2, net.node("dave").status().height());
  }

  @Test
  void oneLinkIsCutSlowedAndHealed() {
    net.cut("alice", "bob");
    assertEquals(2, net.node("alice").status().peers());
    net.delay("alice", "carol", Duration.ofMillis(20));
    submit("alice", "takes another way");
    assertEquals(1, net.awaitOneTip().height());

    net.heal("bob", "alice");
    assertEquals(3, net.node("alice").status().peers());
  }

  @Test
  void nodesThatCannotAgreeAreNamedWithTheirTips() {
    net.partition(List.of("alice"), List.of("bob", "carol"));
    submit("alice", "nobody hears this");
    String hash = net.node("alice").status().hash().toHex().substring(0, 12);

    assertThatThrownBy(() -> net.awaitOneTip(Duration.ofMillis(100)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("after 100 ms the nodes have no one tip")
        .hasMessageContaining("alice: tip 1 " + hash + ", 0 pending")
        .hasMessageContaining("linked with nobody")
        .hasMessageContaining("bob: tip 0 ")
        .hasMessageContaining("linked with carol");
  }

  @Test
  void branchesOfEqualWorkBecomeOneByOneBlockMore() {
    net.partition(List.of("alice", "bob"), List.of("carol", "dave"));
    net.node("alice").runner().ask(Node::makeBlock).join();
    net.node("dave").runner().ask(Node::makeBlock).join();

    net.heal();

    assertEquals(2, net.awaitOneTip().height());
  }

  @Test
  void namesThatDoNotExistAreRefused() {
    assertThatThrownBy(() -> net.node("mallory"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("alice, bob, carol, dave");
    assertThatThrownBy(() -> net.cut("alice", "alice"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> net.partition(List.of("alice"), List.of("alice")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two groups");
  }

  @DolmenTest(nodes = 2)
  void aNetworkMayComeAsAParameter(DolmenNetwork own) {
    assertThat(own).isNotSameAs(net);
    assertThat(own.nodes()).extracting(Dolmen::name).containsExactly("alice", "bob");
    own.node("bob").submit("x".getBytes(UTF_8));
    assertEquals(1, own.awaitOneTip().height());
    assertEquals(0, net.awaitOneTip().height());
  }
}
