package dev.dolmen.core.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a proof file from its first byte to its last. It is strict about everything but the case of
 * hex digits and leading zeros of numbers, and those it refuses in the end, when what was read is
 * written again and compared. Every list is bounded before it grows.
 */
final class ProofReader {
  private static final int MAX_KIND_CHARS = 64;
  private static final int MAX_DIGITS = 19;
  private static final int MAX_TRANSACTION_BYTES =
      Transaction.MIN_BYTES + Transaction.MAX_PAYLOAD_BYTES;

  private final byte[] bytes;
  private final String text;
  private int position;

  ProofReader(byte[] bytes) {
    this.bytes = bytes;
    // One character a byte, whatever it is; what is not ASCII fits nowhere below.
    this.text = bytes.length <= ProofFile.MAX_BYTES ? new String(bytes, ISO_8859_1) : "";
  }

  ProofFile read() throws MalformedException {
    if (bytes.length > ProofFile.MAX_BYTES) {
      throw new MalformedException(
          "the file has more than the " + ProofFile.MAX_BYTES + " bytes that a proof can have");
    }
    expect("{\"kind\":\"");
    checkKind();
    expect("\",\"network\":\"");
    Hash256 network = hash();
    expect("\",\"transaction\":\"");
    Transaction transaction = transaction();
    expect("\",\"height\":");
    long height = number(Long.MAX_VALUE);
    expect(",\"index\":");
    int index = (int) number(Integer.MAX_VALUE);
    expect(",\"path\":[");
    List<Hash256> path = path();
    expect("],\"tip\":{\"height\":");
    long tipHeight = number(Long.MAX_VALUE);
    expect(",\"hash\":\"");
    ChainPoint tip = new ChainPoint(tipHeight, new BlockHash(hash()));
    expect("\"},\"headers\":[");
    List<BlockHeader> headers = headers();
    expect(ProofFile.AFTER_HEADERS);
    if (position != text.length()) {
      throw malformed("expected the end of the file");
    }
    ProofFile file =
        new ProofFile(new Claim(network, transaction, height, index, path, tip), headers);
    compare(file.toBytes());
    return file;
  }

  private void checkKind() throws MalformedException {
    int end = text.indexOf('"', position);
    if (end < 0 || end - position > MAX_KIND_CHARS) {
      throw malformed("expected the kind of the proof in quotes");
    }
    String kind = text.substring(position, end);
    if (!kind.equals(ProofFile.KIND)) {
      throw malformed(
          "this version knows no other kind of proof than "
              + ProofFile.KIND
              + "; look for a newer one");
    }
    position = end;
  }

  private List<Hash256> path() throws MalformedException {
    List<Hash256> path = new ArrayList<>();
    while (text.startsWith(path.isEmpty() ? "\"" : ",", position)) {
      if (path.size() == Claim.MAX_PATH) {
        throw malformed("expected no more than " + Claim.MAX_PATH + " hashes in the path");
      }
      expect(path.isEmpty() ? "\"" : ",\"");
      path.add(hash());
      expect("\"");
    }
    return path;
  }

  private List<BlockHeader> headers() throws MalformedException {
    List<BlockHeader> headers = new ArrayList<>();
    while (headers.isEmpty() || text.startsWith(",", position)) {
      if (headers.size() == ProofFile.MAX_HEADERS) {
        throw malformed("expected no more than " + ProofFile.MAX_HEADERS + " headers");
      }
      expect(headers.isEmpty() ? "\"" : ",\"");
      headers.add(header());
      expect("\"");
    }
    return headers;
  }

  private Transaction transaction() throws MalformedException {
    int begin = position;
    int end = Math.max(begin, text.indexOf('"', begin));
    int size = Math.min((end - begin) / 2, MAX_TRANSACTION_BYTES);
    try {
      return Transaction.fromBytes(hex(size).toByteArray());
    } catch (MalformedException e) {
      position = begin;
      throw malformed("expected the bytes of an entry of version 1, as hex");
    }
  }

  private BlockHeader header() throws MalformedException {
    int begin = position;
    try {
      return BlockHeader.fromBytes(hex(BlockHeader.BYTES).toByteArray());
    } catch (MalformedException e) {
      position = begin;
      throw malformed("expected the 100 bytes of a header, as hex");
    }
  }

  private Hash256 hash() throws MalformedException {
    return Hash256.fromBytes(hex(Hash256.BYTES).toByteArray());
  }

  private Bytes hex(int size) throws MalformedException {
    int end = position + 2 * size;
    for (int i = position; i < end; i++) {
      if (i >= text.length() || Character.digit(text.charAt(i), 16) < 0) {
        throw malformed("expected " + 2 * size + " hex digits");
      }
    }
    Bytes value = Bytes.fromHex(text.substring(position, end));
    position = end;
    return value;
  }

  private long number(long most) throws MalformedException {
    int end = position;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    String digits = text.substring(position, Math.min(end, position + MAX_DIGITS + 1));
    try {
      long value = Long.parseLong(digits);
      if (digits.length() <= MAX_DIGITS && value <= most) {
        position = end;
        return value;
      }
    } catch (NumberFormatException noneOrTooLarge) {
      // Said below.
    }
    throw malformed("expected a whole number of at most " + most);
  }

  private void expect(String literal) throws MalformedException {
    if (!text.startsWith(literal, position)) {
      throw malformed("expected " + literal);
    }
    position += literal.length();
  }

  private void compare(byte[] canonical) throws MalformedException {
    int difference = Arrays.mismatch(bytes, canonical);
    if (difference >= 0) {
      position = difference;
      throw malformed("hex digits are lower-case, and numbers have no leading zeros");
    }
  }

  private MalformedException malformed(String what) {
    return new MalformedException("at byte " + position + ": " + what);
  }
}
