package dev.dolmen.network.peers;

import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Refusal;
import java.nio.charset.StandardCharsets;

/**
 * Why a link ended or never began: a code for programs and one sentence for people. A reason that
 * came from the other side says so in its sentence.
 *
 * @param sentence one line, at most {@value Limits#MAX_REFUSAL_MESSAGE_BYTES} bytes of printable
 *     text; longer or unprintable text is cut and cleaned, since it may come from a stranger and
 *     goes into our log
 * @param told whether the other side said so, and we only believe it
 */
public record DisconnectReason(Code code, String sentence, boolean told) {

  private static final String TOLD = "the other side says: ";

  public DisconnectReason {
    sentence = cutToFit(clean(sentence));
  }

  /** A reason of our own. */
  public DisconnectReason(Code code, String sentence) {
    this(code, sentence, false);
  }

  /** The kinds of end. Those with a {@link Refusal.Reason} can be told to the other side. */
  public enum Code {
    /** The other side's Hello names another genesis block. */
    OTHER_NETWORK(Refusal.Reason.OTHER_NETWORK),
    /** The other side speaks another protocol version. */
    OTHER_VERSION(Refusal.Reason.OTHER_VERSION),
    /** The other side is this node itself. */
    SELF(Refusal.Reason.SELF),
    /** There is another link to the same peer, and that one stays. */
    DUPLICATE(Refusal.Reason.DUPLICATE),
    /** All places are taken. */
    FULL(Refusal.Reason.FULL),
    /** A rule of the protocol was broken. */
    VIOLATION(Refusal.Reason.VIOLATION),
    /** A deadline passed: handshake, silence, or nothing read. */
    TIMEOUT(Refusal.Reason.TIMEOUT),
    /** Of no use: too many time-outs or empty replies. It may come again after a rest. */
    USELESS(Refusal.Reason.TIMEOUT),
    /** A node stops, or its operator closed the link. */
    GOODBYE(Refusal.Reason.GOODBYE),
    /** An operator does not let this peer in, or it is not the one that was dialled. */
    NOT_ALLOWED(Refusal.Reason.NOT_ALLOWED),
    /** The connection ended without a word. Never told. */
    CLOSED(Refusal.Reason.REASON_UNSPECIFIED),
    /** The connection failed, or TLS did. Never told. */
    FAILED(Refusal.Reason.REASON_UNSPECIFIED),
    /** A bug on this side ended the link. */
    BUG(Refusal.Reason.REASON_UNSPECIFIED);

    private final Refusal.Reason told;

    Code(Refusal.Reason told) {
      this.told = told;
    }

    static Code of(Refusal.Reason reason) {
      return switch (reason) {
        case OTHER_NETWORK -> OTHER_NETWORK;
        case OTHER_VERSION -> OTHER_VERSION;
        case SELF -> SELF;
        case DUPLICATE -> DUPLICATE;
        case FULL -> FULL;
        case VIOLATION -> VIOLATION;
        case TIMEOUT -> TIMEOUT;
        case GOODBYE -> GOODBYE;
        case NOT_ALLOWED -> NOT_ALLOWED;
        case CANNOT_SERVE, REASON_UNSPECIFIED, UNRECOGNIZED -> CLOSED;
      };
    }
  }

  /** What the other side told us before it closed the link. */
  public static DisconnectReason told(Refusal refusal) {
    return new DisconnectReason(Code.of(refusal.getReason()), TOLD + refusal.getMessage(), true);
  }

  /** The message that tells the other side. */
  public Refusal toRefusal() {
    return Refusal.newBuilder().setReason(code.told).setMessage(sentence).build();
  }

  @Override
  public String toString() {
    return code + " (" + sentence + ")";
  }

  private static String clean(String text) {
    int most = Math.min(text.length(), 2 * Limits.MAX_REFUSAL_MESSAGE_BYTES);
    StringBuilder cleaned = new StringBuilder(most);
    text.codePoints()
        .limit(most)
        .map(c -> Character.isISOControl(c) || isUnprintable(c) ? ' ' : c)
        .forEach(cleaned::appendCodePoint);
    return cleaned.toString().strip();
  }

  private static boolean isUnprintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  private static String cutToFit(String text) {
    String cut = text;
    while (cut.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_REFUSAL_MESSAGE_BYTES) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }
}
