package dev.dolmen.network.handshake;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.io.BaseEncoding;
import com.google.protobuf.ByteString;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One side of the meeting of two peers. It begins when the connection does; once TLS has proved who
 * the other side is, both say Hello, and each decides whether the other speaks the same protocol of
 * the same network. One deadline covers all of it, TLS included, and nothing the other side sends
 * moves it.
 *
 * <p>Pure: times are nanoseconds of one monotonic clock. Rule: {@code docs/protocol.md}, handshake.
 */
public final class Handshake {

  private enum Phase {
    PROVING,
    GREETING,
    /** As GREETING, but of the two only the other side says Hello. */
    PROBING,
    DONE,
    ENDED
  }

  private static final int SHOWN_HASH_DIGITS = 16;

  private final PeerId self;
  private final Terms terms;
  private final long deadline;
  private final Duration timeout;
  private Phase phase = Phase.PROVING;
  private @Nullable Hello ours;

  /**
   * What this side wants of the other.
   *
   * @param expected whom the dialled address was pinned to, if it was
   * @param objection why a peer must not be spoken to, if it must not
   * @param onlyProbe whether all that is wanted of a peer is to know that it is there
   */
  public record Terms(
      Optional<PeerId> expected,
      Function<PeerId, Optional<DisconnectReason>> objection,
      Predicate<PeerId> onlyProbe) {}

  /**
   * @param self our own id
   * @param timeout for everything from {@code begun} to both Hellos
   * @param begun when the attempt to connect began, or the connection if the other side did
   */
  public Handshake(PeerId self, Terms terms, Duration timeout, long begun) {
    this.self = self;
    this.terms = terms;
    this.timeout = timeout;
    this.deadline = begun + timeout.toNanos();
  }

  /**
   * TLS has proved the other side's key.
   *
   * @param ourHello what we say of ourselves
   */
  public List<HandshakeAction> onProven(PeerId remote, Hello ourHello) {
    if (phase == Phase.ENDED) {
      return List.of();
    }
    checkState(phase == Phase.PROVING, "an identity is proved once");
    if (remote.equals(self)) {
      return refuse(Code.SELF, "this address leads to the node itself");
    }
    Optional<PeerId> expected = terms.expected();
    if (expected.isPresent() && !expected.get().equals(remote)) {
      return refuse(
          Code.NOT_ALLOWED,
          "dialled " + expected.get().toShortString() + " but met " + remote.toShortString());
    }
    Optional<DisconnectReason> objection = terms.objection().apply(remote);
    if (objection.isPresent()) {
      return refuse(objection.get().code(), objection.get().sentence());
    }
    ours = ourHello;
    if (terms.onlyProbe().test(remote)) {
      phase = Phase.PROBING;
      return List.of();
    }
    phase = Phase.GREETING;
    return List.of(new HandshakeAction.Send(Envelope.newBuilder().setHello(ourHello).build()));
  }

  /** Whether the other side sent something that ends the handshake, one way or the other. */
  public List<HandshakeAction> onEnvelope(Envelope envelope) {
    if (phase == Phase.ENDED) {
      return List.of();
    }
    if (refusalIn(envelope).isPresent()) {
      phase = Phase.ENDED;
      return List.of(new HandshakeAction.End(refusalIn(envelope).get()));
    }
    boolean isHello = envelope.getBodyCase() == Envelope.BodyCase.HELLO;
    if (phase == Phase.DONE) {
      return isHello ? refuse(Code.VIOLATION, "a second Hello") : List.of();
    }
    if (!isHello || phase == Phase.PROVING) {
      return refuse(
          Code.VIOLATION, "the first message is " + envelope.getBodyCase() + ", not a Hello");
    }
    return judge(envelope.getHello());
  }

  /** Looks at the deadline. */
  public List<HandshakeAction> onTime(long now) {
    if (phase == Phase.DONE || phase == Phase.ENDED || now - deadline < 0) {
      return List.of();
    }
    String waitingFor = phase == Phase.PROVING ? "TLS" : "Hello";
    return refuse(
        Code.TIMEOUT,
        "no handshake within " + timeout.toMillis() + " ms; still waiting for " + waitingFor);
  }

  /** When {@link #onTime} wants to be called; empty once the handshake is over. */
  public OptionalLong nextWake() {
    return phase == Phase.DONE || phase == Phase.ENDED
        ? OptionalLong.empty()
        : OptionalLong.of(deadline);
  }

  /** Whether both Hellos were exchanged and accepted. */
  public boolean isDone() {
    return phase == Phase.DONE;
  }

  /** The reason in an envelope that announces the end of a link, if it is one. */
  public static Optional<DisconnectReason> refusalIn(Envelope envelope) {
    return envelope.getRequestId() == 0
            && envelope.getBodyCase() == Envelope.BodyCase.RESPONSE
            && envelope.getResponse().getAnswerCase() == Response.AnswerCase.REFUSAL
        ? Optional.of(DisconnectReason.told(envelope.getResponse().getRefusal()))
        : Optional.empty();
  }

  /** The envelope that tells the other side why the link ends. */
  public static Envelope refusal(DisconnectReason reason) {
    return Envelope.newBuilder()
        .setResponse(Response.newBuilder().setRefusal(reason.toRefusal()))
        .build();
  }

  private List<HandshakeAction> judge(Hello hello) {
    Hello mine = ours;
    checkState(mine != null, "we greet before we judge");
    if (hello.getProtocolVersion() != mine.getProtocolVersion()) {
      return refuse(
          Code.OTHER_VERSION,
          "protocol version "
              + Integer.toUnsignedString(hello.getProtocolVersion())
              + ", not "
              + mine.getProtocolVersion());
    }
    if (hello.getNetwork().size() != Limits.HASH_BYTES) {
      return refuse(
          Code.VIOLATION, "a network hash of " + hello.getNetwork().size() + " bytes, not 32");
    }
    if (!hello.getNetwork().equals(mine.getNetwork())) {
      return refuse(
          Code.OTHER_NETWORK,
          "the networks differ: " + shown(mine.getNetwork()) + " and " + shown(hello.getNetwork()));
    }
    return malformed(hello)
        .map(what -> refuse(Code.VIOLATION, what))
        .orElseGet(() -> accept(hello));
  }

  private List<HandshakeAction> accept(Hello hello) {
    if (phase == Phase.PROBING) {
      phase = Phase.ENDED;
      return List.of(
          new HandshakeAction.Probed(),
          new HandshakeAction.Refuse(
              new DisconnectReason(Code.GOODBYE, "only looked whether you are there")));
    }
    phase = Phase.DONE;
    return List.of(new HandshakeAction.Ready(hello));
  }

  private static Optional<String> malformed(Hello hello) {
    int port = hello.getListeningPort();
    if (port < 0 || port > Limits.MAX_PORT) {
      return Optional.of("a listening port of " + Integer.toUnsignedString(port));
    }
    if (hello.getTipHeight() < 0) {
      return Optional.of("a tip height of " + Long.toUnsignedString(hello.getTipHeight()));
    }
    if (hello.getTipWork().size() > Limits.MAX_WORK_BYTES) {
      return Optional.of("work of " + hello.getTipWork().size() + " bytes");
    }
    int name = hello.getName().getBytes(StandardCharsets.UTF_8).length;
    if (name > Limits.MAX_NAME_BYTES) {
      return Optional.of("a name of " + name + " bytes");
    }
    return Optional.empty();
  }

  private List<HandshakeAction> refuse(Code code, String sentence) {
    boolean canBeHeard = phase != Phase.PROVING || code != Code.TIMEOUT;
    phase = Phase.ENDED;
    DisconnectReason reason = new DisconnectReason(code, sentence);
    return List.of(
        canBeHeard ? new HandshakeAction.Refuse(reason) : new HandshakeAction.End(reason));
  }

  private static String shown(ByteString hash) {
    return BaseEncoding.base16()
        .lowerCase()
        .encode(hash.toByteArray())
        .substring(0, SHOWN_HASH_DIGITS);
  }
}
