package dev.dolmen.it.attack;

import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.Signature;
import dev.dolmen.network.RawPeer;
import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.PeerAddress;
import dev.dolmen.protocol.Peers;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Response;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** The scripts. Each goes on, link after link, until its time is up. */
final class Attacks {

  /** Between two offences of a kind that costs the link: enough of them, and time for others. */
  private static final Duration BETWEEN = Duration.ofMillis(250);

  private static final Duration TRICKLE = Duration.ofSeconds(1);
  private static final int SLOW_CONNECTIONS = 20;

  /** By when a node has closed a connection that has not said Hello, with a second to spare. */
  private static final Duration DEADLINE = Limits.HANDSHAKE_TIMEOUT.plusSeconds(1);

  /** What a slow connection is answered that was let live beyond that. */
  static final String PAST_DEADLINE = "stands past its deadline";

  private static final int IDLE_CONNECTIONS = 40;
  private static final int LINKS_UNDER_ONE_NAME = 5;

  /** Silent connections of a crowd that are open at a time, and the time between two. */
  private static final int CROWD = 200;

  /** 127.0.0.0, and how many addresses lead to this machine besides. */
  private static final int LOOPBACK = 0x7f000000;

  private static final int OTHER_ADDRESSES = (1 << 24) - 2;
  private static final Duration NEXT_OF_CROWD = Duration.ofMillis(1);
  private static final int MORE_LINKS_THAN_PLACES = 130;
  private static final int API_CLIENTS = 1_000;
  private static final int BOMB_BYTES = 1024 * 1024;
  private static final int BOMB_DEPTH = 10_000;
  private static final int GROUP_FIELD = 100;

  /** Questions on their way in a flood; with more than 32 unanswered a node closes the link. */
  private static final int UNANSWERED = 24;

  /** The same of questions for a thousand entries: more than 288 KiB may not wait. */
  private static final int LONG_UNANSWERED = 7;

  private Attacks() {}

  // Before there is a link.

  static void garbage(Attacker a) throws Exception {
    while (a.goesOn()) {
      try (RawPeer raw = RawPeer.plain(a.port())) {
        byte[] noise = a.noise(1_024);
        noise[0] = 0; // neither TLS nor HTTP
        raw.write(noise);
        a.tally().did("connections");
        raw.readToTheEnd();
        a.tally().answered("closed");
      }
      a.pause(BETWEEN);
    }
  }

  static void slowTcp(Attacker a) throws Exception {
    trickle(a, () -> RawPeer.plain(a.port()), new byte[] {22, 3, 1, 2, 0, 1, 0, 1, 0, 3, 3, 0, 0});
  }

  static void slowHello(Attacker a) throws Exception {
    trickle(a, a::tls, Attacker.frame(RawPeer.hello(a.network()).toByteArray()));
  }

  private interface Opening {
    RawPeer open() throws IOException, GeneralSecurityException;
  }

  private static void trickle(Attacker a, Opening opening, byte[] bytes) throws Exception {
    List<SlowPeer> open = new ArrayList<>();
    try {
      int sent = 0;
      while (a.goesOn()) {
        while (open.size() < SLOW_CONNECTIONS && sent < bytes.length) {
          try {
            open.add(new SlowPeer(opening.open()));
            a.tally().did("connections");
          } catch (IOException turnedAway) {
            a.tally().answered("turned away");
            break;
          }
        }
        byte[] next = {bytes[Math.min(sent++, bytes.length - 1)]};
        open.removeIf(peer -> !peer.goesOut(next, a));
        a.pause(TRICKLE);
      }
    } finally {
      for (SlowPeer slow : open) {
        slow.peer.close();
      }
    }
  }

  private static final class SlowPeer {
    private final RawPeer peer;
    private final long openSince = System.nanoTime();
    private boolean isPastDeadline;

    SlowPeer(RawPeer peer) {
      this.peer = peer;
    }

    /** Whether a byte could be written. The first one after the end still can. */
    boolean goesOut(byte[] bytes, Attacker a) {
      try {
        peer.write(bytes);
      } catch (IOException closed) {
        a.tally().answered("closed");
        return false;
      }
      if (isPastDeadline) {
        a.tally().answered(PAST_DEADLINE);
      }
      isPastDeadline = System.nanoTime() - openSince > DEADLINE.toNanos();
      return true;
    }
  }

  static void noCertificate(Attacker a) throws Exception {
    while (a.goesOn()) {
      try (RawPeer raw = RawPeer.tls(a.port(), Optional.empty())) {
        a.tally().did("connections");
        raw.send(RawPeer.hello(a.network()));
        raw.readToTheEnd();
      } catch (IOException refused) {
        // Where the refusal is noticed is for the two stacks to say.
      }
      a.tally().answered("closed");
      a.pause(BETWEEN);
    }
  }

  static void oldTls(Attacker a) throws Exception {
    while (a.goesOn()) {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      try (SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), a.port())) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.setSoTimeout((int) Attacker.PATIENCE.toMillis());
        a.tally().did("connections");
        socket.startHandshake();
        a.tally().answered("accepted");
      } catch (IOException refused) {
        a.tally().answered("closed");
      }
      a.pause(BETWEEN);
    }
  }

  static void connections(Attacker a) throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      while (a.goesOn()) {
        while (open.size() < IDLE_CONNECTIONS) {
          open.add(new Socket(InetAddress.getLoopbackAddress(), a.port()));
          a.tally().did("connections");
        }
        a.pause(TRICKLE);
        for (Socket socket : List.copyOf(open)) {
          if (isClosed(socket)) {
            a.tally().answered("closed");
            socket.close();
            open.remove(socket);
          }
        }
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  /** Comes from ever new addresses, each time with one connection more, which says nothing. */
  static void crowd(Attacker a) throws Exception {
    ArrayDeque<Socket> open = new ArrayDeque<>();
    try {
      while (a.goesOn()) {
        byte[] address = Ints.toByteArray(LOOPBACK + 1 + a.random().nextInt(OTHER_ADDRESSES));
        Socket socket = new Socket();
        open.addLast(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), a.port()));
        a.tally().did("connections");
        if (open.size() > CROWD) {
          try (Socket oldest = open.removeFirst()) {
            a.tally().answered(isClosed(oldest) ? "closed" : "the connection stands");
          }
        }
        a.pause(NEXT_OF_CROWD);
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  /** Links up under ever new names, and stays. */
  static void places(Attacker a) throws Exception {
    ArrayDeque<RawPeer> links = new ArrayDeque<>();
    try {
      while (a.goesOn()) {
        try {
          links.addLast(a.meet());
        } catch (IOException turnedAway) {
          a.tally().answered("turned away: " + turnedAway.getMessage());
          a.pause(BETWEEN);
        }
        if (links.size() > MORE_LINKS_THAN_PLACES) {
          links.removeFirst().close();
        }
      }
    } finally {
      for (RawPeer peer : links) {
        peer.close();
      }
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException silent) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  // Hellos.

  static void wrongNetwork(Attacker a) throws Exception {
    greet(a, RawPeer.hello(ByteString.copyFrom(a.noise(Limits.HASH_BYTES))));
  }

  static void wrongVersion(Attacker a) throws Exception {
    greet(
        a,
        Envelope.newBuilder()
            .setHello(Hello.newBuilder().setProtocolVersion(77).setNetwork(a.network()))
            .build());
  }

  static void noHello(Attacker a) throws Exception {
    greet(a, Wire.latestBlock(1));
  }

  private static void greet(Attacker a, Envelope first) throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.tls()) {
        peer.send(first);
        a.tally().did("connections");
        a.readToTheEnd(peer);
      }
      a.pause(BETWEEN);
    }
  }

  static void secondHello(Attacker a) throws Exception {
    offend(a, peer -> peer.send(RawPeer.hello(a.network())));
  }

  static void boasting(Attacker a) throws Exception {
    byte[] most = new byte[Limits.MAX_WORK_BYTES];
    java.util.Arrays.fill(most, (byte) 0xff);
    Envelope hello =
        Envelope.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setProtocolVersion(Limits.PROTOCOL_VERSION)
                    .setNetwork(a.network())
                    .setTipHeight(Long.MAX_VALUE)
                    .setTipWork(ByteString.copyFrom(most))
                    .setName("the tallest"))
            .build();
    while (a.goesOn()) {
      try (RawPeer peer = a.meet(a.identity(), hello)) {
        peer.patience(BETWEEN.multipliedBy(4));
        a.readToTheEnd(peer);
      }
    }
  }

  static void oneIdentity(Attacker a) throws Exception {
    NodeIdentity identity = a.identity();
    while (a.goesOn()) {
      List<RawPeer> links = new ArrayList<>();
      for (int i = 0; i < LINKS_UNDER_ONE_NAME; i++) {
        RawPeer peer = RawPeer.tls(a.port(), Optional.of(identity));
        peer.send(RawPeer.hello(a.network()));
        links.add(peer);
        a.tally().did("connections");
      }
      a.pause(BETWEEN.multipliedBy(4));
      for (RawPeer peer : links) {
        peer.patience(BETWEEN);
        a.readToTheEnd(peer);
        peer.close();
      }
    }
  }

  // One offence a link.

  private interface Offence {
    void commit(RawPeer peer) throws Exception;
  }

  /** Links up, offends, listens to what the node thinks of it; again and again. */
  private static void offend(Attacker a, Offence offence) throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.meet()) {
        try {
          offence.commit(peer);
        } catch (EOFException told) {
          a.pause(BETWEEN);
          continue; // the node was quicker
        }
        a.tally().did("offences");
        a.readToTheEnd(peer);
      }
      a.pause(BETWEEN);
    }
  }

  static void hugePrefix(Attacker a) throws Exception {
    offend(a, peer -> peer.write(new byte[] {-1, -1, -1, -1, 1, 2, 3}));
  }

  static void hugePrefixEarly(Attacker a) throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.tls()) {
        peer.write(new byte[] {-1, -1, -1, -1, 1, 2, 3});
        a.tally().did("offences");
        a.readToTheEnd(peer);
      }
      a.pause(BETWEEN);
    }
  }

  static void noise(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          byte[] noise = a.noise(500);
          noise[0] = 7; // a field 0 of a kind that does not exist
          peer.write(Attacker.frame(noise));
        });
  }

  static void bomb(Attacker a) throws Exception {
    byte[] parts = new byte[BOMB_BYTES];
    for (int i = 0; i < parts.length; i += 2) {
      parts[i] = 0x0a; // field 1, of no bytes
    }
    Envelope empty =
        Envelope.newBuilder()
            .setRequestId(1)
            .setResponse(
                Response.newBuilder()
                    .mergeFrom(
                        Response.newBuilder()
                            .setBlocks(dev.dolmen.protocol.Blocks.parseFrom(new byte[0]))
                            .build()))
            .build();
    byte[] groups = groups();
    while (a.goesOn()) {
      for (byte[] bomb : List.of(nested(empty, parts), groups)) {
        try (RawPeer peer = a.meet()) {
          peer.write(Attacker.frame(bomb));
          a.tally().did("bombs");
          peer.patience(BETWEEN.multipliedBy(8));
          a.readToTheEnd(peer);
        }
      }
      a.pause(BETWEEN);
    }
  }

  /** A response with blocks of which each is empty: two bytes that become an object. */
  private static byte[] nested(Envelope empty, byte[] parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    int inner = CodedOutputStream.computeByteArraySize(1, parts);
    out.writeUInt64(Envelope.REQUEST_ID_FIELD_NUMBER, empty.getRequestId());
    out.writeTag(Envelope.RESPONSE_FIELD_NUMBER, 2);
    out.writeUInt32NoTag(inner);
    out.writeByteArray(Response.BLOCKS_FIELD_NUMBER, parts);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] groups() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int i = 0; i < BOMB_DEPTH; i++) {
      out.writeTag(GROUP_FIELD, 3);
    }
    for (int i = 0; i < BOMB_DEPTH; i++) {
      out.writeTag(GROUP_FIELD, 4);
    }
    out.flush();
    return bytes.toByteArray();
  }

  static void noWork(Attacker a) throws Exception {
    offend(a, peer -> peer.send(announced(Blocks.childOf(a.tip(peer)).buildWithoutWork())));
  }

  static void wrongBits(Attacker a) throws Exception {
    offend(
        a, peer -> peer.send(announced(Blocks.childOf(a.tip(peer)).withBits(0x207ffffe).build())));
  }

  static void gap(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          List<Block> branch = Blocks.branch(Blocks.genesis(), 3, "gap " + a.random().nextInt());
          peer.send(announced(branch.get(2)));
          Envelope asked = a.await(peer, Envelope::hasGetHeaders);
          peer.send(
              Wire.headers(
                  asked.getRequestId(), List.of(branch.get(0).header(), branch.get(2).header())));
        });
  }

  static void invalidBlock(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          Block tip = a.tip(peer);
          Transaction late =
              Blocks.transaction("alice", "late " + a.random().nextInt(), tip.height());
          peer.send(announced(Blocks.childOf(tip).withTransactions(late).build()));
        });
  }

  /**
   * Announces a good block, and gives other entries than it has. The node cannot tell at first
   * whether the short names of two entries only happened to be the same, so it asks for the whole.
   */
  static void mutatedBody(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          Block tip = a.tip(peer);
          Transaction one =
              Blocks.transaction("alice", a.random().nextInt() + "", tip.height() + 9);
          Transaction other =
              Blocks.transaction("alice", a.random().nextInt() + "", tip.height() + 9);
          Block good = Blocks.childOf(tip).withTransactions(one).build();
          peer.send(Wire.newBlock(good, List.of()));
          Envelope asked =
              a.await(peer, message -> message.hasGetTransactions() || message.hasGetBlocks());
          Block mutated = Block.of(good.header(), List.of(other));
          peer.send(
              asked.hasGetBlocks()
                  ? Wire.blocks(asked.getRequestId(), List.of(mutated), false)
                  : Wire.transactions(asked.getRequestId(), List.of(other), false));
          peer.patience(BETWEEN.multipliedBy(4));
        });
  }

  static void unrequested(Attacker a) throws Exception {
    offend(a, peer -> peer.send(Wire.blocks(1_000_000, List.of(Blocks.genesis()), false)));
  }

  static void addressSpam(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          Peers.Builder addresses = Peers.newBuilder();
          for (int i = 0; i < Limits.MAX_ADDRESSES; i++) {
            // All of them lead back here: whoever believes them troubles nobody else.
            byte[] address = {127, (byte) a.random().nextInt(), (byte) (i >> 8), (byte) i};
            addresses.addPeers(
                PeerAddress.newBuilder()
                    .setAddress(ByteString.copyFrom(address))
                    .setPort(1 + a.random().nextInt(1_000)));
          }
          peer.send(
              Envelope.newBuilder()
                  .setRequestId(900_000)
                  .setResponse(Response.newBuilder().setPeers(addresses))
                  .build());
        });
  }

  static void forgedEntry(Attacker a) throws Exception {
    offend(
        a,
        peer -> {
          Transaction forged =
              Transaction.of(
                  Blocks.BOB.publicKey(),
                  a.tip(peer).height() + 50,
                  Bytes.wrap(a.noise(20)),
                  Signature.fromBytes(new byte[Limits.SIGNATURE_BYTES], 0));
          peer.send(Wire.newTransactions(List.of(forged.id())));
          Envelope asked = a.await(peer, Envelope::hasGetTransactions);
          peer.send(Wire.transactions(asked.getRequestId(), List.of(forged), false));
        });
  }

  static void tooManyIds(Attacker a) throws Exception {
    offend(a, peer -> peer.send(Wire.newTransactions(ids(a, Limits.MAX_INVENTORY + 1))));
  }

  // As fast as they go.

  /** Says the same kind of thing again and again, and does not listen. */
  private static void shout(Attacker a, LongFunction<Envelope> message) throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.meet()) {
        Thread listener = new Thread(() -> listen(a, peer), "listener");
        listener.setDaemon(true);
        listener.start();
        for (long i = 1; a.goesOn(); i++) {
          peer.send(message.apply(i));
          a.tally().did("messages");
        }
      } catch (IOException closed) {
        a.tally().answered("closed");
        a.pause(BETWEEN);
      }
    }
  }

  private static void listen(Attacker a, RawPeer peer) {
    try {
      while (true) {
        Envelope envelope = peer.read();
        a.tally().answered(Attacker.refusal(envelope).orElseGet(() -> Attacker.kind(envelope)));
      }
    } catch (IOException over) {
      // The link's end is counted by whoever writes.
    }
  }

  static void ids(Attacker a) throws Exception {
    shout(a, i -> Wire.newTransactions(ids(a, Limits.MAX_INVENTORY)));
  }

  static void withholding(Attacker a) throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.meet()) {
        long height = a.tip(peer).height();
        List<TransactionId> promised =
            IntStream.range(0, 100)
                .mapToObj(i -> Blocks.transaction("alice", a.random().nextInt() + "", height + 9))
                .map(Transaction::id)
                .toList();
        peer.send(Wire.newTransactions(promised));
        a.tally().did("entries announced", promised.size());
        while (a.goesOn()) {
          peer.patience(BETWEEN.multipliedBy(4));
          if (peer.read().hasGetTransactions()) {
            a.tally().answered("asks for entries");
          }
        }
      } catch (SocketTimeoutException quiet) {
        a.tally().answered("asks no more");
      }
    }
  }

  static void orphans(Attacker a) throws Exception {
    shout(
        a,
        i ->
            announced(
                Blocks.branch(Blocks.genesis(), 3, "orphan " + a.random().nextLong()).get(2)));
  }

  static void pings(Attacker a) throws Exception {
    ByteString tip = Wire.bytes(Blocks.genesis().hash().value());
    flood(
        a,
        i ->
            Envelope.newBuilder()
                .setRequestId(i)
                .setPing(Ping.newBuilder().setTipHash(tip))
                .build());
  }

  static void headers(Attacker a) throws Exception {
    Locator genesis = new Locator(List.of(Blocks.genesis().hash()));
    flood(a, i -> Wire.getHeaders(i, genesis, Limits.MAX_HEADERS_PER_MESSAGE));
  }

  static void blocks(Attacker a) throws Exception {
    Locator genesis = new Locator(List.of(Blocks.genesis().hash()));
    flood(a, i -> Wire.allBlocks(i, genesis));
  }

  static void entries(Attacker a) throws Exception {
    flood(a, LONG_UNANSWERED, i -> Wire.getTransactions(i, ids(a, Limits.MAX_INVENTORY)));
  }

  static void addresses(Attacker a) throws Exception {
    flood(
        a,
        i ->
            Envelope.newBuilder()
                .setRequestId(i)
                .setGetPeers(GetPeers.getDefaultInstance())
                .build());
  }

  /** Asks as much as a link allows, and reads each answer. */
  private static void flood(Attacker a, LongFunction<Envelope> question) throws Exception {
    flood(a, UNANSWERED, question);
  }

  private static void flood(Attacker a, int unanswered, LongFunction<Envelope> question)
      throws Exception {
    while (a.goesOn()) {
      try (RawPeer peer = a.meet()) {
        long asked = 0;
        long answered = 0;
        while (a.goesOn()) {
          while (asked - answered < unanswered) {
            peer.send(question.apply(++asked));
            a.tally().did("questions");
          }
          Envelope envelope = peer.read();
          a.tally().answered(Attacker.refusal(envelope).orElseGet(() -> Attacker.kind(envelope)));
          boolean last = envelope.hasPong() || !envelope.getResponse().getMore();
          answered += (envelope.hasResponse() || envelope.hasPong()) && last ? 1 : 0;
        }
      } catch (IOException closed) {
        a.tally().answered("closed");
        a.pause(BETWEEN);
      }
    }
  }

  static void neverReads(Attacker a) throws Exception {
    Locator genesis = new Locator(List.of(Blocks.genesis().hash()));
    while (a.goesOn()) {
      try (RawPeer peer = a.meet()) {
        for (int i = 1; i <= UNANSWERED; i++) {
          peer.send(Wire.allBlocks(i, genesis));
          a.tally().did("questions");
        }
        while (a.goesOn()) {
          a.pause(TRICKLE);
          peer.send(Wire.latestBlock(UNANSWERED + 1));
        }
      } catch (IOException closed) {
        a.tally().answered("closed");
      }
    }
  }

  // At the other door.

  static void apiClients(Attacker a) throws Exception {
    new ApiClients(a, a.api()).run(API_CLIENTS);
  }

  private static Envelope announced(Block block) {
    return Wire.newBlock(block, IntStream.range(0, block.transactions().size()).boxed().toList());
  }

  private static List<TransactionId> ids(Attacker a, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new TransactionId(
                    new Hash256(
                        a.random().nextLong(),
                        a.random().nextLong(),
                        a.random().nextLong(),
                        a.random().nextLong())))
        .toList();
  }
}
