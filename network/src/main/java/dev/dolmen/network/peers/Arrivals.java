package dev.dolmen.network.peers;

import dev.dolmen.network.peers.Endpoint.Group;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which strangers are let through to the handshake, which costs us far more than knocking costs
 * them: so many handshakes at a time in all, so many connections from one address and one group of
 * them, and none again from the same address for a while. An address of this machine is exempt from
 * all but the first, and so is one that is no IP address, as there are in simulations.
 *
 * <p>Pure: times are nanoseconds of one monotonic clock.
 */
public final class Arrivals {

  /**
   * Addresses whose last knock is remembered; beyond, the one that knocked longest ago is let off.
   */
  static final int MAX_REMEMBERED = 16_384;

  /**
   * How many may come.
   *
   * @param handshakes connections whose handshake is in progress
   * @param perAddress connections from one address, or one /64
   * @param perGroup connections from one /16, or one /32 of IPv6
   * @param again before the same address may come again
   */
  public record Caps(int handshakes, int perAddress, int perGroup, Duration again) {}

  private final Caps caps;
  private final Set<Long> handshakes = new LinkedHashSet<>();
  private final Map<Long, Endpoint> counted = new LinkedHashMap<>();
  private final Map<IpAddress, Integer> byAddress = new LinkedHashMap<>();
  private final Map<Group, Integer> byGroup = new LinkedHashMap<>();
  private final Map<IpAddress, Long> lastKnock = new LinkedHashMap<>();

  public Arrivals(Caps caps) {
    this.caps = caps;
  }

  /**
   * Somebody connected. Its place is taken until {@link #left}.
   *
   * @param from where it is seen, if that is an IP address
   * @return why it must go, if it must; then nothing is kept of it
   */
  public Optional<String> knock(long link, Optional<Endpoint> from, long now) {
    Optional<Endpoint> limited = from.filter(endpoint -> !endpoint.ip().isLoopback());
    Optional<String> refused = limited.flatMap(endpoint -> tooMany(endpoint, now));
    if (refused.isPresent()) {
      return refused;
    }
    if (handshakes.size() >= caps.handshakes()) {
      return Optional.of(caps.handshakes() + " other handshakes are in progress");
    }
    handshakes.add(link);
    limited.ifPresent(endpoint -> count(link, endpoint, now));
    return Optional.empty();
  }

  private Optional<String> tooMany(Endpoint from, long now) {
    IpAddress holder = from.ip().holder();
    Long last = lastKnock.get(holder);
    if (last != null && now - last < caps.again().toNanos()) {
      return Optional.of(
          "it was here less than " + caps.again().toSeconds() + " s ago; it may come again later");
    }
    if (byAddress.getOrDefault(holder, 0) >= caps.perAddress()) {
      return Optional.of(caps.perAddress() + " connections from its address stand already");
    }
    if (byGroup.getOrDefault(from.group(), 0) >= caps.perGroup()) {
      return Optional.of(caps.perGroup() + " connections from its network stand already");
    }
    return Optional.empty();
  }

  private void count(long link, Endpoint from, long now) {
    IpAddress holder = from.ip().holder();
    counted.put(link, from);
    byAddress.merge(holder, 1, Integer::sum);
    byGroup.merge(from.group(), 1, Integer::sum);
    lastKnock.remove(holder);
    if (lastKnock.size() >= MAX_REMEMBERED) {
      lastKnock.remove(lastKnock.keySet().iterator().next());
    }
    lastKnock.put(holder, now);
  }

  /** Its handshake is over, whatever came of it. */
  public void handshaken(long link) {
    handshakes.remove(link);
  }

  /** The connection is no more. */
  public void left(long link) {
    handshakes.remove(link);
    Endpoint from = counted.remove(link);
    if (from != null) {
      byAddress.computeIfPresent(from.ip().holder(), (unused, n) -> n == 1 ? null : n - 1);
      byGroup.computeIfPresent(from.group(), (unused, n) -> n == 1 ? null : n - 1);
    }
  }
}
