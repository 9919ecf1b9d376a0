package dev.dolmen.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.suppressed;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs test classes as JUnit runs a user's, those that fail included. */
class ExtensionTest {

  private static Events run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(testClass))
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
        .execute()
        .testEvents();
  }

  /** A node's threads are gone when its close returns; those of its links end just after. */
  private static void assertNoNodeIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("dolmen-node-"));
  }

  static class Fails {
    @RegisterExtension final DolmenNetwork net = DolmenNetwork.of(2);

    @Test
    void onPurpose() {
      net.partition(List.of("alice"), List.of("bob"));
      net.node("alice").submit("x".getBytes(UTF_8));
      fail("on purpose");
    }
  }

  static class FailsWithParameter {
    @DolmenTest(nodes = 2)
    void onPurpose(DolmenNetwork net) {
      net.stop("bob");
      fail("on purpose");
    }
  }

  @Test
  void aFailureSaysWhereEachNodeStoodAndNothingIsLeftBehind() {
    run(Fails.class)
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    message("on purpose"),
                    suppressed(
                        0,
                        message(
                            text ->
                                text.contains("alice: tip 1 ") && text.contains("bob: tip 0 "))))));
    run(FailsWithParameter.class)
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    message("on purpose"),
                    suppressed(0, message(text -> text.contains("bob: stopped"))))));
    assertNoNodeIsLeft();
  }

  @Execution(ExecutionMode.CONCURRENT)
  static class RunsInParallel {
    private static final CyclicBarrier BOTH = new CyclicBarrier(2);

    @BeforeEach
    void before(DolmenNetwork net) {
      net.partition(List.of("alice"), List.of("bob"));
    }

    @DolmenTest(nodes = 2)
    void one(DolmenNetwork net) throws Exception {
      growsBy(1, net);
    }

    @DolmenTest(nodes = 2)
    void two(DolmenNetwork net) throws Exception {
      growsBy(2, net);
    }

    private static void growsBy(int blocks, DolmenNetwork net) throws Exception {
      BOTH.await(1, TimeUnit.MINUTES);
      for (int i = 0; i < blocks; i++) {
        net.node("bob").submit(("entry " + i).getBytes(UTF_8));
      }
      BOTH.await(1, TimeUnit.MINUTES);
      assertEquals(0, net.node("alice").status().height());
      net.heal();
      assertEquals(blocks, net.awaitOneTip().height());
    }

    @AfterEach
    void after(DolmenNetwork net) {
      assertThat(net.nodes()).hasSize(2);
    }
  }

  @Test
  void testsInParallelDoNotDisturbEachOther() {
    run(RunsInParallel.class).assertStatistics(events -> events.started(2).succeeded(2));
    assertNoNodeIsLeft();
  }

  @Execution(ExecutionMode.CONCURRENT)
  static class SharesAStaticField {
    @RegisterExtension static final DolmenNetwork NET = DolmenNetwork.of(2);

    private static final CountDownLatch OTHER_ENDED = new CountDownLatch(1);

    @RegisterExtension static final AfterEachCallback AFTER = context -> OTHER_ENDED.countDown();

    @Test
    void one() throws Exception {
      holdsTheNetwork();
    }

    @Test
    void two() throws Exception {
      holdsTheNetwork();
    }

    /** Until the other test, which met it in use, is over. */
    private static void holdsTheNetwork() throws Exception {
      NET.node("alice").submit("x".getBytes(UTF_8));
      assertTrue(OTHER_ENDED.await(1, TimeUnit.MINUTES));
      assertEquals(1, NET.awaitOneTip().height());
    }
  }

  @Test
  void aStaticFieldServesOneTestAtATimeAndSaysSo() {
    Events events = run(SharesAStaticField.class);

    events.assertStatistics(statistics -> statistics.succeeded(1).failed(1));
    events
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(message(text -> text.contains("serves one test at a time")))));
    assertNoNodeIsLeft();
  }

  static class StaticFieldInTurn {
    @RegisterExtension static final DolmenNetwork NET = DolmenNetwork.of(2);

    @Test
    void one() {
      assertEquals(0, NET.awaitOneTip().height());
      NET.node("alice").submit("x".getBytes(UTF_8));
    }

    @Test
    void two() {
      assertEquals(0, NET.awaitOneTip().height());
      NET.node("alice").submit("y".getBytes(UTF_8));
    }
  }

  @Test
  void aStaticFieldHasANewNetworkForEachTest() {
    run(StaticFieldInTurn.class).assertStatistics(events -> events.succeeded(2));
    assertNoNodeIsLeft();
  }

  static class TooMany {
    @DolmenTest(nodes = 51)
    void never(DolmenNetwork net) {
      fail("ran with " + net.nodes().size() + " nodes");
    }
  }

  @Test
  void aNumberOfNodesThatIsNoNetworkIsRefused() {
    run(TooMany.class)
        .assertThatEvents()
        .haveExactly(
            1, event(finishedWithFailure(message(text -> text.contains("between 2 and 50")))));
    assertThatThrownBy(() -> DolmenNetwork.of(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DolmenNetwork.of(51)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void outsideATestItSaysHowToRegisterIt() {
    DolmenNetwork unregistered = DolmenNetwork.of(2);

    assertThatThrownBy(() -> unregistered.node("alice"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("@RegisterExtension");
  }
}
