package dev.dolmen.it.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The scenarios for as many seeds as every change can afford; {@link SimulationCommand} runs any
 * number. A failure names its seed.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // for all seeds together, on a busy machine
class ScenarioTest {

  @Test
  void nodesAgreeAfterAThirdOfAllIsLostSaidTwiceOrCutOff() {
    runAll(Scenario.LOSSY, 100, 50);
  }

  @Test
  void nodesAgreeWithinAMinuteAfterAPartition() {
    runAll(Scenario.PARTITION, 100, 100);
  }

  @Test
  void nodesAgreeAfterTheirLinksWereCloggedOneByOneAndSomeRestarted() {
    runAll(Scenario.SWIZZLE, 40, 20);
  }

  @Test
  void whatListenersWereToldSurvivesEveryCrash() {
    runAll(Scenario.CRASHES, 100, 8);
  }

  @Test
  void nodesAgreeOnceTheirClocksAreRight() {
    runAll(Scenario.CLOCKS, 20, 10);
  }

  @Test
  void blocksReachMostNodesInSecondsWhileOthersComeAndGo() {
    Report report = Scenario.CHURN.run(1);
    assertTrue(
        report.toMost().filter(time -> time.compareTo(Duration.ofSeconds(2)) <= 0).isPresent(),
        report.toString());
    assertTrue(report.stale() <= report.blocks() / 10, report.toString());
  }

  @Test
  void honestNodesAgreeWhileAThirdOfAllLies() {
    runAll(Scenario.BYZANTINE, 6, 30);
  }

  @ParameterizedTest
  @EnumSource(
      value = Scenario.class,
      names = {"LOSSY", "PARTITION", "SWIZZLE", "CRASHES", "CLOCKS", "BYZANTINE"})
  void oneSeedGivesOneRun(Scenario scenario) {
    List<String> transcript = new ArrayList<>();
    Report first = scenario.run(7, 8, Optional.of(transcript::add));
    assertEquals(first, scenario.run(7, 8, Optional.empty()));
    assertTrue(transcript.size() > 100, "a transcript of " + transcript.size() + " lines");
  }

  private static void runAll(Scenario scenario, int seeds, int nodes) {
    LongStream.rangeClosed(1, seeds)
        .parallel()
        .forEach(seed -> scenario.run(seed, nodes, Optional.empty()));
  }
}
