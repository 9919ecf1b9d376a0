package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.config.ApiToken;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.explorer.ExplorerPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the API asks for a token, nothing happens without it. */
class TokenTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("api.token"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private ApiServer serve(Dolmen node, String host) throws Exception {
    return ApiServer.start(
        node, HostAndPort.fromParts(host, 0), Optional.of(ApiToken.read(file(TOKEN + "\n"))));
  }

  private static String answer(ApiServer server, String line, String... headers)
      throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    try (RawClient raw = new RawClient(socket)) {
      raw.send(
          line + " HTTP/1.1\r\nConnection: close\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
      return raw.rest();
    }
  }

  private static int status(ApiServer server, String line, String... headers) throws IOException {
    return Integer.parseInt(answer(server, line, headers).split(" ", 3)[1]);
  }

  @Test
  void servesWhoKnowsTheTokenAndNobodyElse() throws Exception {
    String host = "Host: localhost";
    try (Dolmen node = Dolmen.builder().start();
        ApiServer server = serve(node, "127.0.0.1")) {
      for (String right :
          new String[] {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER   " + TOKEN + " "}) {
        assertThat(status(server, "GET /v1/status", host, "Authorization: " + right))
            .isEqualTo(200);
      }
      for (String wrong :
          new String[] {
            "Bearer " + TOKEN.substring(1),
            "Bearer " + TOKEN + "0",
            "Bearer " + TOKEN.toUpperCase(Locale.ROOT),
            "Bearer",
            "Bearer ",
            "Basic " + TOKEN,
            TOKEN,
            ""
          }) {
        assertThat(status(server, "POST /v1/blocks", host, "Authorization: " + wrong))
            .as(wrong)
            .isEqualTo(401);
      }
      assertThat(
              status(
                  server,
                  "POST /v1/blocks",
                  host,
                  "Authorization: Bearer " + TOKEN,
                  "Authorization: Bearer " + TOKEN))
          .isEqualTo(401);
      for (String path :
          new String[] {
            "/v1/status", "/v1/events", "/metrics", "/health/live", "/openapi.json", "/nowhere"
          }) {
        assertThat(answer(server, "GET " + path, host))
            .startsWith("HTTP/1.1 401 ")
            .contains("WWW-Authenticate: Bearer realm=\"dolmen\"", "application/problem+json")
            .contains("--api-token-file");
      }
      for (String path : ExplorerPage.files().keySet()) {
        assertThat(status(server, "GET " + path, host)).isEqualTo(200);
      }
      assertThat(node.view().tip().height()).isZero();
    }
  }

  @Test
  void aTokenDoesNotLetForeignPagesAndNamesIn() throws Exception {
    String right = "Authorization: Bearer " + TOKEN;
    try (Dolmen node = Dolmen.builder().start();
        ApiServer server = serve(node, "127.0.0.1")) {
      assertThat(status(server, "GET /v1/status", "Host: evil.example", right)).isEqualTo(421);
      assertThat(status(server, "GET /v1/status", "Host: 192.0.2.1", right)).isEqualTo(421);
      assertThat(status(server, "GET /v1/status", "Host: 127.0.0.1", right)).isEqualTo(200);
      assertThat(
              status(
                  server,
                  "GET /v1/status",
                  "Host: localhost",
                  "Origin: http://evil.example",
                  right))
          .isEqualTo(403);
    }
  }

  @Test
  void answersToTheAddressThatARequestCameToWhereItListensOnAll() {
    AccessRules every = new AccessRules("0.0.0.0", Optional.empty());
    AccessRules one = new AccessRules("192.0.2.7", Optional.empty());

    assertThat(
            every.check("GET", "/", "192.0.2.7", List.of("192.0.2.7:8080"), List.of(), null, null))
        .isEmpty();
    assertThat(every.check("GET", "/", "192.0.2.7", List.of("192.0.2.8"), List.of(), null, null))
        .isPresent();
    assertThat(one.check("GET", "/", "192.0.2.7", List.of("192.0.2.7"), List.of(), null, null))
        .isEmpty();
    assertThat(one.check("GET", "/", "192.0.2.8", List.of("192.0.2.8"), List.of(), null, null))
        .isPresent();
  }

  @Test
  void takesATokenFromAFileThatIsTheOwnersOnly() throws Exception {
    assertThat(ApiToken.read(file(TOKEN)).header()).isEqualTo("Bearer " + TOKEN);
    assertThat(ApiToken.read(file("x".repeat(512) + "\r\n")).isIn("Bearer " + "x".repeat(512)))
        .isTrue();
    assertThat(ApiToken.read(file(TOKEN)).toString()).doesNotContain(TOKEN);

    for (String bad :
        new String[] {
          "",
          "\n",
          TOKEN.substring(1),
          "x".repeat(513),
          TOKEN + " " + TOKEN,
          TOKEN + "\n" + TOKEN,
          "\u00e9".repeat(40)
        }) {
      Path file = file(bad);
      assertThatThrownBy(() -> ApiToken.read(file))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("openssl rand -hex 32");
    }
    Path open =
        Files.setPosixFilePermissions(file(TOKEN), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> ApiToken.read(open)).hasMessageContaining("chmod 600 " + open);
    assertThatThrownBy(() -> ApiToken.read(directory.resolve("absent")))
        .hasMessageContaining("does not exist");
  }
}
