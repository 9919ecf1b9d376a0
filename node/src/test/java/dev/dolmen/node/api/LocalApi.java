package dev.dolmen.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.HostAndPort;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A node in memory with its API on a free port, and a client that asks it. */
final class LocalApi implements AutoCloseable {

  static final HostAndPort ANY_PORT = HostAndPort.fromParts("127.0.0.1", 0);

  private final Dolmen node;
  private final ApiServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private LocalApi(Dolmen node, ApiServer server) {
    this.node = node;
    this.server = server;
  }

  static LocalApi start() throws IOException {
    return start("alice", NetworkParameters.dev());
  }

  static LocalApi start(String name, NetworkParameters network) throws IOException {
    return of(Dolmen.builder().name(name).network(network).start());
  }

  /** Of a node that was started otherwise, and is closed with it. */
  static LocalApi of(Dolmen node) throws IOException {
    return new LocalApi(node, ApiServer.start(node, ANY_PORT));
  }

  /** An answer, with its body as bytes. */
  record Answer(int status, HttpHeaders headers, Bytes bytes) {

    byte[] body() {
      return bytes.toByteArray();
    }

    String text() {
      return new String(body(), UTF_8);
    }

    JsonObject object() {
      return new JsonObject(text());
    }

    JsonArray array() {
      return new JsonArray(text());
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** The sentence of a problem document, whose form is checked on the way. */
    String problem() {
      JsonObject problem = object();
      if (!header("Content-Type").equals("application/problem+json")
          || problem.getInteger("status") != status
          || problem.getString("type").isEmpty()
          || problem.getString("title").isEmpty()) {
        throw new AssertionError("no problem document of " + status + ": " + headers + text());
      }
      return problem.getString("detail");
    }
  }

  Dolmen node() {
    return node;
  }

  int port() {
    return server.address().getPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url(path))).timeout(Duration.ofSeconds(20));
  }

  Answer send(HttpRequest request) throws IOException, InterruptedException {
    return answer(request, client.send(request, HttpResponse.BodyHandlers.ofByteArray()));
  }

  /** What came back, held against the description of the API. */
  static Answer answer(HttpRequest request, HttpResponse<byte[]> response) {
    Answer answer =
        new Answer(response.statusCode(), response.headers(), Bytes.wrap(response.body()));
    OpenApiContract.check(request.method(), request.uri().getRawPath(), answer);
    return answer;
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).build());
  }

  Answer method(String method, String path) throws IOException, InterruptedException {
    return send(request(path).method(method, HttpRequest.BodyPublishers.noBody()).build());
  }

  Answer post(String path, byte[] body) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
  }

  Answer post(String path, String body) throws IOException, InterruptedException {
    return post(path, body.getBytes(UTF_8));
  }

  Answer post(String path, String contentType, byte[] body)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  /** Makes blocks, without HTTP in between. */
  List<Block> mine(int count) {
    return mine(node, count);
  }

  static List<Block> mine(Dolmen node, int count) {
    List<Block> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.add(node.runner().ask(Node::makeBlock).join().orElseThrow());
    }
    return made;
  }

  RawClient raw() throws IOException {
    return new RawClient(new Socket(InetAddress.getLoopbackAddress(), port()));
  }

  /** Sends a request with these header lines besides, and reads the status of the answer. */
  int status(String requestLine, String... headers) throws IOException {
    try (RawClient raw = raw()) {
      raw.send(requestLine + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
      return raw.status();
    }
  }

  @Override
  public void close() {
    server.close();
    node.close();
  }
}
