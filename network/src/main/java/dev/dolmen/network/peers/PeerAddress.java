package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.protocol.Limits;
import java.util.Optional;

/**
 * Where a peer can be dialled, written {@code [ID@]HOST:PORT}: a name, an IPv4 address or an IPv6
 * address in brackets, and a port from 1 to 65535. With an id, only the peer that proves this id is
 * accepted there.
 *
 * @param id whom to expect, if it matters
 * @param host name or address, without brackets
 * @param port 1 to 65535
 */
public record PeerAddress(Optional<PeerId> id, String host, int port) {

  public PeerAddress {
    checkArgument(!host.isBlank(), "an address needs a host: [ID@]HOST:PORT");
    checkArgument(
        host.chars().noneMatch(c -> c <= ' ' || c == '@' || c == '/' || c == 0x7f),
        "'%s' is not a host name",
        host);
    checkArgument(port >= 1 && port <= Limits.MAX_PORT, "port %s is not between 1 and 65535", port);
  }

  /** The address without a pinned id. */
  public static PeerAddress of(String host, int port) {
    return new PeerAddress(Optional.empty(), host, port);
  }

  /**
   * Reads {@code [ID@]HOST:PORT}.
   *
   * @throws IllegalArgumentException if it is anything else; the message says what is wrong and can
   *     be shown to a user
   */
  public static PeerAddress parse(String text) {
    int at = text.indexOf('@');
    Optional<PeerId> id = Optional.empty();
    if (at >= 0) {
      try {
        id = Optional.of(PeerId.parse(text.substring(0, at)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("address '" + text + "': " + e.getMessage(), e);
      }
    }
    HostAndPort place = hostAndPort(text, text.substring(at + 1));
    try {
      return new PeerAddress(id, place.getHost(), place.getPort());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("address '" + text + "': " + e.getMessage(), e);
    }
  }

  private static HostAndPort hostAndPort(String whole, String place) {
    HostAndPort parsed;
    try {
      parsed = HostAndPort.fromString(place).requireBracketsForIPv6();
    } catch (IllegalArgumentException e) {
      String wrong =
          place.chars().filter(c -> c == ':').count() > 1
              ? "write an IPv6 address in brackets, as in [::1]:8555, and a port from 1 to 65535"
              : "the port must be a number from 1 to 65535";
      throw new IllegalArgumentException("address '" + whole + "': " + wrong, e);
    }
    checkArgument(
        parsed.hasPort(), "address '%s': the port is missing, as in %s:8555", whole, place);
    return parsed;
  }

  /** Host and port, with brackets around an IPv6 address. */
  public HostAndPort place() {
    return HostAndPort.fromParts(host, port);
  }

  @Override
  public String toString() {
    return id.map(value -> value + "@").orElse("") + place();
  }
}
