package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkState;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Follows the event stream of a node's API and notes when each new tip was told. It reads a plain
 * socket, so that next to nothing lies between the node's word and the note.
 */
final class TipWatch implements AutoCloseable {

  private static final String DATA = "data:";

  /**
   * A tip as it was told.
   *
   * @param nanos on the clock of {@link System#nanoTime}
   */
  record Tip(long height, String hash, long nanos) {}

  private final Socket socket;
  private final List<Tip> tips = new ArrayList<>();
  private @Nullable String ended;

  /** Listens from now on. */
  TipWatch(NodeProcess node) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), node.apiPort());
    socket.setTcpNoDelay(true);
    socket
        .getOutputStream()
        .write(
            ("GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:"
                    + node.apiPort()
                    + "\r\nAccept: text/event-stream\r\n\r\n")
                .getBytes(US_ASCII));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    String first = lines.readLine();
    checkState(first != null && first.contains(" 200 "), "no events but %s", first);
    // The stream opens at once with a comment line; what comes after it is not missed.
    for (String line = first; line != null && !line.startsWith(":"); line = lines.readLine()) {}
    Thread reader = new Thread(() -> read(lines), "tip-watch");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(BufferedReader lines) {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        long now = System.nanoTime();
        if (line.startsWith(DATA)) {
          note(JsonParser.parseString(line.substring(DATA.length())).getAsJsonObject(), now);
        }
      }
    } catch (IOException failed) {
      end(failed.toString()); // Of interest only where somebody still waits.
    }
    end("the node ended the stream");
  }

  private synchronized void end(String why) {
    if (ended == null) {
      ended = why;
      notifyAll();
    }
  }

  private synchronized void note(JsonObject event, long now) {
    if (event.has("height") && event.has("hash")) {
      tips.add(new Tip(event.get("height").getAsLong(), event.get("hash").getAsString(), now));
      notifyAll();
    }
  }

  /** Waits for the first tip of at least this height. */
  Tip awaitHeight(long height, Duration patience) throws InterruptedException {
    return await(tip -> tip.height() >= height, patience);
  }

  /** Waits for this tip. */
  Tip awaitTip(String hash, Duration patience) throws InterruptedException {
    return await(tip -> tip.hash().equals(hash), patience);
  }

  private synchronized Tip await(Predicate<Tip> wanted, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    int looked = 0;
    while (true) {
      for (; looked < tips.size(); looked++) {
        if (wanted.test(tips.get(looked))) {
          return tips.get(looked);
        }
      }
      long left = deadline - System.nanoTime();
      checkState(left > 0 && ended == null, "no tip came (%s); last were %s", ended, tips);
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** The greatest height told so far. */
  synchronized long highest() {
    return tips.isEmpty() ? 0 : tips.get(tips.size() - 1).height();
  }

  /** All tips so far. */
  synchronized List<Tip> tips() {
    return List.copyOf(tips);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
