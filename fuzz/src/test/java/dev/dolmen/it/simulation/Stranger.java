package dev.dolmen.it.simulation;

import com.google.common.net.HostAndPort;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.fuzz.Mutator;
import dev.dolmen.fuzz.Samples;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.netty.InMemoryTransport;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.PeerAddress;
import dev.dolmen.protocol.Peers;
import dev.dolmen.protocol.Pong;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A host on which nothing of Dolmen's runs: it says what it is told to, byte by byte, on any number
 * of links, and hears what it is asked. What it does with questions is its manner.
 */
final class Stranger {

  /** What becomes of a question. */
  enum Manner {
    /** It waits until a step answers it. */
    WAITS,
    /** It is answered at once, from the stranger's branch. */
    SERVES,
    /** The same, block by block. */
    TRICKLES,
    /** The same, but every third answer is not quite right. */
    GARBLES,
    /** The same, but nothing is in it. */
    GIVES_NOTHING,
    /** It is refused. */
    REFUSES,
    /** Nothing, not even to pings. */
    IGNORES
  }

  private static final List<Manner> MANNERS = List.of(Manner.values());

  /** Questions that wait; older ones are forgotten. */
  private static final int MOST_QUESTIONS = 64;

  private static final int GARBLED = 3;

  /** Each is at home in a network of its own. */
  static final int FIRST_NETWORK = 30;

  private final Simulation simulation;
  private final String name;
  private final Quarry quarry;
  private final int number;
  private final Deque<Envelope> questions = new ArrayDeque<>();
  private final List<Channel> lines = new ArrayList<>();
  private InMemoryTransport host;
  private @Nullable Channel line;
  private Manner manner = Manner.WAITS;
  private Block end = Blocks.genesis();
  private Envelope greeting = Samples.hello();
  private byte[] lastFrame = {};
  private byte[] owed = {};
  private long lastAnswered;
  private int answers;
  private int lives;

  Stranger(Simulation simulation, int number, Quarry quarry) {
    this.simulation = simulation;
    this.number = number;
    this.name = FIRST_NETWORK + number + ".0.0.1";
    this.quarry = quarry;
    this.host = begin();
  }

  /** Comes to the wire under a key of its own. */
  private InMemoryTransport begin() {
    byte[] key = new byte[Limits.KEY_BYTES];
    key[0] = (byte) number;
    key[1] = (byte) ++lives;
    InMemoryTransport begun = simulation.wire().host(name, PeerId.of(key));
    try {
      begun.listen(HostAndPort.fromParts(name, SimulatedNode.PORT), this::install);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return begun;
  }

  /** Is gone at once, with all its links, and comes back as somebody else. */
  void becomesAnother() {
    leave();
    host = begin();
  }

  /** Is gone at once, with all its links. */
  void leave() {
    host.kill();
    lines.clear();
    line = null;
    questions.clear();
    owed = new byte[0];
  }

  String name() {
    return name;
  }

  /** The block that it says is its tip. */
  Block end() {
    return end;
  }

  /** From now on. */
  void behaves(int number, Block newEnd) {
    manner = MANNERS.get(number % MANNERS.size());
    end = newEnd;
  }

  /** What it says first on each new link; nothing if it is empty. */
  void greets(Envelope with) {
    greeting = with;
  }

  void dial(SimulatedNode node) {
    host.dial(
        dev.dolmen.network.peers.PeerAddress.of(node.name(), SimulatedNode.PORT), this::install);
  }

  private void install(Channel channel) {
    channel.pipeline().addLast(new Ear());
    channel.config().setAutoRead(true);
    lines.add(channel);
    line = channel;
    if (!greeting.equals(Envelope.getDefaultInstance())) {
      write(channel, frame(greeting.toByteArray()));
    }
  }

  /** Closes its newest link; the one before it is the newest then. */
  void hangUp() {
    Channel closed = line;
    if (closed != null) {
      lines.remove(closed);
      line = lines.isEmpty() ? null : lines.get(lines.size() - 1);
      closed.close();
    }
  }

  /** Reads no more on its newest link, or does so again. */
  void listens(boolean reads) {
    Channel current = line;
    if (current != null) {
      current.config().setAutoRead(reads);
    }
  }

  // Saying.

  void say(Envelope envelope) {
    sayInFrame(envelope.toByteArray());
  }

  void sayInFrame(byte[] message) {
    lastFrame = frame(message);
    sayBytes(lastFrame);
  }

  void repeat() {
    sayBytes(lastFrame);
  }

  /** What it said last, not quite as it was; the seed says how. */
  void garbleLast(int seed) {
    if (lastFrame.length > Limits.FRAME_LENGTH_BYTES) {
      sayInFrame(garble(inside(lastFrame), seed));
    }
  }

  /** Half of a message; the rest comes before whatever it says next. */
  void sayHalf(Envelope envelope) {
    byte[] frame = frame(envelope.toByteArray());
    int half = frame.length / 2;
    byte[] rest = Arrays.copyOfRange(frame, half, frame.length);
    sayBytes(Arrays.copyOf(frame, half));
    owed = rest;
  }

  /** Whatever this is. */
  void sayBytes(byte[] bytes) {
    Channel current = line;
    if (current != null) {
      byte[] all = Bytes.concat(owed, bytes);
      owed = new byte[0];
      write(current, all);
    }
  }

  static byte[] garble(byte[] message, int seed) {
    return new Mutator(seed).message(message, Samples.BLOCK.toBytes());
  }

  private static byte[] inside(byte[] frame) {
    return Arrays.copyOfRange(frame, Limits.FRAME_LENGTH_BYTES, frame.length);
  }

  private static byte[] frame(byte[] message) {
    return Bytes.concat(Ints.toByteArray(message.length), message);
  }

  private static void write(Channel to, byte[] bytes) {
    to.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  // Answering.

  /** Answers the oldest question that waits, in another manner than its own. */
  void answer(int number, Block about) {
    Envelope question = questions.poll();
    if (question != null) {
      Block own = end;
      end = about;
      answer(question, MANNERS.get(number % MANNERS.size()));
      end = own;
    }
  }

  /** Answers with the id of the oldest question that waits, or of the last one answered. */
  void answerWith(Envelope any, boolean again) {
    Envelope question = again ? null : questions.poll();
    long id = question == null ? lastAnswered : question.getRequestId();
    say(any.toBuilder().setRequestId(id).build());
  }

  private void hear(Envelope envelope) {
    switch (envelope.getBodyCase()) {
      case PING -> {
        if (manner != Manner.IGNORES) {
          say(
              Envelope.newBuilder()
                  .setRequestId(envelope.getRequestId())
                  .setPong(Pong.newBuilder().setTipHash(Wire.bytes(end.hash().value())))
                  .build());
        }
      }
      case LATEST_BLOCK, ALL_BLOCKS, GET_HEADERS, GET_BLOCKS, GET_TRANSACTIONS, GET_PEERS ->
          answer(envelope, manner);
      case HELLO, PONG, RESPONSE, NEW_BLOCK, NEW_TRANSACTIONS, BODY_NOT_SET -> {}
    }
  }

  private void answer(Envelope question, Manner how) {
    long id = question.getRequestId();
    lastAnswered = id;
    switch (how) {
      case WAITS -> {
        if (questions.size() == MOST_QUESTIONS) {
          questions.remove();
        }
        questions.add(question);
      }
      case SERVES -> say(rightAnswer(question));
      case TRICKLES -> {
        List<Block> asked = asked(question);
        for (int i = 0; i < asked.size(); i++) {
          say(Wire.blocks(id, asked.subList(i, i + 1), i + 1 < asked.size()));
        }
        if (asked.isEmpty()) {
          say(rightAnswer(question));
        }
      }
      case GARBLES -> {
        byte[] right = rightAnswer(question).toByteArray();
        sayInFrame(++answers % GARBLED == 0 ? garble(right, answers) : right);
      }
      case GIVES_NOTHING ->
          say(
              question.hasGetHeaders()
                  ? Wire.headers(id, List.of())
                  : question.hasGetTransactions()
                      ? Wire.transactions(id, List.of(), false)
                      : Wire.blocks(id, List.of(), false));
      case REFUSES -> say(Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "not here"));
      case IGNORES -> {}
    }
  }

  private Envelope rightAnswer(Envelope question) {
    long id = question.getRequestId();
    return switch (question.getBodyCase()) {
      case GET_HEADERS -> Wire.headers(id, headersAfter(question.getGetHeaders().getLocatorList()));
      case GET_BLOCKS -> Wire.blocks(id, asked(question), false);
      case GET_TRANSACTIONS -> Wire.transactions(id, entriesAsked(question), false);
      case GET_PEERS -> addresses(id, 2 * Sequence.STRANGERS, number);
      default -> Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "not here");
    };
  }

  /** Those of all strangers first, and then such as nobody has. */
  static Envelope addresses(long id, int count, int madeUp) {
    Peers.Builder peers = Peers.newBuilder();
    for (int i = 0; i < count; i++) {
      byte[] address =
          i < Sequence.STRANGERS
              ? new byte[] {(byte) (FIRST_NETWORK + i), 0, 0, 1}
              : new byte[] {(byte) (FIRST_NETWORK + i), (byte) madeUp, 0, 1};
      peers.addPeers(
          PeerAddress.newBuilder()
              .setAddress(ByteString.copyFrom(address))
              .setPort(SimulatedNode.PORT));
    }
    return Envelope.newBuilder()
        .setRequestId(id)
        .setResponse(Response.newBuilder().setPeers(peers))
        .build();
  }

  private List<BlockHeader> headersAfter(List<ByteString> locator) {
    List<Block> branch = quarry.branchTo(end);
    int from = 0;
    for (int place = branch.size() - 1; place > 0 && from == 0; place--) {
      if (locator.contains(Wire.bytes(branch.get(place).hash().value()))) {
        from = place;
      }
    }
    int most = Math.min(branch.size(), from + 1 + Limits.MAX_HEADERS_PER_MESSAGE);
    return branch.subList(from + 1, most).stream().map(Block::header).toList();
  }

  private List<Block> asked(Envelope question) {
    return question.getGetBlocks().getHashesList().stream()
        .map(hash -> quarry.block(new BlockHash(hash(hash))))
        .flatMap(Optional::stream)
        .toList();
  }

  private List<Transaction> entriesAsked(Envelope question) {
    List<Transaction> entries =
        new ArrayList<>(
            question.getGetTransactions().getIdsList().stream()
                .map(id -> quarry.entry(new TransactionId(hash(id))))
                .flatMap(Optional::stream)
                .toList());
    ByteString block = question.getGetTransactions().getBlockHash();
    if (!block.isEmpty()) {
      List<Transaction> all =
          quarry.block(new BlockHash(hash(block))).map(Block::transactions).orElse(List.of());
      question.getGetTransactions().getIndexesList().stream()
          .filter(index -> index < all.size())
          .forEach(index -> entries.add(all.get(index)));
    }
    return entries;
  }

  private static Hash256 hash(ByteString bytes) {
    return Hash256.fromBytes(bytes.toByteArray());
  }

  /** Takes frames apart; nobody but the node speaks to it, so they are good. */
  private final class Ear extends ChannelInboundHandlerAdapter {
    private byte[] heard = {};

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object piece) {
      ByteBuf bytes = (ByteBuf) piece;
      byte[] more = new byte[bytes.readableBytes()];
      bytes.readBytes(more);
      bytes.release();
      heard = Bytes.concat(heard, more);
      while (heard.length >= Limits.FRAME_LENGTH_BYTES
          && heard.length - Limits.FRAME_LENGTH_BYTES >= Ints.fromByteArray(heard)) {
        int end = Limits.FRAME_LENGTH_BYTES + Ints.fromByteArray(heard);
        Envelope envelope;
        try {
          envelope = Envelope.parseFrom(Arrays.copyOfRange(heard, Limits.FRAME_LENGTH_BYTES, end));
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError("a node says what nobody can read", e);
        }
        heard = Arrays.copyOfRange(heard, end, heard.length);
        line = ctx.channel();
        hear(envelope);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof IOException) {
        ctx.close(); // The link broke, as links do.
      } else {
        throw simulation.failure(name + " fails: " + cause);
      }
    }
  }
}
