package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.common.net.HostAndPort;
import dev.dolmen.core.Blocks;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.api.ApiServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The API of a real node, spoken to on a socket: request lines, headers, queries and bodies. No
 * answer is a 500, and nothing is logged as an error.
 */
final class HttpTarget implements FuzzTarget {

  /** A request that is cut short is not waited for: the server gives it ten seconds. */
  private static final int PATIENCE_MILLIS = 60;

  /** What is known to be answered is waited for, on a busy machine too. */
  private static final int LONG_PATIENCE_MILLIS = 20_000;

  private static final int MOST_ANSWER_BYTES = 4 * 1024 * 1024;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

  private final List<byte[]> examples = requests();
  private final ApiServer server;
  private final LogWatch log = new LogWatch();

  HttpTarget() throws IOException {
    ((Logger) LoggerFactory.getLogger("dev.dolmen")).setLevel(Level.ERROR);
    Dolmen node = Dolmen.builder().name("fuzz").discovery(false).start();
    server = ApiServer.start(node, HostAndPort.fromParts("127.0.0.1", 0));
  }

  @Override
  public boolean feed(byte[] input) throws IOException {
    if (dials(input)) {
      return false;
    }
    String answer = answer(input);
    log.check();
    Matcher status = STATUS.matcher(answer);
    boolean good = false;
    while (status.find()) {
      int code = Integer.parseInt(status.group(1));
      require(code != 500, "no 500: " + answer);
      good |= code < 300;
    }
    return good;
  }

  /** Whoever is named in it would be dialled, and a mutated address can be anybody's. */
  private static boolean dials(byte[] input) {
    String text = new String(input, ISO_8859_1).toLowerCase(Locale.ROOT);
    return text.contains("post") && (text.contains("/peers") || text.contains("%"));
  }

  private String answer(byte[] input) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      boolean whole = examples.stream().anyMatch(example -> Arrays.equals(example, input));
      socket.setSoTimeout(whole ? LONG_PATIENCE_MILLIS : PATIENCE_MILLIS);
      socket.getOutputStream().write(input);
      InputStream in = socket.getInputStream();
      byte[] piece = new byte[8192];
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        answer.write(piece, 0, read);
        require(answer.size() < MOST_ANSWER_BYTES, "an answer of bounded length");
      }
    } catch (SocketTimeoutException | SocketException noMore) {
      // It waits for the rest, or has closed on us: both may be.
    }
    return answer.toString(ISO_8859_1);
  }

  @Override
  public List<byte[]> examples() {
    return examples;
  }

  private static List<byte[]> requests() {
    return Stream.of(
            request("GET /v1/status", ""),
            request("GET /v1/blocks?from=0&limit=5&transactions=false", ""),
            request("GET /v1/blocks/latest", ""),
            request("GET /v1/blocks/0/raw", ""),
            request("GET /v1/mempool?limit=5", ""),
            request("GET /v1/search?q=0", ""),
            request("GET /v1/forks", ""),
            request("GET /v1/peers", ""),
            request("GET /v1/transactions?author=" + Blocks.ALICE.publicKey() + "&from=0", ""),
            request("GET /metrics", ""),
            request("POST /v1/transactions?expiry=9", "some text"),
            request(
                "POST /v1/bans", "{\"peer\":\"203.0.113.7\",\"seconds\":60,\"reason\":\"spam\"}"),
            request("DELETE /v1/bans/203.0.113.7", ""),
            request("HEAD /health/live", ""),
            request("GET /v1/blocks/0", "").replace("Connection: close", "Connection: keep-alive")
                + request("GET /v1/network", ""))
        .map(text -> text.getBytes(ISO_8859_1))
        .toList();
  }

  private static String request(String line, String body) {
    return line
        + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\nAccept: */*\r\n"
        + (body.isEmpty() ? "" : "Content-Type: application/json\r\n")
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.text(example, other);
  }
}
