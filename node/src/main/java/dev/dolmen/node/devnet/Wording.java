package dev.dolmen.node.devnet;

import com.google.protobuf.ByteString;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Block;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.NewBlock;
import dev.dolmen.protocol.Response;
import dev.dolmen.protocol.Transaction;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What peers say, in plain words: {@code all blocks after 41}. It is said as the one who speaks
 * would say it. Whatever a stranger made up is shortened and cleaned, and what is malformed is
 * called so.
 */
final class Wording {

  /** Of a text that somebody wrote, so many characters are shown. */
  static final int MAX_QUOTED_CHARS = 40;

  /** Enough for as many characters of any script. */
  private static final int MAX_LOOKED_AT_BYTES = 8 * MAX_QUOTED_CHARS;

  /** Of a list, so many are named. */
  private static final int MAX_NAMED = 3;

  private static final int SHOWN_DIGITS = 4;
  private static final int SHOWN_BYTES = SHOWN_DIGITS / 2;

  private final Function<BlockHash, OptionalLong> heights;

  /**
   * Words for what one node says.
   *
   * @param heights of the blocks that it knows
   */
  Wording(Function<BlockHash, OptionalLong> heights) {
    this.heights = heights;
  }

  /** One message, without who says it to whom. */
  String of(Envelope envelope) {
    try {
      return switch (envelope.getBodyCase()) {
        case HELLO -> "hello, my latest block is " + unsigned(envelope.getHello().getTipHeight());
        case PING -> "are you there? My latest block is " + block(envelope.getPing().getTipHash());
        case PONG -> "I am here. My latest block is " + block(envelope.getPong().getTipHash());
        case LATEST_BLOCK -> "what is your latest block?";
        case ALL_BLOCKS -> "all blocks after " + after(envelope.getAllBlocks().getLocatorList());
        case GET_HEADERS -> "all headers after " + after(envelope.getGetHeaders().getLocatorList());
        case GET_BLOCKS ->
            "give me " + some("block", "blocks", envelope.getGetBlocks().getHashesList());
        case GET_TRANSACTIONS -> asked(envelope.getGetTransactions());
        case GET_PEERS -> "whom else do you know?";
        case RESPONSE -> answer(envelope.getResponse(), envelope.getRequestId() == 0);
        case NEW_BLOCK -> announced(envelope.getNewBlock());
        case NEW_TRANSACTIONS ->
            "new: " + some("entry", "entries", envelope.getNewTransactions().getIdsList());
        case BODY_NOT_SET -> "something that this version does not know";
      };
    } catch (MalformedException broken) {
      return "nonsense: " + broken.getMessage();
    }
  }

  private String answer(Response response, boolean unasked) throws MalformedException {
    String more = response.getMore() ? ", and more to come" : "";
    return switch (response.getAnswerCase()) {
      case BLOCKS -> {
        List<BlockHeader> headers = new ArrayList<>();
        for (Block block : response.getBlocks().getBlocksList()) {
          headers.add(Wire.header(block.getHeader()));
        }
        yield headers("block", headers) + more;
      }
      case HEADERS -> headers("header", Wire.headers(response.getHeaders())) + more;
      case TRANSACTIONS -> entries(response.getTransactions().getTransactionsList()) + more;
      case PEERS -> {
        int known = response.getPeers().getPeersCount();
        yield known == 0 ? "I know nobody else" : "I know " + count(known, "other", "others");
      }
      case REFUSAL -> (unasked ? "goodbye: " : "no: ") + quoted(response.getRefusal().getMessage());
      case ANSWER_NOT_SET -> "an answer that this version does not know";
    };
  }

  private static String headers(String what, List<BlockHeader> headers) {
    if (headers.isEmpty()) {
      return "I have no such " + what;
    }
    BlockHeader first = headers.get(0);
    BlockHeader last = headers.get(headers.size() - 1);
    if (headers.size() == 1) {
      return "here is " + what + " " + named(first);
    }
    boolean inARow = last.height() - first.height() == headers.size() - 1L;
    return "here are "
        + (inARow
            ? what + "s " + first.height() + " to " + last.height()
            : count(headers.size(), what, what + "s"));
  }

  private static String entries(List<Transaction> entries) {
    if (entries.isEmpty()) {
      return "I have no such entry";
    }
    String quotes =
        entries.stream()
            .limit(MAX_NAMED)
            .map(entry -> payload(entry.getPayload()))
            .collect(Collectors.joining(", "));
    return entries.size() == 1
        ? "here is the entry " + quotes
        : "here are "
            + count(entries.size(), "entry", "entries")
            + ": "
            + quotes
            + (entries.size() > MAX_NAMED ? ", …" : "");
  }

  private static String asked(GetTransactions get) throws MalformedException {
    if (get.getBlockHash().isEmpty()) {
      return "give me " + some("entry", "entries", get.getIdsList());
    }
    return "give me "
        + count(get.getIndexesCount(), "entry", "entries")
        + " of block "
        + shortly(get.getBlockHash());
  }

  private static String announced(NewBlock announcement) throws MalformedException {
    BlockHeader header = Wire.header(announcement.getHeader());
    int entries = header.transactionCount();
    return "a new block "
        + named(header)
        + (entries == 0 ? "" : " with " + count(entries, "entry", "entries"));
  }

  private String after(List<ByteString> locator) throws MalformedException {
    return heightOrHash(Wire.locator(locator).hashes().get(0));
  }

  private String block(ByteString hash) throws MalformedException {
    BlockHash tip = Wire.tipHash(hash);
    OptionalLong height = heights.apply(tip);
    return height.isPresent() ? height.getAsLong() + " (" + shortly(tip) + ")" : shortly(tip);
  }

  private String heightOrHash(BlockHash hash) {
    OptionalLong height = heights.apply(hash);
    return height.isPresent() ? Long.toString(height.getAsLong()) : shortly(hash);
  }

  private static String named(BlockHeader header) {
    return header.height() + " (" + shortly(header.hash()) + ")";
  }

  private static String some(String one, String many, List<ByteString> ids)
      throws MalformedException {
    StringBuilder names = new StringBuilder();
    for (ByteString id : ids.subList(0, Math.min(MAX_NAMED, ids.size()))) {
      names.append(names.length() == 0 ? "" : ", ").append(shortly(id));
    }
    return ids.size() == 1
        ? one + " " + names
        : count(ids.size(), one, many)
            + (ids.isEmpty() ? "" : ": " + names + (ids.size() > MAX_NAMED ? ", …" : ""));
  }

  private static String count(int number, String one, String many) {
    return number == 1 ? "one " + one : number + " " + many;
  }

  private static String unsigned(long height) {
    return Long.toUnsignedString(height);
  }

  /** The beginning of a hash, which tells a few of them apart. */
  static String shortly(BlockHash hash) {
    return hash.toHex().substring(0, SHOWN_DIGITS) + "…";
  }

  private static String shortly(ByteString bytes) throws MalformedException {
    if (bytes.size() != Hash256.BYTES) {
      throw new MalformedException("a hash of " + bytes.size() + " bytes");
    }
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < SHOWN_BYTES; i++) {
      digits.append(String.format("%02x", bytes.byteAt(i)));
    }
    return digits.append('…').toString();
  }

  /** A payload for people: how its text begins, in quotation marks, or how many bytes it has. */
  static String payload(ByteString payload) {
    int looked = Math.min(payload.size(), MAX_LOOKED_AT_BYTES);
    CharBuffer text = CharBuffer.allocate(looked);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(
                payload.substring(0, looked).asReadOnlyByteBuffer(),
                text,
                looked == payload.size());
    return result.isError()
        ? "of " + count(payload.size(), "byte", "bytes")
        : "“" + quoted(text.flip().toString()) + "”";
  }

  private static String quoted(String text) {
    StringBuilder cleaned = new StringBuilder();
    text.codePoints()
        .limit(MAX_QUOTED_CHARS)
        .map(point -> isShown(point) ? point : ' ')
        .forEach(cleaned::appendCodePoint);
    String shown = cleaned.toString().strip();
    return text.codePointCount(0, text.length()) > MAX_QUOTED_CHARS ? shown + "…" : shown;
  }

  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
