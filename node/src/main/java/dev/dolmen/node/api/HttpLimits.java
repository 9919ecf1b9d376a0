package dev.dolmen.node.api;

import dev.dolmen.core.block.Transaction;
import java.time.Duration;

/**
 * Everything a client of the API can make grow, and how far. Source of the figures:
 * docs/api.md#limits.
 */
final class HttpLimits {

  /** Decimal megabyte, counted after chunked encoding is undone. */
  static final int MAX_BODY_BYTES = 1_000_000;

  /** What is still read and thrown away of a refused body, so that the client gets to see why. */
  static final long MAX_DISCARDED_BYTES = 16L * 1024 * 1024;

  /** A signed transaction with the largest payload. */
  static final int MAX_SIGNED_TRANSACTION_BYTES =
      Transaction.MIN_BYTES + Transaction.MAX_PAYLOAD_BYTES;

  /** Nothing the API has is addressed by more. */
  static final int MAX_REQUEST_LINE_BYTES = 4_096;

  /** All headers of a request together; browsers send one or two thousand. */
  static final int MAX_HEADER_BYTES = 16_384;

  /** What the decoder hands over at a time. */
  static final int MAX_CHUNK_BYTES = 16_384;

  /** A JSON body; a longer one is refused before anything of it is read. Ours have some hundred. */
  static final int MAX_JSON_BYTES = 16_384;

  /** Nesting of a JSON body; our own have one level. */
  static final int MAX_JSON_DEPTH = 32;

  /** Digits of a number in a JSON body or a URL: a long has 19. */
  static final int MAX_NUMBER_DIGITS = 19;

  /** A JSON string or name: an address has a peer id, a host name of 253 and a port. */
  static final int MAX_JSON_STRING_CHARS = 1_024;

  /** Requests that the node or a worker is busy with; the loop answers others meanwhile. */
  static final int MAX_AT_WORK = 20;

  /** How long another request waits for one of those places before it gets a 503. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Connections, event streams not counted. At the limit the one that was idle longest goes. */
  static final int MAX_CONNECTIONS = 128;

  /** Event streams, of all nodes behind this server together. */
  static final int MAX_STREAMS = 64;

  /** Waiting for one event stream's reader; what cannot follow at this distance is cut. */
  static final int MAX_STREAM_BACKLOG_BYTES = 1024 * 1024;

  /** Events that came while a stream's past was looked up. */
  static final int MAX_HELD_EVENTS = 1_024;

  /** Events on their way from the node thread to the loop. */
  static final int MAX_EVENTS_IN_TRANSIT = 10_000;

  /** Blocks told one by one to a stream that resumes; a {@code gap} stands for more. */
  static final int MAX_RESUMED_BLOCKS = 256;

  /**
   * From the connection's start to the end of its first request's head, and from there to the end
   * of the body.
   */
  static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /** After an early refusal, for the client to stop sending and read it. */
  static final Duration LINGER = Duration.ofSeconds(2);

  /** Longer than any honest answer takes; then the client learns that the node did not answer. */
  static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

  /** How long a client may take to read one piece of an answer. */
  static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);

  /** How long all pieces of one answer may take. */
  static final Duration LONGEST_ANSWER = Duration.ofMinutes(2);

  /** A connection kept alive without a request, or with a head that does not end. */
  static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  /** A comment line this often shows both ends of a stream that the other is there. */
  static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /** How often deadlines are looked at. */
  static final Duration SWEEP = Duration.ofMillis(250);

  /** How long {@code close} waits for what is under way. */
  static final Duration GOODBYE = Duration.ofSeconds(10);

  /** Blocks or transactions in a list, if the client does not say. */
  static final int DEFAULT_LISTED = 20;

  /** Blocks or transactions in a list. */
  static final int MAX_LISTED = 1_000;

  /** Branches off the best chain in one answer. */
  static final int MAX_FORKS = 100;

  /** Blocks told of each of them, and hashes told of each side of a reorganisation. */
  static final int MAX_FORK_BLOCKS = 64;

  /** Reorganisations that are remembered, the newest. */
  static final int MAX_REORGS = 16;

  /** A list goes out in pieces of about this size, read from disk as the client reads them. */
  static final int PIECE_BYTES = 256 * 1024;

  /** A smaller block is encoded where it is, a larger one on a worker. */
  static final int SMALL_BLOCK_BYTES = 16 * 1024;

  /** Addresses that can be kept by {@code POST /v1/peers}. */
  static final int MAX_KEPT_ADDRESSES = 256;

  private HttpLimits() {}
}
