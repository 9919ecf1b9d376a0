package dev.dolmen.node.api;

import dev.dolmen.core.block.BlockHash;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * One server-sent event, encoded once for all streams.
 *
 * @param bytes as they go out
 * @param movement for an event of the chain: from which tip to which
 */
record Frame(Buffer bytes, Optional<Movement> movement) {

  /** A step of the best chain's tip. */
  record Movement(BlockHash before, BlockHash after) {}

  /** Something that happened beside the chain. */
  static Frame of(String event, Json.Content data) {
    return new Frame(text(event, "", data), Optional.empty());
  }

  /** A new tip; after a reorganisation, what was replaced by what comes first. */
  static Frame ofTip(
      BlockHash before,
      long height,
      BlockHash after,
      List<BlockHash> disconnected,
      List<BlockHash> connected) {
    Buffer bytes = Buffer.buffer();
    if (!disconnected.isEmpty()) {
      bytes.appendBuffer(reorg(height, after, disconnected, connected));
    }
    bytes.appendBuffer(block(height, after));
    return new Frame(bytes, Optional.of(new Movement(before, after)));
  }

  /** Something that happened, with an id of its own to resume from. */
  static Buffer numbered(String event, String id, Json.Content data) {
    return text(event, "id: " + id + "\n", data);
  }

  static Buffer block(long height, BlockHash hash) {
    return text("block", id(height, hash), Documents.newTip(height, hash));
  }

  /**
   * Has no id of its own: a stream that breaks off behind it resumes from before it, so that
   * nothing is missed.
   */
  static Buffer reorg(
      long height, BlockHash hash, List<BlockHash> disconnected, List<BlockHash> connected) {
    return text("reorg", "", Documents.reorg(height, hash, disconnected, connected));
  }

  static Buffer gap(long height, BlockHash hash, long from) {
    return text("gap", id(height, hash), Documents.gap(height, hash, from));
  }

  static Buffer comment(String text) {
    return Buffer.buffer(": " + text + "\n\n");
  }

  private static String id(long height, BlockHash hash) {
    return "id: " + height + ":" + hash + "\n";
  }

  private static Buffer text(String event, String id, Json.Content data) {
    return Buffer.buffer("event: " + event + "\n" + id + "data: ")
        .appendBytes(Json.bytes(data))
        .appendString("\n\n");
  }
}
