package dev.dolmen.benchmarks.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Answers whatever it is asked with the same bytes, from one thread: the least that a server on
 * this machine can do, beside which the API stands. Each question comes in one read.
 */
final class BareHttpServer implements AutoCloseable {

  private static final int MOST_QUESTION_BYTES = 4_096;

  private final ServerSocketChannel entrance;
  private final Selector selector;
  private final byte[] answer;

  /**
   * Serves until it is closed.
   *
   * @param bodyBytes of each answer
   */
  BareHttpServer(int bodyBytes) throws IOException {
    String header = "HTTP/1.1 200 OK\r\ncontent-length: " + bodyBytes + "\r\n\r\n";
    answer = (header + " ".repeat(bodyBytes)).getBytes(US_ASCII);
    selector = Selector.open();
    entrance = ServerSocketChannel.open();
    entrance.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    entrance.configureBlocking(false);
    entrance.register(selector, SelectionKey.OP_ACCEPT);
    Thread server = new Thread(this::serve, "bare-http-server");
    server.setDaemon(true);
    server.start();
  }

  int port() {
    return entrance.socket().getLocalPort();
  }

  private void serve() {
    ByteBuffer in = ByteBuffer.allocate(MOST_QUESTION_BYTES);
    try {
      while (entrance.isOpen()) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isValid() && key.isAcceptable()) {
            SocketChannel channel = entrance.accept();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
          } else if (key.isValid() && key.isReadable()) {
            answer((SocketChannel) key.channel(), in);
          }
        }
        selector.selectedKeys().clear();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(SocketChannel channel, ByteBuffer in) throws IOException {
    in.clear();
    if (channel.read(in) < 0) {
      channel.close();
      return;
    }
    ByteBuffer out = ByteBuffer.wrap(answer);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    selector.wakeup();
  }
}
