package dev.dolmen.node.api;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.dolmen.node.config.ApiToken;
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
  private final boolean everyAddress;
  private final Optional<ApiToken> token;

  /**
   * Rules of a server.
   *
   * @param apiHost the host it was told to listen on
   * @param token what all who use it have to know
   */
  AccessRules(String apiHost, Optional<ApiToken> token) {
    this.apiHost = apiHost.toLowerCase(Locale.ROOT);
    this.everyAddress =
        InetAddresses.isInetAddress(apiHost)
            && InetAddresses.forString(apiHost).isAnyLocalAddress();
    this.token = token;
  }

  /** Why this request must not be served for want of the token; empty if it may. */
  Optional<Problem> checkToken(List<String> authorizations) {
    if (token.isEmpty()
        || (authorizations.size() == 1 && token.get().isIn(authorizations.get(0)))) {
      return Optional.empty();
    }
    return Optional.of(
        Problem.of(
                401,
                "this API wants its token: send Authorization: Bearer TOKEN; commands take it from"
                    + " --api-token-file FILE")
            .withHeader("WWW-Authenticate", "Bearer realm=\"dolmen\""));
  }

  /**
   * Why this request must not be served; empty if it may.
   *
   * @param uri as in the request line
   * @param reached the address of this machine that the request came to
   */
  Optional<Problem> check(
      String method,
      String uri,
      String reached,
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
    if (host.isEmpty() || !isOurs(host.get().getHost(), reached)) {
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
            || isForeignFetch(method, fetchSite, fetchMode);
    return foreign
        ? Optional.of(
            Problem.of(
                403,
                "pages of other origins may not use this API; open its own page, or ask from a"
                    + " program"))
        : Optional.empty();
  }

  /** No name but our own: a page can be served under any other name that then leads here. */
  private boolean isOurs(String host, String reached) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals(apiHost)
        || isLoopback(name)
        || (everyAddress && isSameAddress(name, reached));
  }

  private static boolean isSameAddress(String host, String reached) {
    return InetAddresses.isInetAddress(host)
        && InetAddresses.isInetAddress(reached)
        && InetAddresses.forString(host).equals(InetAddresses.forString(reached));
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
   * Following a link to our page is no attack; anything else that starts on a foreign page may be,
   * such as a form that leads here.
   */
  private static boolean isForeignFetch(
      String method, @Nullable String site, @Nullable String mode) {
    return site != null
        && !site.equals("same-origin")
        && !site.equals("none")
        && !("navigate".equals(mode) && (method.equals("GET") || method.equals("HEAD")));
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
