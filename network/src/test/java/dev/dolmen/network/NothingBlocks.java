package dev.dolmen.network;

import com.google.common.base.Splitter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;

/**
 * Fails a test while which an event loop, of the peers' links or of the API, was blocked: by a
 * sleep, a lock that is waited for, a socket or file that is read or written, a name that is looked
 * up, the store, or a signature that is checked there. What is blocked goes on, so that nothing
 * else fails in its place.
 *
 * <p>Registered for every test of a module that has it on its class path. The JVM must allow it:
 * {@code -XX:+AllowRedefinitionToAddDeleteMethods}.
 */
public final class NothingBlocks implements AfterEachCallback, AfterAllCallback {

  /** More kinds than this are not told apart; the first ones say enough. */
  private static final int MOST_KINDS = 20;

  private static final int FRAMES = 40;

  /** What was called, and where it was first seen. */
  private static final Map<String, String> FOUND = new ConcurrentHashMap<>();

  /** What waits for a disk or a name server, or takes too long, beyond what BlockHound knows. */
  private static final List<String> MORE =
      List.of(
          "sun.nio.ch.FileChannelImpl read (Ljava/nio/ByteBuffer;)I",
          "sun.nio.ch.FileChannelImpl write (Ljava/nio/ByteBuffer;)I",
          "sun.nio.ch.FileChannelImpl force (Z)V",
          "java.net.Inet4AddressImpl lookupAllHostAddr (Ljava/lang/String;)[Ljava/net/InetAddress;",
          "java.net.Inet6AddressImpl lookupAllHostAddr (Ljava/lang/String;)[Ljava/net/InetAddress;",
          "java.net.Inet6AddressImpl lookupAllHostAddr"
              + " (Ljava/lang/String;I)[Ljava/net/InetAddress;",
          "org.rocksdb.RocksDB get (Lorg/rocksdb/ColumnFamilyHandle;[B)[B",
          "org.rocksdb.RocksDB get"
              + " (Lorg/rocksdb/ColumnFamilyHandle;Lorg/rocksdb/ReadOptions;[B)[B",
          "org.rocksdb.RocksDB newIterator"
              + " (Lorg/rocksdb/ColumnFamilyHandle;Lorg/rocksdb/ReadOptions;)"
              + "Lorg/rocksdb/RocksIterator;",
          "org.rocksdb.RocksDB write (Lorg/rocksdb/WriteOptions;Lorg/rocksdb/WriteBatch;)V",
          "org.rocksdb.RocksDB flushWal (Z)V",
          "dev.dolmen.core.signature.Ed25519 verify"
              + " (Ldev/dolmen/core/signature/PublicKey;[BLdev/dolmen/core/signature/Signature;)Z");

  static {
    BlockHound.Builder hound = BlockHound.builder();
    for (String method : MORE) {
      List<String> words = Splitter.on(' ').splitToList(method);
      hound.markAsBlocking(words.get(0), words.get(1), words.get(2));
    }
    hound
        .loadIntegrations() // what Netty knows of itself
        .nonBlockingThreadPredicate(others -> NothingBlocks::isEventLoop)
        // /dev/urandom is a file that never keeps one waiting.
        .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
        // What is handed to another thread passes a lock that is held for a few instructions.
        .allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer")
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "execute")
        // So does the end of a pool, which waits for none of its threads.
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "shutdownNow")
        // A class is read once, when it is first needed.
        .allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
        .blockingMethodCallback(NothingBlocks::blocked)
        .install();
  }

  private static boolean isEventLoop(Thread thread) {
    return thread.getName().startsWith("dolmen-peers")
        || thread.getName().startsWith("vert.x-eventloop-thread");
  }

  private static void blocked(BlockingMethod method) {
    if (FOUND.size() < MOST_KINDS) {
      FOUND.computeIfAbsent(
          method + " on " + Thread.currentThread().getName(), unused -> whereWeAre());
    }
  }

  private static String whereWeAre() {
    return Arrays.stream(new Throwable().getStackTrace())
        .filter(frame -> !frame.getClassName().startsWith("reactor.blockhound"))
        .limit(FRAMES)
        .map(frame -> "\n    at " + frame)
        .collect(Collectors.joining());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  private static void check() {
    Optional<Map.Entry<String, String>> first = FOUND.entrySet().stream().findFirst();
    if (first.isPresent()) {
      String all = FOUND.toString();
      FOUND.clear();
      throw new AssertionError("an event loop was blocked: " + all);
    }
  }
}
