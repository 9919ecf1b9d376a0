package dev.dolmen.network;

import io.netty.util.LeakPresenceDetector;
import java.util.Optional;

/**
 * Counts the buffers that were made and not yet released, all of them, in this JVM. Netty makes one
 * for each kind of buffer where {@code -Dio.netty.customResourceLeakDetector} names this class.
 */
public final class CountedBuffers<T> extends LeakPresenceDetector<T> {

  private static volatile ResourceScope counted = new ResourceScope("tests");

  /** Called by name. */
  public CountedBuffers(Class<?> kind, int unused) {
    super(kind);
  }

  /** Called by name. */
  public CountedBuffers(Class<?> kind, int unused, long unusedToo) {
    super(kind);
  }

  @Override
  protected ResourceScope currentScope() {
    return counted;
  }

  /** Whether some were not released. */
  static boolean areThere() {
    return counted.hasOpenResources();
  }

  /** What is known of those that were not released, after which they are forgotten. */
  static Optional<String> forget() {
    try {
      check();
      return Optional.empty();
    } catch (IllegalStateException leak) {
      return Optional.of(String.valueOf(leak.getMessage()));
    } finally {
      // The old one stays open: whoever releases late is not troubled.
      counted = new ResourceScope("tests");
    }
  }
}
