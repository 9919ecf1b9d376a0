package dev.dolmen.it.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Verify;
import com.google.common.net.HostAndPort;
import dev.dolmen.it.process.BesiegedNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process of the jar under every attack at once, but for the crowds, which come all at once too.
 */
class AttackTest {

  /** {@code -Dattack.test.for} asks for longer. */
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("attack.test.for", 12));

  /** These leave little of two cores for the others, and come after them. */
  private static final Set<Attack> CROWDS =
      EnumSet.of(Attack.CROWD, Attack.PLACES, Attack.API_CLIENTS);

  private static final Duration OF_CROWDS = DURATION.dividedBy(3);

  /**
   * What an honest peer's question may take here, where the attackers and the node share two cores
   * with other tests; by hand, on a machine that does nothing else, it is 250 ms.
   */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** The most that may be added to what the process has in memory. */
  private static final long MOST_GROWTH_BYTES = 300L * 1024 * 1024;

  @TempDir private static Path directory;
  private static @Nullable BesiegedNode node;
  private static final List<Siege.Report> reports = new ArrayList<>();

  @BeforeAll
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  static void layTheSiege() throws Exception {
    BesiegedNode started = BesiegedNode.start(directory);
    node = started;
    Target target = Target.of(started.peerAddress(), started.api());
    List<Attack> others = new ArrayList<>(EnumSet.complementOf(EnumSet.copyOf(CROWDS)));
    reports.add(Siege.lay(target, others, 1, DURATION, 1));
    reports.add(Siege.lay(target, List.copyOf(CROWDS), 1, OF_CROWDS, 2));
  }

  @AfterAll
  static void end() throws InterruptedException {
    if (node != null) {
      node.end();
    }
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void isAnsweredAsItShouldBe(Attack attack) {
    Siege.Report report =
        reports.stream().filter(r -> r.tallies().containsKey(attack)).findFirst().orElseThrow();
    assertThat(report.broken()).doesNotContainKey(attack);
    Tally tally = Verify.verifyNotNull(report.tallies().get(attack));
    assertThat(tally.toString()).as(attack.sentence()).doesNotStartWith("did nothing");
    if (!attack.answer().isEmpty()) {
      assertThat(tally.answers(attack.answer())).as("%s: %s", attack, tally).isPositive();
    }
    assertThat(tally.answers("accepted")).as("%s: %s", attack, tally).isZero();
    assertThat(tally.answers("REASON_UNSPECIFIED")).as("a bug: %s", tally).isZero();
  }

  @Test
  void nobodyHonestNotices() {
    assertThat(reports).hasSize(2);
    for (Siege.Report report : reports) {
      assertThat(report.well(LONGEST)).as(report.lines()).isTrue();
      assertThat(report.growthBytes()).as(report.lines()).isLessThan(MOST_GROWTH_BYTES);
    }
  }

  @Test
  void theNodeIsNotAfraidOfItsOwnBugs() throws Exception {
    assertThat(Verify.verifyNotNull(node).log()).doesNotContain("a bug").doesNotContain("ERROR");
  }

  @Test
  void nodesOfOthersAreNotAttacked() {
    HostAndPort api = HostAndPort.fromString("127.0.0.1:1");
    assertThatThrownBy(() -> Target.of(HostAndPort.fromString("192.0.2.1:8555"), api))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("192.0.2.1:8555 is not on this machine; attack your own node, on 127.0.0.1");
  }
}
