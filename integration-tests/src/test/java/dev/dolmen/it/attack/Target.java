package dev.dolmen.it.attack;

import com.google.common.net.HostAndPort;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * The node that is attacked, by its peer port and its API. It must be on this machine and of the
 * network {@code dev}, where blocks cost nothing: attacks need some with good work.
 */
final class Target {

  /** For an answer to a question that nothing goes on without. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final NetworkParameters DEV = NetworkParameters.dev();

  private final int peerPort;
  private final HostAndPort api;

  private Target(int peerPort, HostAndPort api) {
    this.peerPort = peerPort;
    this.api = api;
  }

  /**
   * Looks whether it may be attacked.
   *
   * @throws IllegalArgumentException if it is not on this machine, or of another network than
   *     {@code dev}
   */
  static Target of(HostAndPort peer, HostAndPort api) throws IOException, InterruptedException {
    requireLoopback(peer);
    requireLoopback(api);
    Target target = new Target(peer.getPort(), api);
    String network = target.status().get("genesis").getAsString();
    if (!network.equals(DEV.genesisHash().toString())) {
      throw new IllegalArgumentException(
          "the node is of another network than dev, and only there can blocks be made for nothing");
    }
    return target;
  }

  private static void requireLoopback(HostAndPort place) throws IOException {
    for (InetAddress address : InetAddress.getAllByName(place.getHost())) {
      if (!address.isLoopbackAddress()) {
        throw new IllegalArgumentException(
            place + " is not on this machine; attack your own node, on 127.0.0.1");
      }
    }
  }

  int peerPort() {
    return peerPort;
  }

  HostAndPort api() {
    return api;
  }

  ByteString network() {
    return Wire.bytes(DEV.genesisHash().value());
  }

  JsonObject status() throws IOException, InterruptedException {
    return JsonParser.parseString(get("/v1/status", PATIENCE)).getAsJsonObject();
  }

  /**
   * What its process uses.
   *
   * @param residentBytes in memory, of all kinds
   * @param cpuSeconds on all cores, since it started
   */
  record Use(long residentBytes, double cpuSeconds) {}

  /** What its process uses now; it may take so long to say so. */
  Use use(Duration patience) throws IOException, InterruptedException {
    String metrics = get("/metrics", patience);
    return new Use(
        (long) figure(metrics, "process_resident_memory_bytes"),
        figure(metrics, "process_cpu_seconds_total"));
  }

  private static double figure(String metrics, String name) throws IOException {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IOException("the node does not tell " + name));
  }

  private String get(String path, Duration patience) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + api + path)).timeout(patience).build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " is answered with " + answer.statusCode());
    }
    return answer.body();
  }
}
