package dev.dolmen.benchmarks.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks one thing again and again over so many connections from one thread, the next question when
 * the answer is there. It reads no more of an answer than its length and its status.
 */
final class HttpLoad {

  private static final int MOST_ANSWER_BYTES = 1 << 16;
  private static final String END_OF_HEADER = "\r\n\r\n";
  private static final String LENGTH = "content-length: ";
  private static final String OK = "HTTP/1.1 200";
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long LOOK_MILLIS = 100;

  /**
   * What came of it.
   *
   * @param perSecond answered questions
   * @param millis from each question to the end of its answer
   */
  record Result(double perSecond, Samples millis) {}

  private static final class Connection {
    final ByteBuffer in = ByteBuffer.allocate(MOST_ANSWER_BYTES);
    long asked;
  }

  private final int port;
  private final byte[] question;

  HttpLoad(int port, String path) {
    this.port = port;
    this.question =
        ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n").getBytes(US_ASCII);
  }

  /**
   * Asks for so long.
   *
   * @param warmup before the time that counts
   */
  Result run(int connections, Duration warmup, Duration counted) throws IOException {
    List<SocketChannel> channels = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        SocketChannel channel =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channels.add(channel);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        Connection connection = new Connection();
        channel.register(selector, SelectionKey.OP_READ, connection);
        ask(channel, connection);
      }
      return run(selector, System.nanoTime() + warmup.toNanos(), counted);
    } finally {
      for (SocketChannel channel : channels) {
        channel.close();
      }
    }
  }

  private Result run(Selector selector, long from, Duration counted) throws IOException {
    long to = from + counted.toNanos();
    List<Double> millis = new ArrayList<>();
    while (System.nanoTime() - to < 0) {
      selector.select(LOOK_MILLIS);
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        if (channel.read(connection.in) < 0) {
          throw new EOFException("the API has closed a connection");
        }
        if (isComplete(connection.in)) {
          long now = System.nanoTime();
          if (connection.asked - from >= 0) {
            millis.add((now - connection.asked) / NANOS_PER_MILLI);
          }
          connection.in.clear();
          ask(channel, connection);
        }
      }
      selector.selectedKeys().clear();
    }
    return new Result(millis.size() * NANOS_PER_SECOND / counted.toNanos(), new Samples(millis));
  }

  private void ask(SocketChannel channel, Connection connection) throws IOException {
    connection.asked = System.nanoTime();
    ByteBuffer out = ByteBuffer.wrap(question);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  private static boolean isComplete(ByteBuffer in) throws IOException {
    String soFar = US_ASCII.decode(in.duplicate().flip()).toString();
    int header = soFar.indexOf(END_OF_HEADER);
    if (header < 0) {
      return false;
    }
    if (!soFar.startsWith(OK)) {
      throw new IOException("the API answered " + soFar.substring(0, header));
    }
    int length = soFar.indexOf(LENGTH);
    int body =
        Integer.parseInt(
            soFar.substring(length + LENGTH.length(), soFar.indexOf('\r', length)).trim());
    return in.position() >= header + END_OF_HEADER.length() + body;
  }
}
