package dev.dolmen.network;

import static org.awaitility.Awaitility.await;

import io.netty.util.ResourceLeakDetectorFactory;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test after which a buffer is there that nobody has released. Every buffer is counted, and
 * the count must be 0 once the test has closed what it opened; no garbage need be collected for it.
 * What a class has open for all its tests is idle between them, and holds none either.
 *
 * <p>Registered for every test of a module that has it on its class path. The build names {@link
 * CountedBuffers} to Netty; {@code -Dio.netty.util.LeakPresenceDetector.trackCreationStack=true}
 * says where a lost buffer was made.
 */
public final class NoLeaks implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

  /** Names the milliseconds that may pass until the last buffer is released. */
  static final String PATIENCE = "dolmen.leaks.patience";

  /** A link that is closed lets go of its buffers on its event loop, a little later. */
  private static final int PATIENCE_MILLIS = 10_000;

  private static final Duration LOOK = Duration.ofMillis(2);

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!(ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Object.class)
        instanceof CountedBuffers)) {
      throw new IllegalStateException(
          "buffers are not counted; run with -Dio.netty.customResourceLeakDetector="
              + CountedBuffers.class.getName());
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check(context);
  }

  private static void check(ExtensionContext context) {
    if (!CountedBuffers.areThere()) {
      return;
    }
    if (context.getRequiredTestClass().isAnnotationPresent(EndsMidway.class)) {
      CountedBuffers.forget();
      return;
    }
    Duration patience =
        Duration.ofMillis(
            context.getConfigurationParameter(PATIENCE, Integer::parseInt).orElse(PATIENCE_MILLIS));
    try {
      await().atMost(patience).pollInterval(LOOK).until(() -> !CountedBuffers.areThere());
    } catch (ConditionTimeoutException lost) {
      Optional<String> leaks = CountedBuffers.forget();
      throw new AssertionError("buffers were not released: " + leaks.orElse("late"), lost);
    }
  }
}
