package dev.dolmen.network;

import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A peer of our own making, on plain blocking sockets, that says whatever a test wants it to. */
public final class RawPeer implements AutoCloseable {

  private static final int READ_TIMEOUT_MILLIS = 10_000;
  private static final int SHORT_READ_TIMEOUT_MILLIS = 300;

  final Socket socket;
  final DataInputStream in;
  final DataOutputStream out;

  private RawPeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** Connects without TLS. */
  public static RawPeer plain(int port) throws IOException {
    return new RawPeer(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Connects with TLS; no Hello is said yet. */
  public static RawPeer tls(int port, Optional<NodeIdentity> identity)
      throws IOException, GeneralSecurityException {
    return tls(port, context(identity));
  }

  /** The same, with a context of the test's own. */
  public static RawPeer tls(int port, SSLContext context) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setEnabledProtocols(new String[] {"TLSv1.3"});
    socket.startHandshake();
    return new RawPeer(socket);
  }

  /** Connects and exchanges Hellos. */
  static RawPeer ready(int port, NodeIdentity identity)
      throws IOException, GeneralSecurityException {
    RawPeer peer = tls(port, Optional.of(identity));
    peer.send(hello(TestPeer.GENESIS));
    Envelope answer = peer.read();
    if (!answer.hasHello()) {
      throw new IOException("no Hello but " + answer);
    }
    return peer;
  }

  /** A Hello for the network of this genesis. */
  public static Envelope hello(ByteString genesis) {
    return Envelope.newBuilder()
        .setHello(
            Hello.newBuilder().setProtocolVersion(Limits.PROTOCOL_VERSION).setNetwork(genesis))
        .build();
  }

  /** Sends one envelope in a frame. */
  public void send(Envelope envelope) throws IOException {
    byte[] bytes = envelope.toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
  }

  /** Sends bytes as they are. */
  public void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** What the other side says, as bytes. */
  public DataInputStream in() {
    return in;
  }

  /** Waits no longer than this for a byte. */
  public void patience(Duration longest) throws IOException {
    socket.setSoTimeout((int) longest.toMillis());
  }

  /** The next envelope. */
  public Envelope read() throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return Envelope.parseFrom(bytes);
  }

  /** Whether the other side has closed the connection; one that says nothing is given a moment. */
  public boolean isAtEnd() {
    try {
      socket.setSoTimeout(SHORT_READ_TIMEOUT_MILLIS);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /** Reads until the other side has closed. */
  public void readToTheEnd() throws IOException {
    try {
      in.readAllBytes();
    } catch (SocketException | SSLException reset) {
      // a reset is an end too
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Shows this identity, or none. */
  public static SSLContext context(Optional<NodeIdentity> identity)
      throws GeneralSecurityException {
    return context(identity.isPresent() ? keyManagers(identity.get()) : new KeyManager[0]);
  }

  static SSLContext context(KeyManager[] keys) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys, new TrustManager[] {new TrustsEverybody()}, null);
    return context;
  }

  static KeyManager[] keyManagers(NodeIdentity identity) throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "key",
          identity.privateKey(),
          new char[0],
          new X509Certificate[] {identity.certificate()});
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, new char[0]);
      return factory.getKeyManagers();
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static final class TrustsEverybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
