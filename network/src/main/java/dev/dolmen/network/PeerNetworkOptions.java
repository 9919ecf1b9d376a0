package dev.dolmen.network;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.protobuf.ByteString;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Discovery;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.protocol.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a {@link PeerNetwork} needs to know. The first six have no default; the others have those of
 * {@link Limits}.
 *
 * @param self our own id, the one the transport proves
 * @param genesis hash of the network's genesis block, 32 bytes
 * @param tip what to say of our chain; asked from several threads, so it must be quick and safe for
 *     that
 * @param maxFrameBytes the largest envelope sent or taken: {@link Limits#maxFrameBytes}
 * @param random for the pauses between attempts to dial; used by the control executor only
 * @param events told everything, on the control executor, one at a time; must not block
 * @param name for people to read, at most 64 bytes of UTF-8
 * @param maxPeers connected peers in total
 * @param reservedForDialled places among them that inbound peers may not take
 * @param maxHandshakes inbound connections in their handshake at a time
 * @param maxPerAddress inbound connections from one address; see {@link
 *     Limits#MAX_INBOUND_PER_ADDRESS}
 * @param maxPerGroup inbound connections from one network; see {@link Limits#MAX_INBOUND_PER_GROUP}
 * @param maxUnconsumedBytes received from one peer and not given back, above which reading stops
 * @param maxQueuedBytes queued for one peer, above which announcements are dropped
 * @param timeouts how long to wait for what
 * @param discovery whether to find peers by itself, and with what it knows from an earlier life
 * @param wallClock for the times people read and the ends of their bans; decides nothing else
 * @param fatal told, on any thread, of an error that is nobody's fault and leaves nothing to rely
 *     on: memory is out. The process must be stopped
 * @param tap overhears all messages, if anybody does
 */
public record PeerNetworkOptions(
    PeerId self,
    ByteString genesis,
    Supplier<LocalTip> tip,
    int maxFrameBytes,
    RandomGenerator random,
    Consumer<PeerEvent> events,
    String name,
    int maxPeers,
    int reservedForDialled,
    int maxHandshakes,
    int maxPerAddress,
    int maxPerGroup,
    long maxUnconsumedBytes,
    long maxQueuedBytes,
    Timeouts timeouts,
    Optional<Finding> discovery,
    InstantSource wallClock,
    Consumer<Error> fatal,
    Optional<MessageTap> tap) {

  /**
   * How peers are found.
   *
   * @param kept from an earlier life, if there was one
   * @param keep given what to keep for the next one, now and then and at the end, on the control
   *     executor; must not block
   */
  public record Finding(Optional<Discovery.Saved> kept, Consumer<Discovery.Saved> keep) {}

  public PeerNetworkOptions {
    checkArgument(
        genesis.size() == Limits.HASH_BYTES,
        "a genesis hash has %s bytes, not %s",
        Limits.HASH_BYTES,
        genesis.size());
    checkArgument(
        maxFrameBytes >= Limits.MAX_FRAME_BYTES_BEFORE_HANDSHAKE,
        "frames of %s bytes are too small for the handshake",
        maxFrameBytes);
    checkArgument(
        name.getBytes(StandardCharsets.UTF_8).length <= Limits.MAX_NAME_BYTES,
        "the name '%s' is longer than %s bytes",
        name,
        Limits.MAX_NAME_BYTES);
  }

  /** Options with the usual limits. */
  public static Builder builder(
      PeerId self,
      ByteString genesis,
      Supplier<LocalTip> tip,
      int maxFrameBytes,
      RandomGenerator random,
      Consumer<PeerEvent> events) {
    return new Builder(self, genesis, tip, maxFrameBytes, random, events);
  }

  /** Collects what differs from the usual. */
  public static final class Builder {
    private final PeerId self;
    private final ByteString genesis;
    private final Supplier<LocalTip> tip;
    private final int maxFrameBytes;
    private final RandomGenerator random;
    private final Consumer<PeerEvent> events;
    private String name = "";
    private int maxPeers = Limits.MAX_PEERS;
    private int reservedForDialled = Limits.PEERS_RESERVED_FOR_DIALLED;
    private int maxHandshakes = Limits.MAX_HANDSHAKES_IN_PROGRESS;
    private int maxPerAddress = Limits.MAX_INBOUND_PER_ADDRESS;
    private int maxPerGroup = Limits.MAX_INBOUND_PER_GROUP;
    private long maxUnconsumedBytes = Limits.MAX_UNCONSUMED_BYTES;
    private long maxQueuedBytes = Limits.MAX_SEND_QUEUE_BYTES;
    private Timeouts timeouts = Timeouts.standard();
    private Optional<Finding> discovery = Optional.empty();
    private InstantSource wallClock = Clock.systemUTC();
    private Consumer<Error> fatal =
        error -> {
          throw error;
        };
    private Optional<MessageTap> tap = Optional.empty();

    private Builder(
        PeerId self,
        ByteString genesis,
        Supplier<LocalTip> tip,
        int maxFrameBytes,
        RandomGenerator random,
        Consumer<PeerEvent> events) {
      this.self = self;
      this.genesis = genesis;
      this.tip = tip;
      this.maxFrameBytes = maxFrameBytes;
      this.random = random;
      this.events = events;
    }

    /** See {@link PeerNetworkOptions#name}. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /**
     * See {@link PeerNetworkOptions#maxPeers} and {@link PeerNetworkOptions#reservedForDialled}.
     */
    public Builder places(int total, int forDialled) {
      maxPeers = total;
      reservedForDialled = forDialled;
      return this;
    }

    /** See {@link PeerNetworkOptions#maxHandshakes}. */
    public Builder maxHandshakes(int value) {
      maxHandshakes = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#maxPerAddress} and {@link PeerNetworkOptions#maxPerGroup}. */
    public Builder inbound(int perAddress, int perGroup) {
      maxPerAddress = perAddress;
      maxPerGroup = perGroup;
      return this;
    }

    /** See {@link PeerNetworkOptions#maxUnconsumedBytes}. */
    public Builder maxUnconsumedBytes(long value) {
      maxUnconsumedBytes = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#maxQueuedBytes}. */
    public Builder maxQueuedBytes(long value) {
      maxQueuedBytes = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#timeouts}. */
    public Builder timeouts(Timeouts value) {
      timeouts = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#discovery}. */
    public Builder discovery(Finding value) {
      discovery = Optional.of(value);
      return this;
    }

    /** See {@link PeerNetworkOptions#wallClock}. */
    public Builder wallClock(InstantSource value) {
      wallClock = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#fatal}. */
    public Builder fatal(Consumer<Error> value) {
      fatal = value;
      return this;
    }

    /** See {@link PeerNetworkOptions#tap}. */
    public Builder tap(MessageTap value) {
      tap = Optional.of(value);
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public PeerNetworkOptions build() {
      return new PeerNetworkOptions(
          self,
          genesis,
          tip,
          maxFrameBytes,
          random,
          events,
          name,
          maxPeers,
          reservedForDialled,
          maxHandshakes,
          maxPerAddress,
          maxPerGroup,
          maxUnconsumedBytes,
          maxQueuedBytes,
          timeouts,
          discovery,
          wallClock,
          fatal,
          tap);
    }
  }
}
