package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.config.ApiToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Optional;

/**
 * Asks a node's HTTP API. It uses the JDK's oldest HTTP client because that loads the fewest
 * classes: most of what a command takes is its start.
 */
final class ApiClient {

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /** A node answers after one sync of its disk, which may take seconds on a bad one. */
  private static final int READ_TIMEOUT_MILLIS = 30_000;

  private static final int FIRST_ERROR_STATUS = 400;

  private final HostAndPort api;
  private final Optional<ApiToken> token;

  ApiClient(HostAndPort api, Optional<ApiToken> token) {
    this.api = api;
    this.token = token;
  }

  /** What came back, whatever its status. */
  record Answer(int status, String text) {

    boolean isError() {
      return status >= FIRST_ERROR_STATUS;
    }

    Json json() throws IOException {
      return Json.parse(text);
    }

    /** What the problem document says, for people. */
    String problem() {
      try {
        Json problem = json();
        Optional<Json> sentence = problem.find("detail").or(() -> problem.find("title"));
        if (sentence.isPresent() && sentence.get().value() instanceof String text) {
          return Columns.harmless(text);
        }
      } catch (IOException notOurs) {
        return "an answer of status " + status + " that is not a Dolmen node's";
      }
      return "status " + status;
    }
  }

  Answer get(String path) throws IOException {
    return exchange("GET", path, Optional.empty());
  }

  Answer post(String path, byte[] body) throws IOException {
    return exchange("POST", path, Optional.of(body));
  }

  Answer delete(String path) throws IOException {
    return exchange("DELETE", path, Optional.empty());
  }

  /** A question that is asked by one method or another. */
  interface Question {
    Answer ask() throws IOException;
  }

  /**
   * Changes something, and expects that it is done.
   *
   * @throws CommandFailure as {@link #require}
   */
  Answer requirePut(String path, String json) throws CommandFailure {
    return require(() -> exchange("PUT", path, Optional.of(json.getBytes(UTF_8))));
  }

  /**
   * Asks and expects a yes.
   *
   * @throws CommandFailure if nobody answers, or the answer is no
   */
  Answer require(String path) throws CommandFailure {
    return require(() -> get(path));
  }

  /** As {@link #require(String)}, whatever the question. */
  Answer require(Question question) throws CommandFailure {
    Answer answer;
    try {
      answer = question.ask();
    } catch (IOException e) {
      throw unreachable(e);
    }
    if (answer.isError()) {
      throw refused(answer);
    }
    return answer;
  }

  CommandFailure unreachable(IOException e) {
    return new CommandFailure(
        ExitCode.NO,
        "cannot reach the API at "
            + address()
            + " ("
            + reason(e)
            + "). Start a node with 'dolmen run', or say where it is with --api",
        e);
  }

  static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  CommandFailure refused(Answer answer) {
    return new CommandFailure(
        answer.status() == HttpURLConnection.HTTP_BAD_REQUEST ? ExitCode.USAGE : ExitCode.NO,
        answer.problem());
  }

  /** An answer that cannot be understood. */
  CommandFailure strange(IOException e) {
    return new CommandFailure(
        ExitCode.NO,
        address()
            + " does not answer as this Dolmen's API would ("
            + reason(e)
            + "). Say where the node is with --api",
        e);
  }

  String address() {
    return "http://" + api;
  }

  private Answer exchange(String method, String path, Optional<byte[]> body) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(address() + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
    connection.setReadTimeout(READ_TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod(method);
    connection.setRequestProperty("Accept", "application/json");
    if (token.isPresent()) {
      connection.setRequestProperty("Authorization", token.get().header());
    }
    if (body.isPresent()) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/octet-stream");
      connection.setFixedLengthStreamingMode(body.get().length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body.get());
      }
    }
    int status = connection.getResponseCode();
    if (status < 0) {
      throw new IOException("it speaks no HTTP");
    }
    try (InputStream in =
        status >= FIRST_ERROR_STATUS ? connection.getErrorStream() : connection.getInputStream()) {
      return new Answer(
          status, in == null ? "" : new String(in.readAllBytes(), UTF_8).stripTrailing());
    }
  }
}
