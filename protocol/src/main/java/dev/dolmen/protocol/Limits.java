package dev.dolmen.protocol;

import java.time.Duration;

/**
 * Every bound of the conversation between peers, with its unit and the reason for its size. What a
 * peer can grow is checked against one of these before anything is allocated for it. Bounds that
 * decide whether a block is valid are not here: they belong to the network's parameters.
 *
 * <p>Rule: {@code docs/protocol.md}.
 */
public final class Limits {

  /** The dialect in {@link Hello}; another one ends the link. */
  public static final int PROTOCOL_VERSION = 1;

  // -------------------------------------------------------------------------------------------
  // sizes of parts, bytes

  /** Bytes of a block hash, a transaction id and a Merkle root: SHA-256. */
  public static final int HASH_BYTES = 32;

  /** Bytes of a peer id and of an author: an Ed25519 public key. */
  public static final int KEY_BYTES = 32;

  /** Bytes of an Ed25519 signature. */
  public static final int SIGNATURE_BYTES = 64;

  /** Bytes of accumulated work, big-endian without leading zeros; 256 bits hold any chain's. */
  public static final int MAX_WORK_BYTES = 32;

  /**
   * Bytes of a node's name in {@link Hello}, in UTF-8: a label for people, one line on a screen.
   */
  public static final int MAX_NAME_BYTES = 64;

  /**
   * Bytes of a {@link Refusal}'s sentence, in UTF-8: it goes into the other side's log as one line.
   */
  public static final int MAX_REFUSAL_MESSAGE_BYTES = 256;

  /** The highest TCP port; 0 in a {@link Hello} says that the peer does not listen. */
  public static final int MAX_PORT = 65_535;

  // -------------------------------------------------------------------------------------------------- frames, bytes

  /** Bytes of the length before each envelope: an unsigned big-endian integer. */
  public static final int FRAME_LENGTH_BYTES = 4;

  /**
   * Bytes of a frame until both Hellos are exchanged. A {@link Hello} needs fewer than 256; the
   * rest is room for what a later version adds.
   */
  public static final int MAX_FRAME_BYTES_BEFORE_HANDSHAKE = 4 * 1024;

  /**
   * Bytes by which the largest frame may exceed the network's largest block, where blocks are
   * small; see {@link #maxFrameBytes}.
   */
  public static final int FRAME_OVERHEAD_BYTES = 64 * 1024;

  /** One byte more for so many of the largest block: see {@link #maxFrameBytes}. */
  public static final int BLOCK_BYTES_PER_OVERHEAD_BYTE = 16;

  /**
   * Bytes of a frame after the handshake. Protobuf writes a transaction of 109 canonical bytes, the
   * smallest there is, in at most 114: tags and lengths cost more than the fixed fields they
   * replace.
   *
   * @param largestBlock of the network, in canonical bytes
   */
  public static int maxFrameBytes(int largestBlock) {
    return largestBlock
        + Math.max(FRAME_OVERHEAD_BYTES, largestBlock / BLOCK_BYTES_PER_OVERHEAD_BYTE);
  }

  // ------------------------------------------------------------------------------------------------ lists, elements

  /**
   * Headers in one {@link Headers}: 2,000 headers are under 300 KB, and one round trip brings half
   * an hour of blocks.
   */
  public static final int MAX_HEADERS_PER_MESSAGE = 2_000;

  /** Ids or indexes in one {@link GetTransactions} or {@link NewTransactions}: 34 KB of ids. */
  public static final int MAX_INVENTORY = 1_000;

  /** Addresses in one {@link Peers}. */
  public static final int MAX_ADDRESSES = 1_000;

  /**
   * Hashes in a locator: the last ten, then each gap doubled, then genesis. Heights are below 2^63,
   * so it has at most 10 + 63 + 1 hashes.
   */
  public static final int MAX_LOCATOR_HASHES = 74;

  /** Blocks asked of one peer in one {@link GetBlocks}. */
  public static final int MAX_BLOCKS_PER_REQUEST = 256;

  /**
   * Fields in one envelope that this version does not know: a few more than a later one may add.
   */
  public static final int MAX_UNKNOWN_FIELDS = 64;

  /**
   * Bytes of all those fields together: what a later version says to this one, which will not
   * understand it, must be short.
   */
  public static final int MAX_UNKNOWN_BYTES = 64 * 1024;

  // --------------------------------------------------------------------------------------------------- request ids

  /**
   * The lowest id, read as unsigned, of the pings that a link sends on its own account. Requests of
   * the layer above are numbered from 1 upwards and stay below, so the two never meet.
   */
  public static final long FIRST_KEEPALIVE_REQUEST_ID = Long.MIN_VALUE;

  // ------------------------------------------------------------------------------------------------ queues, bytes

  /**
   * Bytes queued for a peer before announcements to it are dropped. A peer that is this far behind
   * hears of the tip again with the next ping.
   */
  public static final int MAX_SEND_QUEUE_BYTES = 1024 * 1024;

  /**
   * Bytes received from a peer and not yet dealt with before reading from it stops: five of the
   * largest default blocks, so one slow block does not stall the line.
   */
  public static final int MAX_UNCONSUMED_BYTES = 5 * 1024 * 1024;

  /**
   * Messages received from a peer and not yet dealt with at which reading from it stops. Enough
   * that a peer which catches up or announces much never waits for the hand-over between threads,
   * and few enough that what a hundred peers say as fast as they can is dealt with in milliseconds.
   */
  public static final int MAX_UNCONSUMED_MESSAGES = 64;

  // ---------------------------------------------------------------------------------------------
  // connections, count

  /** Connected peers in total. */
  public static final int MAX_PEERS = 125;

  /**
   * Places among {@link #MAX_PEERS} that only peers we dialled may take, so that strangers cannot
   * take them all.
   */
  public static final int PEERS_RESERVED_FOR_DIALLED = 8;

  /**
   * Inbound connections whose handshake is not finished. Each costs a TLS handshake, so a flood is
   * cut off here.
   */
  public static final int MAX_HANDSHAKES_IN_PROGRESS = 64;

  /**
   * Inbound connections from one address, or one /64 of IPv6: a household or an office behind one
   * address has a few nodes at most. Loopback is exempt.
   */
  public static final int MAX_INBOUND_PER_ADDRESS = 4;

  /**
   * Inbound connections from one /16, or one /32 of IPv6: so that whoever rents one network cannot
   * take all places. Loopback is exempt.
   */
  public static final int MAX_INBOUND_PER_GROUP = 16;

  // ------------------------------------------------------------------------------------------------------ time-outs

  /** Until a dialled address accepts the TCP connection, looking up its name included. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /**
   * From the TCP connection to both Hellos, TLS included; never prolonged by bytes that trickle in.
   */
  public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /** Between two pings on a link. */
  public static final Duration PING_INTERVAL = Duration.ofSeconds(30);

  /** Without a byte from a peer, after which its link is closed: three pings unanswered. */
  public static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(90);

  /**
   * How long an old link may take to answer a ping before a second one to the same peer replaces
   * it.
   */
  public static final Duration DUPLICATE_TIMEOUT = Duration.ofSeconds(3);

  /** Without progress on what is queued for a peer, after which its link is closed. */
  public static final Duration WRITE_STALL_TIMEOUT = Duration.ofSeconds(20);

  /** Between telling a peer why its link ends and closing the socket without waiting for it. */
  public static final Duration GOODBYE_TIMEOUT = Duration.ofSeconds(1);

  /** Before the second attempt to dial an address; doubled after each failure. */
  public static final Duration FIRST_REDIAL_DELAY = Duration.ofMillis(500);

  /**
   * The longest pause between two attempts to dial an address, before it is spread by half either
   * way.
   */
  public static final Duration MAX_REDIAL_DELAY = Duration.ofSeconds(10);

  /** Before the same address may connect again. Loopback is exempt. */
  public static final Duration INBOUND_REDIAL_PAUSE = Duration.ofSeconds(30);

  /** Before a peer that was of no use is spoken to again. */
  public static final Duration USELESS_REST = Duration.ofMinutes(2);

  /** Before a request counts as unanswered. */
  public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  private Limits() {}
}
