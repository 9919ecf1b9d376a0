package dev.dolmen.node.peers;

import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.Bans.Ban;
import dev.dolmen.network.peers.Bans.Subject;
import dev.dolmen.network.peers.Discovery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered of peers, in files of the data directory or, without one, in memory. Its own
 * thread makes every change and writes it; a change that was answered is on disk.
 */
public final class PeerRecords implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PeerRecords.class);

  static final String BANS_FILE = "bans";
  static final String ADDRESSES_FILE = "addresses";
  private static final String BANS_TITLE = "dolmen-bans 1";
  private static final String ADDRESSES_TITLE = "dolmen-addresses 1";

  /** All places of the address book at less than 200 bytes each. */
  private static final long MAX_ADDRESSES_FILE_BYTES = 16L * 1024 * 1024;

  /** {@value Bans#MAX_BANS} lines of at most so many bytes, and some room. */
  private static final long MAX_BANS_FILE_BYTES = Bans.MAX_BANS * 1_024L;

  /** Bytes of UTF-16 text of a ban's reason: one line on a screen. */
  public static final int MAX_REASON_CHARS = 200;

  /** Changes that may wait for the disk. */
  private static final int MAX_WAITING = 256;

  private static final long THREAD_END_SECONDS = 5;
  private static final String NEVER = "-";

  private final Optional<RecordFile> bansFile;
  private final Optional<RecordFile> addressesFile;
  private final Optional<Discovery.Saved> addresses;
  private final InstantSource clock;
  private final ThreadPoolExecutor writer;
  private volatile Bans bans;
  private volatile @Nullable PeerNetwork network;

  private PeerRecords(Optional<Path> directory, String name, InstantSource clock)
      throws IOException {
    this.clock = clock;
    this.bansFile =
        directory.map(at -> new RecordFile(at.resolve(BANS_FILE), BANS_TITLE, MAX_BANS_FILE_BYTES));
    this.bans =
        bansFile.isPresent()
            ? bansFile.get().read(lines -> parse(lines, clock.instant()), Bans.NONE)
            : Bans.NONE;
    this.addressesFile =
        directory.map(
            at ->
                new RecordFile(
                    at.resolve(ADDRESSES_FILE), ADDRESSES_TITLE, MAX_ADDRESSES_FILE_BYTES));
    this.addresses =
        addressesFile.isPresent()
            ? addressesFile
                .get()
                .read(lines -> Optional.of(Discovery.Saved.parse(lines)), Optional.empty())
            : Optional.empty();
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "dolmen-records-" + name);
              thread.setDaemon(true);
              return thread;
            });
    this.writer.allowCoreThreadTimeOut(true);
  }

  /**
   * Reads what there is.
   *
   * @param directory the data directory; empty to keep it in memory
   * @param name of the node, for the thread's name
   * @throws IOException if a file cannot be read; one that is damaged is set aside instead
   */
  public static PeerRecords open(Optional<Path> directory, String name, InstantSource clock)
      throws IOException {
    return new PeerRecords(directory, name, clock);
  }

  /** Tells this network from now on. */
  public void attach(PeerNetwork started) {
    network = started;
    started.ban(bans);
  }

  /** What was known of other peers when this node last ran. */
  public Optional<Discovery.Saved> addresses() {
    return addresses;
  }

  /** Writes what is known of other peers, in its own time. */
  public void keep(Discovery.Saved known) {
    addressesFile.ifPresent(
        file -> {
          try {
            writer.execute(() -> write(file, known));
          } catch (RejectedExecutionException busy) {
            log.debug("the disk is too slow to keep addresses of peers; the next time will do");
          }
        });
  }

  /** Not worth stopping a node for: it would find its peers again. */
  private static void write(RecordFile file, Discovery.Saved known) {
    try {
      file.write(known.toText());
    } catch (IOException e) {
      log.warn("cannot keep the addresses of peers: {}", e.getMessage());
    }
  }

  /** The bans that hold, in the order in which they were decided. */
  public List<Ban> bans() {
    return bans.holding(clock.instant());
  }

  /**
   * Bans somebody, in place of an older ban of the same.
   *
   * @param until empty if only by hand
   * @return the ban, once it is on disk; empty if there are {@value Bans#MAX_BANS} already
   */
  public CompletableFuture<Optional<Ban>> ban(
      Subject subject, Optional<Instant> until, String reason) {
    return change(
        () -> {
          Instant now = clock.instant();
          Ban ban = new Ban(subject, now, until, reason);
          if (bans.find(subject, now).isEmpty() && bans.holding(now).size() >= Bans.MAX_BANS) {
            return Optional.empty();
          }
          keep(bans.with(ban, now));
          return Optional.of(ban);
        });
  }

  /**
   * Ends a ban.
   *
   * @return whether there was one, once that is on disk
   */
  public CompletableFuture<Boolean> unban(Subject subject) {
    return change(
        () -> {
          Instant now = clock.instant();
          boolean there = bans.find(subject, now).isPresent();
          if (there) {
            keep(bans.without(subject, now));
          }
          return there;
        });
  }

  private <T> CompletableFuture<T> change(Supplier<T> change) {
    try {
      return CompletableFuture.supplyAsync(change, writer);
    } catch (RejectedExecutionException busy) {
      return CompletableFuture.failedFuture(busy);
    }
  }

  /** In force first: a full disk must not keep out the ban of an attacker. */
  private void keep(Bans changed) {
    bans = changed;
    PeerNetwork told = network;
    if (told != null) {
      told.ban(changed);
    }
    if (bansFile.isPresent()) {
      try {
        bansFile.get().write(format(changed, clock.instant()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static List<String> format(Bans bans, Instant now) {
    return bans.holding(now).stream()
        .map(
            ban ->
                String.join(
                    " ",
                    ban.subject().toString(),
                    Long.toString(ban.since().toEpochMilli()),
                    ban.until().map(until -> Long.toString(until.toEpochMilli())).orElse(NEVER),
                    ban.reason()))
        .toList();
  }

  private static Bans parse(List<String> lines, Instant now) {
    Bans bans = Bans.NONE;
    for (String line : lines) {
      String[] parts = line.split(" ", 4);
      if (parts.length != 4) {
        throw new IllegalArgumentException("'" + line + "' is no ban");
      }
      Optional<Instant> until =
          parts[2].equals(NEVER)
              ? Optional.empty()
              : Optional.of(Instant.ofEpochMilli(Long.parseLong(parts[2])));
      bans =
          bans.with(
              new Ban(
                  Subject.parse(parts[0]),
                  Instant.ofEpochMilli(Long.parseLong(parts[1])),
                  until,
                  parts[3]),
              now);
    }
    return bans;
  }

  /** Finishes what is being written and ends the thread. */
  @Override
  public void close() {
    writer.shutdown();
    boolean interrupted = false;
    try {
      if (!writer.awaitTermination(THREAD_END_SECONDS, TimeUnit.SECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
