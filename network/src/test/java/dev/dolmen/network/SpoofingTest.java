package dev.dolmen.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.WireFormat;
import dev.dolmen.network.Forgery.Keys;
import dev.dolmen.network.netty.SocketTransport;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who cannot prove an Ed25519 key in this very handshake is nobody: on both sides, over real TLS,
 * and before a Hello is said. The attacker is a plain Java TLS socket that says Hello all the same.
 */
@ExtendWith(NoLeaks.class)
class SpoofingTest {

  private static final Duration A_WHILE = Duration.ofSeconds(30);

  private final TestPeer alice = new TestPeer(1);
  private final TestPeer bob = new TestPeer(2);
  private final TestPeer mallory = new TestPeer(3);
  private PeerNetwork network;
  private int port;

  /** What somebody shows who is not whom he says, and with which version of TLS. */
  private record Trick(@Nullable Forgery shown, String protocol) {}

  @BeforeEach
  void start() throws IOException {
    network =
        new PeerNetwork(
            SocketTransport.create(alice.identity, ""),
            alice
                .options()
                .timeouts(
                    Timeouts.standard().withRedial(Duration.ofMillis(20), Duration.ofMillis(100)))
                .build());
    port = network.listen(HostAndPort.fromParts("127.0.0.1", 0)).getPort();
  }

  @AfterEach
  void stop() {
    network.close();
  }

  static Stream<Arguments> tricks() throws GeneralSecurityException {
    TestPeer bob = new TestPeer(2);
    TestPeer mallory = new TestPeer(3);
    return Stream.of(
        trick(
            "a certificate that names another's key",
            Forgery.otherKey(bob.identity, mallory.identity)),
        trick(
            "another's certificate without its key",
            Forgery.stolen(bob.identity, mallory.identity)),
        trick("a certificate that has expired", Forgery.expired(mallory.identity)),
        trick("a certificate that is not valid yet", Forgery.notYetValid(mallory.identity)),
        trick("no certificate", null),
        trick("a weak RSA key", Forgery.rsa(1_024)),
        trick("a good RSA key", Forgery.rsa(2_048)),
        trick("a key on P-256", Forgery.p256()),
        trick("an Ed448 key", Forgery.ed448()),
        Arguments.of("TLS 1.2", new Trick(Forgery.none(mallory.identity), "TLSv1.2")));
  }

  private static Arguments trick(String name, @Nullable Forgery shown) {
    return Arguments.of(name, new Trick(shown, "TLSv1.3"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tricks")
  void whoDialsWithATrickHearsNoHello(String name, Trick trick) throws Exception {
    SSLContext context = context(new Keys(trick.shown()));
    assertThat(heardAsClient(context, trick.protocol())).isZero();
    assertNobodyCame();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tricks")
  void whoIsDialledAndTriesATrickHearsNoHello(String name, Trick trick) throws Exception {
    try (Impostor impostor = new Impostor(context(new Keys(trick.shown())), trick.protocol())) {
      network.connect(PeerAddress.of("127.0.0.1", impostor.port()));
      await().atMost(A_WHILE).until(() -> impostor.tries() > 0 && !lastFailure().isEmpty());
      assertThat(impostor.heard()).isZero();
      assertNobodyCame();
    }
  }

  /** The same sockets with nothing forged: what they are refused for above is the trick alone. */
  @Test
  void whoTriesNoTrickHearsAHelloOnEitherSide() throws Exception {
    SSLContext context = context(new Keys(Forgery.none(mallory.identity)));
    assertThat(heardAsClient(context, "TLSv1.3")).isPositive();
    try (Impostor honest = new Impostor(context, "TLSv1.3")) {
      network.connect(PeerAddress.of("127.0.0.1", honest.port()));
      await().atMost(A_WHILE).until(() -> honest.heard() > 0);
    }
    await().atMost(A_WHILE).until(() -> alice.events(PeerEvent.Ready.class).size() > 0);
  }

  @Test
  void whoIsNotWhomTheDialWasPinnedToHearsNoHello() throws Exception {
    SSLContext context = context(new Keys(Forgery.none(mallory.identity)));
    try (Impostor impostor = new Impostor(context, "TLSv1.3")) {
      network.connect(PeerAddress.parse(bob.id() + "@127.0.0.1:" + impostor.port()));
      await().atMost(A_WHILE).until(() -> lastFailure().contains("NOT_ALLOWED"));
      assertThat(impostor.hellos()).isZero();
      assertNobodyCame();
    }
  }

  @Test
  void whoDialsAgainMayNotLeanOnTheSessionBefore() throws Exception {
    Keys keys = new Keys(Forgery.none(mallory.identity));
    SSLContext context = context(keys);
    assertThat(heardAsClient(context, "TLSv1.3")).isPositive();
    await().atMost(A_WHILE).until(() -> network.peers().isEmpty());
    int before = alice.events(PeerEvent.Ready.class).size();
    keys.show(null);
    assertThat(heardAsClient(context, "TLSv1.3")).isZero();
    keys.show(Forgery.stolen(mallory.identity, bob.identity));
    assertThat(heardAsClient(context, "TLSv1.3")).isZero();
    assertThat(alice.events(PeerEvent.Ready.class)).hasSize(before);
  }

  @Test
  void whoIsDialledAgainMayNotLeanOnTheSessionBefore() throws Exception {
    Keys keys = new Keys(Forgery.none(mallory.identity));
    try (Impostor impostor = new Impostor(context(keys), "TLSv1.3")) {
      network.connect(PeerAddress.of("127.0.0.1", impostor.port()));
      await().atMost(A_WHILE).until(() -> impostor.hellos() > 0);
      keys.show(Forgery.stolen(mallory.identity, bob.identity));
      int tries = impostor.tries();
      await().atMost(A_WHILE).until(() -> impostor.tries() > tries + 1);
      int hellos = impostor.hellos();
      await().atMost(A_WHILE).until(() -> impostor.tries() > tries + 3);
      assertThat(impostor.hellos()).isEqualTo(hellos);
    }
  }

  private void assertNobodyCame() {
    assertThat(alice.events).isEmpty();
    assertThat(network.peers()).isEmpty();
  }

  private String lastFailure() {
    return network.dials().stream().map(DialPolicy.Status::lastFailure).findFirst().orElse("");
  }

  private static SSLContext context(Keys keys) throws GeneralSecurityException {
    return RawPeer.context(new KeyManager[] {keys});
  }

  /** Dials, says Hello, and counts the bytes that are said to it. */
  private int heardAsClient(SSLContext context, String protocol) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setEnabledProtocols(new String[] {protocol});
      return converse(socket).length;
    }
  }

  /** Says Hello, and gives what is said to it until the end or for a moment. */
  private static byte[] converse(SSLSocket socket) throws IOException {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
    try {
      socket.startHandshake();
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] hello = RawPeer.hello(TestPeer.GENESIS).toByteArray();
      out.writeInt(hello.length);
      out.write(hello);
      out.flush();
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        heard.write(next);
        socket.setSoTimeout((int) Duration.ofMillis(200).toMillis());
      }
    } catch (IOException refused) {
      // the end, one way or another
    }
    return heard.toByteArray();
  }

  private static boolean beginsWithHello(byte[] heard) {
    return heard.length > Limits.FRAME_LENGTH_BYTES
        && heard[Limits.FRAME_LENGTH_BYTES]
            == (byte) ((Envelope.HELLO_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  /** Accepts whoever dials, shows what it has, and says Hello. */
  private static final class Impostor implements AutoCloseable {
    private final SSLServerSocket server;
    private final Thread thread;
    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicInteger hellos = new AtomicInteger();

    Impostor(SSLContext context, String protocol) throws IOException {
      server =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      server.setEnabledProtocols(new String[] {protocol});
      server.setNeedClientAuth(true);
      thread = new Thread(this::serve, "impostor");
      thread.start();
    }

    private void serve() {
      while (!server.isClosed()) {
        try (Socket socket = server.accept()) {
          byte[] said = converse((SSLSocket) socket);
          heard.addAndGet(said.length);
          hellos.addAndGet(beginsWithHello(said) ? 1 : 0);
          tries.incrementAndGet();
        } catch (IOException closed) {
          // the next one, or the end
        }
      }
    }

    int port() {
      return server.getLocalPort();
    }

    int tries() {
      return tries.get();
    }

    int heard() {
      return heard.get();
    }

    int hellos() {
      return hellos.get();
    }

    @Override
    public void close() throws IOException {
      server.close();
      Uninterruptibles.joinUninterruptibly(thread);
    }
  }
}
