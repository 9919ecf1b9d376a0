package dev.dolmen.it.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Clients of the API that all ask at once, each again as soon as it is answered; who is turned away
 * comes again. One thread does it all.
 */
final class ApiClients {

  private static final int MOST_AT_ONCE_BYTES = 16_384;
  private static final long LOOK_MILLIS = 100;
  private static final String PATH = "/v1/blocks/latest";

  private final Attacker attacker;
  private final InetSocketAddress api;
  private final byte[] question;

  ApiClients(Attacker attacker, HostAndPort api) {
    this.attacker = attacker;
    this.api = new InetSocketAddress(InetAddress.getLoopbackAddress(), api.getPort());
    this.question = ("GET " + PATH + " HTTP/1.1\r\nHost: " + api + "\r\n\r\n").getBytes(US_ASCII);
  }

  /** Goes on until the attacker's time is up. */
  void run(int count) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(MOST_AT_ONCE_BYTES);
    try (Selector selector = Selector.open()) {
      try {
        for (int i = 0; i < count; i++) {
          open(selector);
        }
        while (attacker.goesOn()) {
          selector.select(LOOK_MILLIS);
          for (SelectionKey key : selector.selectedKeys()) {
            SocketChannel channel = (SocketChannel) key.channel();
            if (!goesOn(key, channel, in)) {
              channel.close();
              attacker.tally().answered("closed");
              open(selector);
            }
          }
          selector.selectedKeys().clear();
        }
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    }
  }

  private void open(Selector selector) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_CONNECT);
    channel.connect(api);
    attacker.tally().did("connections");
  }

  /** Whether the connection still stands. */
  private boolean goesOn(SelectionKey key, SocketChannel channel, ByteBuffer in) {
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        ask(channel);
        return true;
      }
      in.clear();
      if (channel.read(in) < 0) {
        return false;
      }
      String answer = US_ASCII.decode(in.flip()).toString();
      attacker
          .tally()
          .answered(
              answer.startsWith("HTTP/1.1 200")
                  ? "answers"
                  : answer.startsWith("HTTP/1.1 503") ? "says that it is busy" : "more");
      if (answer.startsWith("HTTP/1.1 ")) {
        ask(channel);
      }
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  /** Small enough for an empty socket to take it all. */
  private void ask(SocketChannel channel) throws IOException {
    channel.write(ByteBuffer.wrap(question));
    attacker.tally().did("questions");
  }
}
