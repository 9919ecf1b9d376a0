package dev.dolmen.core.proof;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.joining;

import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import java.util.List;
import java.util.Optional;

/**
 * A file that proves, to somebody who has nothing but the network's parameters, that an entry is in
 * a block and how much work stands on it. It has one encoding: JSON with its fields in one order,
 * no spaces, lower-case hex.
 *
 * <pre>{@code
 * ProofVerdict verdict = ProofFile.check(bytes, NetworkParameters.dev(), Optional.empty());
 * }</pre>
 *
 * <p>Rule: docs/protocol.md#proof-file
 *
 * @param claim what is to be proved
 * @param headers from the anchor, which is genesis or a checkpoint, to the tip, both included
 */
public record ProofFile(Claim claim, List<BlockHeader> headers) {

  /** What the first field of a file of this form says. Other kinds are refused. */
  public static final String KIND = "dolmen/proof/1";

  /** A chain longer than this is proved from a checkpoint: a file stays below 2.3 MB. */
  public static final int MAX_HEADERS = 10_000;

  /** What stands behind the last header. */
  public static final String AFTER_HEADERS = "]}";

  /** Names, quotes and the largest numbers together. */
  private static final int MAX_FRAME_BYTES = 500;

  private static final int QUOTES_AND_COMMA = 3;

  /** No proof is longer than this many bytes. */
  public static final int MAX_BYTES =
      MAX_FRAME_BYTES
          + 2 * (Transaction.MIN_BYTES + Transaction.MAX_PAYLOAD_BYTES)
          + Claim.MAX_PATH * (2 * Hash256.BYTES + QUOTES_AND_COMMA)
          + MAX_HEADERS * (2 * BlockHeader.BYTES + QUOTES_AND_COMMA);

  /**
   * A file that can be written down; whether it holds is asked of {@link #check}.
   *
   * @throws IllegalArgumentException unless there are 1 to {@value #MAX_HEADERS} headers
   */
  public ProofFile {
    headers = List.copyOf(headers);
    checkArgument(
        !headers.isEmpty() && headers.size() <= MAX_HEADERS,
        "a proof has 1 to %s headers, not %s",
        MAX_HEADERS,
        headers.size());
  }

  /**
   * Reads the one encoding of a file, without asking whether it holds.
   *
   * @throws MalformedException if a single byte is not as it must be; the message says where
   */
  public static ProofFile parse(byte[] bytes) throws MalformedException {
    return new ProofReader(bytes).read();
  }

  /**
   * Reads a file and holds it against every rule: canonical form, network, author, signature,
   * expiry, place in the block, anchor, every header's rules (our clock aside), and the tip.
   *
   * @param bytes a stranger's, of any length
   * @param network what the reader knows the network by; the file only names its hash
   * @param checkpoint a block that the reader trusts; without one, only genesis will do as the
   *     first header
   */
  public static ProofVerdict check(
      byte[] bytes, NetworkParameters network, Optional<ChainPoint> checkpoint) {
    try {
      return parse(bytes).check(network, checkpoint);
    } catch (MalformedException e) {
      return new ProofVerdict.Invalid(ProofStep.FORM, String.valueOf(e.getMessage()), List.of());
    }
  }

  /** The same for a file that has been read. */
  public ProofVerdict check(NetworkParameters network, Optional<ChainPoint> checkpoint) {
    return new ProofCheck(this, network, checkpoint).run();
  }

  /** The first header's block: genesis, or the checkpoint whose trust the file asks for. */
  public ChainPoint anchor() {
    return ChainPoint.of(headers.get(0));
  }

  /** The one encoding. */
  public byte[] toBytes() {
    return headers.stream()
        .map(ProofFile::header)
        .collect(joining(",", beforeHeaders(claim), AFTER_HEADERS))
        .getBytes(ISO_8859_1);
  }

  /**
   * What stands before the first header, so that a long file can be written piece by piece: this,
   * then every {@link #header} with a comma in between, then {@link #AFTER_HEADERS}. ASCII.
   */
  public static String beforeHeaders(Claim claim) {
    return "{\"kind\":\""
        + KIND
        + "\",\"network\":\""
        + claim.network()
        + "\",\"transaction\":\""
        + Bytes.wrap(claim.transaction().toBytes()).toHex()
        + "\",\"height\":"
        + claim.height()
        + ",\"index\":"
        + claim.index()
        + ",\"path\":["
        + claim.path().stream().map(hash -> '"' + hash.toHex() + '"').collect(joining(","))
        + "],\"tip\":{\"height\":"
        + claim.tip().height()
        + ",\"hash\":\""
        + claim.tip().hash()
        + "\"},\"headers\":[";
  }

  /** A header as it stands in a file: its 100 bytes as hex, in quotes. */
  public static String header(BlockHeader header) {
    return '"' + Bytes.wrap(header.toBytes()).toHex() + '"';
  }
}
