package dev.dolmen.node.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.AllowList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of peers to which a closed network is open, kept as its files say. A file has one id of
 * 64 hex digits a line; empty lines and what follows a {@code #} do not count. Each second its own
 * thread reads the files again, and takes what has changed once it has found the same twice, so
 * that a file half written changes nothing. What it cannot use leaves the last good list in force,
 * with a warning: neither opens a slip of the pen the network, nor does it throw everybody out.
 */
public final class AllowedPeers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AllowedPeers.class);

  /** Between two looks at the files. */
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  /** Bytes of one file: room for more than 10,000 ids with names beside them. */
  static final int MAX_FILE_BYTES = 1024 * 1024;

  private static final long THREAD_END_SECONDS = 5;

  private final AllowRules rules;
  private final Duration interval;
  private final List<Source> sources;
  private final ScheduledThreadPoolExecutor looks;
  private ImmutableSet<PeerId> listed;
  private Consumer<AllowList> told = list -> {};

  /** One file, as it was last read and as it was last good. */
  private static final class Source {
    final Path file;
    byte[] taken;
    byte[] seen;
    ImmutableSet<PeerId> ids;
    @Nullable String complaint;

    Source(Path file) throws IOException {
      this.file = file;
      this.taken = read(file);
      this.seen = taken;
      this.ids = parse(file, taken);
    }
  }

  private AllowedPeers(AllowRules rules, String name, Duration interval) throws IOException {
    this.rules = rules;
    this.interval = interval;
    this.sources = new ArrayList<>();
    for (Path file : rules.files()) {
      try {
        sources.add(new Source(file));
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
    this.listed = all();
    this.looks =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "dolmen-allow-" + name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Reads the files for the first time.
   *
   * @param name of the node, for the thread's name
   * @throws IOException if one cannot be read or lists no id; the message says what to do
   */
  public static AllowedPeers open(AllowRules rules, String name) throws IOException {
    return open(rules, name, LOOK_INTERVAL);
  }

  static AllowedPeers open(AllowRules rules, String name, Duration interval) throws IOException {
    return new AllowedPeers(rules, name, interval);
  }

  /**
   * Tells somebody the list, at once and whenever it changes.
   *
   * @param listener called on the thread that reads the files, but for the first time
   */
  public void attach(Consumer<AllowList> listener) {
    if (rules.isOpen()) {
      return;
    }
    told = listener;
    listener.accept(AllowList.of(listed));
    log.info("closed to all but {} listed peers", listed.size());
    if (!sources.isEmpty()) {
      looks.scheduleWithFixedDelay(
          this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    try {
      sources.forEach(AllowedPeers::look);
      ImmutableSet<PeerId> now = all();
      if (!now.equals(listed)) {
        log.info(
            "closed to all but {} listed peers: {} more, {} no longer",
            now.size(),
            Sets.difference(now, listed).size(),
            Sets.difference(listed, now).size());
        listed = now;
        told.accept(AllowList.of(now));
      }
    } catch (RuntimeException e) {
      log.error("a bug in reading who is allowed; it is tried again", e);
    }
  }

  private static void look(Source source) {
    try {
      byte[] found = read(source.file);
      boolean isSettled = Arrays.equals(found, source.seen);
      source.seen = found;
      if (isSettled && (source.complaint != null || !Arrays.equals(found, source.taken))) {
        source.ids = parse(source.file, found);
        source.taken = found;
        source.complaint = null;
      }
    } catch (IOException | IllegalArgumentException e) {
      String complaint = String.valueOf(e.getMessage());
      if (!complaint.equals(source.complaint)) {
        source.complaint = complaint;
        log.warn("{}. The peers it listed before stay the ones that are allowed", complaint);
      }
    }
  }

  private ImmutableSet<PeerId> all() {
    ImmutableSet.Builder<PeerId> ids = ImmutableSet.builder();
    ids.addAll(rules.ids());
    sources.forEach(source -> ids.addAll(source.ids));
    return ids.build();
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new IOException(
            "the list of allowed peers "
                + file
                + " has more than "
                + MAX_FILE_BYTES
                + " bytes: one id a line is enough");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no list of allowed peers " + file + ": write it, one id a line", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          "the list of allowed peers " + file + " may not be read: give its owner the right to", e);
    }
  }

  /**
   * The ids in a file.
   *
   * @throws IllegalArgumentException if a line is anything else, or if there are none
   */
  static ImmutableSet<PeerId> parse(Path file, byte[] bytes) {
    ImmutableSet.Builder<PeerId> ids = ImmutableSet.builder();
    int number = 0;
    for (String line : text(file, bytes).lines().toList()) {
      number++;
      int comment = line.indexOf('#');
      String id = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (id.isEmpty()) {
        continue;
      }
      try {
        ids.add(PeerId.parse(id));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "line "
                + number
                + " of the list of allowed peers "
                + file
                + " is not a peer's id of 64 hex digits",
            e);
      }
    }
    ImmutableSet<PeerId> found = ids.build();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "the list of allowed peers "
              + file
              + " has no id in it; to let in nobody, write this node's own");
    }
    return found;
  }

  private static String text(Path file, byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the list of allowed peers " + file + " is not text", e);
    }
  }

  /** Reads no more and ends the thread. */
  @Override
  public void close() {
    looks.shutdownNow();
    boolean interrupted = false;
    try {
      if (!looks.awaitTermination(THREAD_END_SECONDS, TimeUnit.SECONDS)) {
        log.warn("a file of allowed peers is still being read");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
