package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.net.HostAndPort;
import dev.dolmen.protocol.Limits;
import java.util.Optional;

/**
 * Where a peer listens: an IP address and a port. Unlike a {@link PeerAddress} it has no name to
 * look up and nobody vouches for who is there.
 *
 * @param port 1 to 65535
 */
public record Endpoint(IpAddress ip, int port) {

  public Endpoint {
    checkArgument(port >= 1 && port <= Limits.MAX_PORT, "port %s is not between 1 and 65535", port);
  }

  /**
   * Addresses that one party can be thought to have many of. Whoever is limited is limited by
   * group.
   *
   * @param network the /16 or /32
   * @param port 0, but that of a loopback address, where each port counts as a group of its own:
   *     whoever has this machine has all of it
   */
  public record Group(IpAddress network, int port) {}

  /**
   * Reads {@code IP:PORT}, brackets around IPv6.
   *
   * @return empty if the host is a name, or it is no address at all
   */
  public static Optional<Endpoint> parse(String text) {
    HostAndPort place;
    try {
      place = HostAndPort.fromString(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return place.hasPort() && place.getPort() > 0
        ? IpAddress.parse(place.getHost()).map(ip -> new Endpoint(ip, place.getPort()))
        : Optional.empty();
  }

  /** The group that limits by group apply to. */
  public Group group() {
    return ip.isLoopback() ? new Group(ip, port) : new Group(ip.network(), 0);
  }

  /** As an address to dial, whoever is there. */
  public PeerAddress toAddress() {
    return PeerAddress.of(ip.toString(), port);
  }

  @Override
  public String toString() {
    return HostAndPort.fromParts(ip.toString(), port).toString();
  }
}
