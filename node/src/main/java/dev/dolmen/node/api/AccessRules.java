package dev.dolmen.node.api;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages of others away from an API that listens on this machine. A name that was made to
 * point here (DNS rebinding) shows in {@code Host}; a request that a foreign page makes shows in
 * {@code Origin} or {@code Sec-Fetch-Site}. Programs send none of the latter two.
 *
 * <p>Rule: docs/api.md#access
 */
final class AccessRules {

  private static final int HTTP_PORT = 80;
  private static final String SCHEME = "http://";

  private final String apiHost;

  /**
   * Rules of a server.
   *
   * @param apiHost the host it was told to listen on
   */
  AccessRules(String apiHost) {
    this.apiHost = apiHost.toLowerCase(Locale.ROOT);
  }

  /**
   * Why this request must not be served; empty if it may.
   *
   * @param uri as in the request line
   */
  Optional<Problem> check(
      String uri,
      List<String> hosts,
      List<String> origins,
      @Nullable String fetchSite,
      @Nullable String fetchMode) {
    if (!uri.startsWith("/")) {
      return Optional.of(
          Problem.badRequest("the request line must name a path, as in: GET /v1/status HTTP/1.1"));
    }
    if (hosts.size() != 1) {
      return Optional.of(
          Problem.badRequest("send exactly one Host header, as in: Host: 127.0.0.1:8080"));
    }
    Optional<HostAndPort> host = parse(hosts.get(0));
    if (host.isEmpty() || !isOurs(host.get().getHost())) {
      return Optional.of(
          Problem.of(
              421,
              "this API answers to this machine's own names and addresses, such as localhost or"
                  + " 127.0.0.1, and to "
                  + apiHost
                  + "; send one of them as Host"));
    }
    boolean foreign =
        origins.size() > 1
            || origins.stream().anyMatch(origin -> !isOurPage(origin, host.get()))
            || isForeignFetch(fetchSite, fetchMode);
    return foreign
        ? Optional.of(
            Problem.of(
                403,
                "pages of other origins may not use this API; open its own page, or ask from a"
                    + " program"))
        : Optional.empty();
  }

  private boolean isOurs(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals(apiHost) || isLoopback(name);
  }

  private static boolean isLoopback(String host) {
    if (!InetAddresses.isInetAddress(host)) {
      return false;
    }
    InetAddress address = InetAddresses.forString(host);
    return address.isLoopbackAddress();
  }

  private static boolean isOurPage(String origin, HostAndPort host) {
    return origin.startsWith(SCHEME)
        && parse(origin.substring(SCHEME.length()))
            .filter(page -> page.getHost().equalsIgnoreCase(host.getHost()))
            .filter(page -> port(page) == port(host))
            .isPresent();
  }

  /**
   * Following a link to our page is no attack; anything else that starts on a foreign page may be.
   */
  private static boolean isForeignFetch(@Nullable String site, @Nullable String mode) {
    return site != null
        && !site.equals("same-origin")
        && !site.equals("none")
        && !"navigate".equals(mode);
  }

  private static int port(HostAndPort place) {
    return place.getPortOrDefault(HTTP_PORT);
  }

  private static Optional<HostAndPort> parse(String text) {
    try {
      return Optional.of(HostAndPort.fromString(text).requireBracketsForIPv6());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
