package dev.dolmen.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestLimitsTest {

  private static final String HOST = "Host: localhost\r\n";

  private final LocalApi api;

  RequestLimitsTest() throws Exception {
    api = LocalApi.start();
  }

  @AfterAll
  void close() {
    api.close();
  }

  @Test
  void readsBodiesUpToTheLimit() throws Exception {
    assertThat(api.post("/v1/blocks", new byte[1_000_000]).status()).isEqualTo(201);
    assertThat(api.post("/v1/blocks", new byte[1_000_001]).status()).isEqualTo(413);
    assertThat(api.post("/v1/blocks", new byte[1_000_001]).problem()).contains("1000000 bytes");
  }

  @Test
  void countsChunkedBodiesToo() throws Exception {
    assertThat(chunked(1_000_000)).isEqualTo(201);
    assertThat(chunked(1_000_001)).isEqualTo(413);
  }

  private int chunked(int bytes) throws Exception {
    return api.send(
            api.request("/v1/blocks")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[bytes])))
                .build())
        .status();
  }

  @Test
  void answersATenMegabyteBodyAndLivesOn() throws Exception {
    assertThat(api.post("/v1/transactions", new byte[10_000_000]).status()).isEqualTo(413);
    assertThat(api.get("/v1/status").status()).isEqualTo(200);
  }

  @Test
  void answersBeforeABodyIsSentThatWouldBeTooLarge() throws Exception {
    try (RawClient raw = api.raw()) {
      raw.send(
          "POST /v1/transactions HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n");
      assertThat(raw.status()).isEqualTo(413);
    }
  }

  @Test
  void invitesABodyThatFits() throws Exception {
    try (RawClient raw = api.raw()) {
      raw.send(
          "POST /v1/transactions HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      assertThat(raw.status()).isEqualTo(100);
      raw.send("hello");
      assertThat(raw.line()).isEmpty();
      assertThat(raw.status()).isEqualTo(202);
    }
  }

  @Test
  void givesUpOnSlowHeadsAndBodies() throws Exception {
    try (RawClient silent = api.raw();
        RawClient slowHead = api.raw();
        RawClient slowBody = api.raw()) {
      slowHead.send("GET /v1/status HTTP/1.1\r\nHo");
      slowBody.send("POST /v1/transactions HTTP/1.1\r\n" + HOST + "Content-Length: 100\r\n\r\nslo");
      assertThat(slowBody.status()).isEqualTo(408);
      slowBody.rest();
      assertThat(slowHead.isClosed()).isTrue();
      assertThat(silent.isClosed()).isTrue();
    }
  }

  @Test
  void refusesHeadsThatAreTooLong() throws Exception {
    assertThat(api.status("GET /v1/status?" + "a".repeat(3_000) + " HTTP/1.1", "Host: localhost"))
        .isEqualTo(200);
    assertThat(api.status("GET /v1/status?" + "a".repeat(5_000) + " HTTP/1.1", "Host: localhost"))
        .isEqualTo(414);
    assertThat(
            api.status(
                "GET /v1/status HTTP/1.1", "Host: localhost", "X-Long: " + "a".repeat(15_000)))
        .isEqualTo(200);
    assertThat(
            api.status(
                "GET /v1/status HTTP/1.1", "Host: localhost", "X-Long: " + "a".repeat(17_000)))
        .isEqualTo(431);
  }

  @Test
  void refusesWhatIsNoHttp() throws Exception {
    for (String nonsense :
        new String[] {
          "GET / HTTP/9.9\r\n" + HOST + "\r\n",
          "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n",
          "POST /v1/blocks HTTP/1.1\r\n" + HOST + "Content-Length: -5\r\n\r\n",
          "POST /v1/blocks HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
          "POST /v1/blocks HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
          "GET /v1/status HTTP/1.1\r\nHost localhost\r\n\r\n"
        }) {
      try (RawClient raw = api.raw()) {
        raw.send(nonsense);
        assertThat(raw.status()).as(nonsense).isIn(0, 400, 501);
      }
    }
    assertThat(api.get("/v1/status").status()).isEqualTo(200);
  }

  @Test
  void refusesCompressedBodies() throws Exception {
    assertThat(
            api.send(
                    api.request("/v1/transactions")
                        .header("Content-Encoding", "gzip")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[10]))
                        .build())
                .status())
        .isEqualTo(415);
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (RawClient raw = api.raw()) {
      String get = "GET /v1/blocks/0/raw HTTP/1.1\r\n" + HOST + "\r\n";
      String last = "GET /nope HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n";
      raw.send(get + get + get + last);
      String answers = raw.rest();

      assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(4);
      assertThat(answers.lastIndexOf("HTTP/1.1 404"))
          .isGreaterThan(answers.lastIndexOf("HTTP/1.1 200"));
    }
  }

  @Test
  void keepsAConnectionAliveBetweenRequests() throws Exception {
    try (RawClient raw = api.raw()) {
      for (int i = 0; i < 3; i++) {
        raw.send("HEAD /v1/status HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(raw.status()).isEqualTo(200);
        for (String line = raw.line(); !line.isEmpty(); line = raw.line()) {
          assertThat(line).isNotEqualToIgnoringCase("connection: close");
        }
      }
    }
  }

  @Test
  void letsTheLongestIdleConnectionGoWhenThereAreTooMany() throws Exception {
    try (LocalApi other = LocalApi.start()) {
      List<RawClient> idle = new ArrayList<>();
      try {
        for (int i = 0; i < HttpLimits.MAX_CONNECTIONS; i++) {
          RawClient client = other.raw();
          idle.add(client);
          client.send("GET /v1/status HTTP/1.1\r\n" + HOST + "\r\n");
          assertThat(client.status()).isEqualTo(200);
        }
        try (RawClient newcomer = other.raw()) {
          newcomer.send("GET /v1/status HTTP/1.1\r\n" + HOST + "\r\n");
          assertThat(newcomer.status()).isEqualTo(200);
          assertThat(idle.get(0).rest()).isNotEmpty();
          idle.get(1).send("GET /nope HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
          assertThat(idle.get(1).rest()).contains("404");
        }
      } finally {
        for (RawClient client : idle) {
          client.close();
        }
      }
    }
  }

  @Test
  void tellsOthersToComeAgainWhenTooManyRequestsAreAtWork() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> held =
        api.node()
            .runner()
            .look(
                node -> {
                  Uninterruptibles.awaitUninterruptibly(release);
                  return true;
                });
    List<RawClient> atWork = new ArrayList<>();
    try {
      for (int i = 0; i < HttpLimits.MAX_AT_WORK; i++) {
        RawClient client = api.raw();
        atWork.add(client);
        client.send("POST /v1/blocks HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");
      }
      LocalApi.Answer refused = api.post("/v1/blocks", "");

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.problem()).contains("ask again");
      assertThat(api.get("/v1/status").status()).isEqualTo(200);
      assertThat(api.get("/health/live").status()).isEqualTo(200);
      release.countDown();
      for (RawClient client : atWork) {
        assertThat(client.status()).isEqualTo(201);
      }
      assertThat(held.join()).isTrue();
      assertThat(api.post("/v1/blocks", "").status()).isEqualTo(201);
    } finally {
      release.countDown();
      for (RawClient client : atWork) {
        client.close();
      }
    }
  }
}
