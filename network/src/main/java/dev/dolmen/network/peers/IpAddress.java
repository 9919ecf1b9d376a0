package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.net.InetAddresses;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * An IP address as a value. An IPv4 address is held as its IPv6 form ({@code ::ffff:a.b.c.d}), so
 * that the two ways to write one are one address.
 *
 * @param high the first 8 bytes, big-endian
 * @param low the last 8 bytes
 */
public record IpAddress(long high, long low) {

  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final long IPV4_MARK = 0xffffL;
  private static final long LOW_INT = 0xffff_ffffL;

  /** How far an address reaches: who can be told of it, and may speak of it. */
  public enum Reach {
    /** This machine. */
    LOOPBACK,
    /** One organisation's own network, or one link of it. */
    PRIVATE,
    /** Everywhere. */
    PUBLIC;

    /** Whether whoever is seen at an address of this reach can dial one of that reach. */
    public boolean canReach(Reach that) {
      return compareTo(that) <= 0;
    }
  }

  /**
   * Reads an address as the wire has it.
   *
   * @return empty unless it has 4 or 16 bytes
   */
  public static Optional<IpAddress> of(ByteString bytes) {
    return bytes.size() == IPV4_BYTES || bytes.size() == IPV6_BYTES
        ? Optional.of(ofBytes(bytes.toByteArray()))
        : Optional.empty();
  }

  /**
   * Reads an address as people write it: {@code 203.0.113.7}, {@code 2001:db8::7}.
   *
   * @return empty if it is anything else, a name for example
   */
  public static Optional<IpAddress> parse(String text) {
    return InetAddresses.isInetAddress(text)
        ? Optional.of(ofBytes(InetAddresses.forString(text).getAddress()))
        : Optional.empty();
  }

  private static IpAddress ofBytes(byte[] bytes) {
    checkArgument(bytes.length == IPV4_BYTES || bytes.length == IPV6_BYTES);
    if (bytes.length == IPV4_BYTES) {
      long address = 0;
      for (byte each : bytes) {
        address = address << Byte.SIZE | Byte.toUnsignedLong(each);
      }
      return new IpAddress(0, IPV4_MARK << Integer.SIZE | address);
    }
    return new IpAddress(
        Longs.fromBytes(
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]),
        Longs.fromBytes(
            bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]));
  }

  boolean isIpv4() {
    return high == 0 && low >>> Integer.SIZE == IPV4_MARK;
  }

  /** 4 bytes for IPv4, 16 for IPv6. */
  public ByteString toBytes() {
    byte[] all = new byte[IPV6_BYTES];
    System.arraycopy(Longs.toByteArray(high), 0, all, 0, Long.BYTES);
    System.arraycopy(Longs.toByteArray(low), 0, all, Long.BYTES, Long.BYTES);
    return isIpv4()
        ? ByteString.copyFrom(all, IPV6_BYTES - IPV4_BYTES, IPV4_BYTES)
        : ByteString.copyFrom(all);
  }

  /**
   * How far this address reaches; empty for those nobody can be reached at: unspecified, multicast,
   * reserved, for documentation of IPv6, and tunnels that hide another address.
   */
  public Optional<Reach> reach() {
    return isIpv4() ? reachOfIpv4((int) low) : reachOfIpv6();
  }

  /** Whether it is this machine's own, so that caps for strangers do not apply. */
  public boolean isLoopback() {
    return reach().equals(Optional.of(Reach.LOOPBACK));
  }

  /** Ranges: RFC 6890 and its registry. */
  private static Optional<Reach> reachOfIpv4(int address) {
    int first = address >>> 24;
    int second = address >>> 16 & 0xff;
    if (first == 127) {
      return Optional.of(Reach.LOOPBACK);
    }
    if (first == 0 || first >= 224) {
      return Optional.empty();
    }
    boolean isPrivate =
        first == 10
            || (first == 172 && second >= 16 && second < 32)
            || (first == 192 && second == 168)
            || (first == 169 && second == 254)
            || (first == 100 && second >= 64 && second < 128);
    return Optional.of(isPrivate ? Reach.PRIVATE : Reach.PUBLIC);
  }

  private Optional<Reach> reachOfIpv6() {
    if (high == 0) {
      return low == 1 ? Optional.of(Reach.LOOPBACK) : Optional.empty();
    }
    int first = (int) (high >>> 48);
    if ((first & 0xfe00) == 0xfc00 || (first & 0xffc0) == 0xfe80) {
      return Optional.of(Reach.PRIVATE);
    }
    boolean isTunnel = first == 0x2002 || high >>> 32 == 0x2001_0000L;
    boolean isDocumentation = high >>> 32 == 0x2001_0db8L;
    boolean isGlobal = first >>> 13 == 1;
    return isGlobal && !isTunnel && !isDocumentation ? Optional.of(Reach.PUBLIC) : Optional.empty();
  }

  /**
   * Who can be thought to hold this address: one IPv4 address, or the /64 of an IPv6 address,
   * within which one customer may choose at will.
   */
  public IpAddress holder() {
    return isIpv4() ? this : new IpAddress(high, 0);
  }

  /** The /16 of an IPv4 address, the /32 of an IPv6 one: about what one provider gives out. */
  IpAddress network() {
    return isIpv4() ? new IpAddress(high, low & ~0xffffL) : new IpAddress(high & ~LOW_INT, 0);
  }

  @Override
  public String toString() {
    byte[] bytes = toBytes().toByteArray();
    try {
      return InetAddresses.toAddrString(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }
}
