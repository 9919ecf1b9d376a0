package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import com.google.common.base.Ascii;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What fails every test that loses a buffer or blocks an event loop does so. */
class WatchdogsTest {

  private static final AtomicInteger NAMES = new AtomicInteger();

  private static @Nullable ByteBuf lost;

  @AfterEach
  void releaseWhatWasLost() {
    if (lost != null) {
      lost.release();
      lost = null;
    }
  }

  private static EngineExecutionResults run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(tests))
        .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
        .configurationParameter(NoLeaks.PATIENCE, "20")
        .execute();
  }

  private static void failsWith(Class<?> tests, String message) {
    run(tests)
        .testEvents()
        .assertThatEvents()
        .haveExactly(1, finishedWithFailure(message(text -> text.startsWith(message))));
  }

  static class LosesAPooledBuffer {
    @Test
    void once() {
      lost = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    }
  }

  static class LosesAnUnpooledBuffer {
    @Test
    void once() {
      lost = UnpooledByteBufAllocator.DEFAULT.buffer(16);
    }
  }

  static class ReleasesLater {
    @Test
    void aBuffer() {
      lost = PooledByteBufAllocator.DEFAULT.buffer(16);
    }

    @AfterEach
    void release() {
      if (lost != null) {
        lost.release();
        lost = null;
      }
    }
  }

  @Test
  void aBufferThatNobodyReleasesFailsItsTest() {
    failsWith(LosesAPooledBuffer.class, "buffers were not released");
  }

  @Test
  void soDoesOneThatIsNotPooled() {
    failsWith(LosesAnUnpooledBuffer.class, "buffers were not released");
  }

  @Test
  void oneThatTheTestsOwnEndReleasesDoesNot() {
    run(ReleasesLater.class).testEvents().assertStatistics(all -> all.succeeded(1).failed(0));
  }

  /** What no event loop may do. */
  enum Wait {
    SLEEP {
      @Override
      void happen() throws Exception {
        Thread.sleep(1);
      }
    },
    LATCH {
      @Override
      void happen() throws Exception {
        new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
      }
    },
    MONITOR {
      @SuppressWarnings("WaitNotInLoop") // nothing is waited for but the time
      @Override
      void happen() throws Exception {
        synchronized (this) {
          wait(1);
        }
      }
    },
    FILE_STREAM {
      @Override
      void happen() throws Exception {
        try (InputStream file = new FileInputStream(existing().toFile())) {
          file.read();
        }
      }
    },
    FILE_CHANNEL {
      @Override
      void happen() throws Exception {
        Files.readAllBytes(existing());
      }
    },
    SYNC {
      @Override
      void happen() throws Exception {
        try (FileChannel file = FileChannel.open(existing(), StandardOpenOption.WRITE)) {
          file.write(ByteBuffer.allocate(1));
          file.force(true);
        }
      }
    },
    SOCKET {
      @Override
      void happen() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
          socket.setSoTimeout(1);
        }
      }
    },
    NAME {
      @Override
      void happen() throws Exception {
        InetAddress.getByName(notAskedBefore());
      }
    };

    abstract void happen() throws Exception;

    /** Answers are remembered for a while by how the name is written. */
    private static String notAskedBefore() {
      StringBuilder name = new StringBuilder("localhost");
      int number = NAMES.incrementAndGet();
      for (int i = 0; i < name.length(); i++) {
        if ((number >> i & 1) == 1) {
          name.setCharAt(i, Ascii.toUpperCase(name.charAt(i)));
        }
      }
      return name.toString();
    }

    private static Path existing() {
      if (file == null) {
        throw new IllegalStateException("no file was made");
      }
      return file;
    }
  }

  private static @Nullable Path file;
  private static Wait wait = Wait.SLEEP;
  private static String thread = "";

  static class Waits {
    @Test
    void once() throws Exception {
      DefaultEventExecutor loop = new DefaultEventExecutor(new DefaultThreadFactory(thread));
      try {
        loop.submit(
                () -> {
                  wait.happen();
                  return wait;
                })
            .get();
      } finally {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).get();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Wait.class)
  void anEventLoopThatWaitsFailsTheTest(Wait how, @TempDir Path directory) throws IOException {
    file = Files.write(directory.resolve("file"), new byte[] {1});
    wait = how;
    thread = "dolmen-peers-planted";

    failsWith(Waits.class, "an event loop was blocked");
  }

  @ParameterizedTest
  @EnumSource(Wait.class)
  void anyOtherThreadMayWait(Wait how, @TempDir Path directory) throws IOException {
    file = Files.write(directory.resolve("file"), new byte[] {1});
    wait = how;
    thread = "dolmen-node-planted";

    assertThat(run(Waits.class).testEvents().failed().count()).isZero();
  }
}
