package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of somebody else, in a browser on this machine, reaches nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

  private static final String MINE = "POST /v1/blocks HTTP/1.1";
  private static final String EMPTY = "Content-Length: 0";

  private final LocalApi api;

  AccessTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterAll
  void close() {
    api.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.8.9.10:1",
        "localhost",
        "LocalHost:8080",
        "[::1]",
        "[::1]:8080"
      })
  void answersToItsOwnNames(String host) throws Exception {
    assertThat(api.status("GET /v1/status HTTP/1.1", "Host: " + host)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "user@localhost",
        "localhost:x",
        "::1",
        "localhost, evil.example"
      })
  void refusesOtherNames(String host) throws Exception {
    long height = api.node().view().tip().height();
    assertThat(api.status(MINE, "Host: " + host, EMPTY)).isEqualTo(421);
    assertThat(api.node().view().tip().height()).isEqualTo(height);
  }

  @Test
  void wantsExactlyOneHost() throws Exception {
    assertThat(api.status(MINE, EMPTY)).isEqualTo(400);
    assertThat(api.status(MINE, "Host: localhost", "Host: evil.example", EMPTY)).isEqualTo(400);
    assertThat(api.status("GET http://evil.example/v1/status HTTP/1.1", "Host: localhost"))
        .isEqualTo(400);
    assertThat(api.status("GET /v1/status HTTP/1.0")).isEqualTo(400);
  }

  @Test
  void refusesAnAddressInAFormThatTheHttpServerCannotRead() throws Exception {
    assertThat(api.status("GET /v1/status HTTP/1.1", "Host: [::ffff:127.0.0.1]:8080"))
        .isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "http://evil.example, 403",
    "null, 403",
    "http://localhost:3000, 403",
    "https://localhost:PORT, 403",
    "http://127.0.0.1:PORT, 403",
    "http://localhost:PORT.evil.example, 403",
    "http://localhost:PORT, 201",
    "HTTP://localhost:PORT, 403",
    "file://, 403",
    "'', 403",
  })
  void refusesForeignOrigins(String origin, int status) throws Exception {
    String port = Integer.toString(api.port());
    assertThat(
            api.status(
                MINE,
                "Host: localhost:" + port,
                "Origin: " + origin.replace("PORT", port),
                "Content-Type: text/plain",
                EMPTY))
        .isEqualTo(status);
  }

  @Test
  void refusesForeignOriginsOnEveryMethodAndPath() throws Exception {
    for (String line :
        new String[] {
          "GET /v1/status HTTP/1.1",
          "GET /v1/events HTTP/1.1",
          "GET / HTTP/1.1",
          "DELETE /v1/peers/" + "ab".repeat(32) + " HTTP/1.1",
          "OPTIONS /v1/transactions HTTP/1.1",
          "GET /nowhere HTTP/1.1"
        }) {
      assertThat(api.status(line, "Host: localhost", "Origin: http://evil.example")).isEqualTo(403);
    }
  }

  @Test
  void refusesAWebSocketOfAForeignPageAndOpensNone() throws Exception {
    String[] upgrade = {
      "Host: localhost",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };
    String[] foreign = Arrays.copyOf(upgrade, upgrade.length + 1);
    foreign[upgrade.length] = "Origin: http://evil.example";

    assertThat(api.status("GET /v1/events HTTP/1.1", foreign)).isEqualTo(403);
    assertThat(api.status("GET /v1/status HTTP/1.1", upgrade)).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "cross-site, no-cors, 403",
    "same-site, cors, 403",
    "cross-site, navigate, 200",
    "same-origin, cors, 200",
    "none, navigate, 200"
  })
  void letsOnlyLinksLeadHereFromForeignPages(String site, String mode, int status)
      throws Exception {
    assertThat(
            api.status(
                "GET / HTTP/1.1",
                "Host: localhost",
                "Sec-Fetch-Site: " + site,
                "Sec-Fetch-Mode: " + mode))
        .isEqualTo(status);
  }

  @Test
  void readingChangesNothing() throws Exception {
    long height = api.node().view().tip().height();
    for (String path :
        new String[] {
          "/v1/blocks?mine=1", "/v1/blocks/latest", "/v1/transactions", "/v1/peers", "/v1/mempool"
        }) {
      api.status("GET " + path + " HTTP/1.1", "Host: localhost", "X-HTTP-Method-Override: POST");
    }
    assertThat(api.node().view().tip().height()).isEqualTo(height);
  }
}
