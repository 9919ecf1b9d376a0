package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a web page can make the browser of somebody on this machine send. Each is refused before any
 * endpoint, body included: the counters of answers know no path but 'other'.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserAttackTest {

  private static final String EVIL = "Origin: http://evil.example";
  private static final String OURS = "Host: localhost:PORT";

  private final LocalApi api;

  BrowserAttackTest() throws IOException {
    api = LocalApi.start();
  }

  @AfterAll
  void close() {
    api.close();
  }

  private static Arguments attack(String name, int status, String line, String... headers) {
    return Arguments.of(name, status, line, List.of(headers));
  }

  static List<Arguments> attacks() {
    return List.of(
        attack(
            "a name of theirs that was made to point here (DNS rebinding) reads",
            421,
            "GET /v1/status",
            "Host: evil.example:PORT",
            "Sec-Fetch-Site: same-origin"),
        attack(
            "and writes, as its own origin",
            421,
            "POST /v1/blocks",
            "Host: evil.example:PORT",
            "Origin: http://evil.example:PORT",
            "Sec-Fetch-Site: same-origin"),
        attack("our name with a dot behind it", 421, "GET /v1/status", "Host: localhost.:PORT"),
        attack("our name as a user's", 421, "GET /v1/status", "Host: localhost:80@evil.example"),
        attack(
            "our name in front of theirs", 421, "GET /v1/status", "Host: localhost.evil.example"),
        attack(
            "their name in the request line",
            400,
            "GET http://evil.example/v1/status",
            "Host: localhost:PORT"),
        attack(
            "a form (CSRF)",
            403,
            "POST /v1/transactions",
            OURS,
            EVIL,
            "Content-Type: application/x-www-form-urlencoded",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: navigate"),
        attack(
            "a form with files",
            403,
            "POST /v1/transactions",
            OURS,
            EVIL,
            "Content-Type: multipart/form-data; boundary=x"),
        attack(
            "a form that is JSON in disguise",
            403,
            "POST /v1/peers",
            OURS,
            EVIL,
            "Content-Type: text/plain"),
        attack(
            "a form whose page hides its origin",
            403,
            "POST /v1/blocks",
            OURS,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: navigate"),
        attack(
            "a no-cors POST",
            403,
            "POST /v1/blocks",
            OURS,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: no-cors"),
        attack(
            "a sandboxed frame, whose origin is null",
            403,
            "POST /v1/blocks",
            OURS,
            "Origin: null"),
        attack(
            "a WebSocket",
            403,
            "GET /v1/events",
            OURS,
            EVIL,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        attack(
            "an event stream",
            403,
            "GET /v1/events",
            OURS,
            EVIL,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: cors"),
        attack(
            "an image or a script",
            403,
            "GET /v1/status",
            OURS,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: no-cors"),
        attack(
            "a question beforehand (CORS and private network preflight)",
            403,
            "OPTIONS /v1/peers/" + "ab".repeat(32),
            OURS,
            EVIL,
            "Access-Control-Request-Method: DELETE",
            "Access-Control-Request-Private-Network: true"),
        attack(
            "a page of another program on this machine",
            403,
            "POST /v1/blocks",
            OURS,
            "Origin: http://localhost:3000",
            "Sec-Fetch-Site: same-site"),
        attack(
            "a page of this place under another scheme",
            403,
            "POST /v1/blocks",
            OURS,
            "Origin: https://localhost:PORT"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void reachesNothing(String name, int status, String line, List<String> headers)
      throws IOException {
    try (RawClient raw = api.raw()) {
      raw.send(
          (line
                  + " HTTP/1.1\r\n"
                  + String.join("\r\n", headers)
                  + "\r\nContent-Length: 4\r\n\r\nevil")
              .replace("PORT", Integer.toString(api.port())));
      assertThat(raw.status()).as(name).isEqualTo(status);
      assertThat(raw.rest().toLowerCase(Locale.ROOT)).doesNotContain("access-control-allow");
    }
  }

  @Test
  void afterAllOfThemNoEndpointHasBeenAskedAndNothingHasChanged() throws Exception {
    for (Arguments attack : attacks()) {
      Object[] parts = attack.get();
      @SuppressWarnings("unchecked")
      List<String> headers = (List<String>) parts[3];
      reachesNothing((String) parts[0], (int) parts[1], (String) parts[2], headers);
    }

    List<String> answered =
        api.get("/metrics")
            .text()
            .lines()
            .filter(line -> line.startsWith("dolmen_http_requests_total"))
            .toList();
    assertThat(answered).isNotEmpty().allMatch(line -> line.contains("path=\"other\""));
    assertThat(api.node().view().tip().height()).isZero();
    assertThat(api.node().view().mempoolTransactions()).isZero();
    assertThat(api.node().peers().dials()).isEmpty();
  }
}
