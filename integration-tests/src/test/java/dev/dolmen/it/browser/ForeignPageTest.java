package dev.dolmen.it.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A page of somebody else, open in the browser of whoever runs a node: what it can make the browser
 * send reaches no endpoint, and it learns nothing. {@code BrowserAttackTest} says the same without
 * a browser, where it is known what one sends.
 */
class ForeignPageTest {

  private static final String PAGE = "<!doctype html><title>evil</title><body>free stickers</body>";

  @RegisterExtension final Window window = new Window();

  private final HttpServer evil;
  private Site site;

  ForeignPageTest() throws IOException {
    evil = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    evil.createContext(
        "/",
        exchange -> {
          byte[] page = PAGE.getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    evil.start();
    site = Site.node("alice");
  }

  @BeforeEach
  void openTheirPage() {
    window.show(site);
    window.expect(""); // that the browser complains is what is wanted
    window.page().navigate("http://evil.example:" + evil.getAddress().getPort() + "/");
  }

  @AfterEach
  void nothingWasReachedAndNothingHasChanged() throws Exception {
    evil.stop(0);
    List<String> answered =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(site.url() + "/metrics")).build(),
                BodyHandlers.ofString())
            .body()
            .lines()
            .filter(line -> line.startsWith("dolmen_http_requests_total"))
            .toList();
    assertThat(answered).allMatch(line -> line.contains("path=\"other\""));
    assertThat(site.node().view().tip().height()).isZero();
    assertThat(site.node().view().mempoolTransactions()).isZero();
    assertThat(site.node().peers().dials()).isEmpty();
  }

  private int port() {
    return URI.create(site.url()).getPort();
  }

  /** Runs a script of theirs, which answers with a word. */
  private String run(String script) {
    return String.valueOf(window.page().evaluate(script.replace("API", site.url())));
  }

  @Test
  void aNameOfTheirsThatLeadsHereIsNoNameOfOurs() {
    Page page = window.page();
    String ours = "http://evil.example:" + port();
    assertEquals(421, page.navigate(ours + "/v1/status").status());

    // Their server gave the page before the name was made to lead here.
    page.route(
        ours + "/",
        route ->
            route.fulfill(new Route.FulfillOptions().setContentType("text/html").setBody(PAGE)));
    page.navigate(ours + "/");
    // A browser that knows private networks does not even ask.
    for (String request : List.of("'/v1/blocks', {method: 'POST'}", "'/v1/mempool'")) {
      assertThat(
              run(
                  "fetch("
                      + request
                      + ").then(answer => String(answer.status), error => 'refused')"))
          .isIn("421", "refused");
    }
  }

  @Test
  void aFetchCannotRead() {
    assertEquals(
        "refused", run("fetch('API/v1/status').then(answer => 'read', error => 'refused')"));
  }

  @Test
  void aFetchThatAsksForNoAnswerChangesNothing() {
    assertEquals(
        "opaque",
        run(
            "fetch('API/v1/blocks', {method: 'POST', mode: 'no-cors'})"
                + ".then(answer => answer.type, error => 'opaque')"));
    assertEquals(
        "opaque",
        run(
            "fetch('API/v1/peers', {method: 'POST', mode: 'no-cors',"
                + " body: '{\"address\": \"127.0.0.1:1\"}'})"
                + ".then(answer => answer.type, error => 'opaque')"));
  }

  @Test
  void aFetchThatMustAskBeforehandIsNotAllowed() {
    assertEquals(
        "refused",
        run(
            "fetch('API/v1/bans/127.0.0.1', {method: 'DELETE'})"
                + ".then(answer => 'done', error => 'refused')"));
    assertEquals(
        "refused",
        run(
            "fetch('API/v1/peers', {method: 'POST', headers: {'Content-Type': 'application/json'},"
                + " body: '{}'}).then(answer => 'done', error => 'refused')"));
  }

  @Test
  void aFormThatLeadsHereIsRefused() {
    Page page = window.page();
    Response answer =
        page.waitForResponse(
            site.url() + "/v1/blocks",
            () ->
                run(
                    "{const form = document.createElement('form'); form.method = 'post';"
                        + " form.action = 'API/v1/blocks'; document.body.append(form);"
                        + " form.submit(); ''}"));
    assertEquals(403, answer.status());
  }

  @Test
  void aBeaconChangesNothing() {
    run("navigator.sendBeacon('API/v1/blocks', 'x')");
    // What comes after it on the same machine has come after it here.
    assertEquals(
        "refused", run("fetch('API/v1/status').then(answer => 'read', error => 'refused')"));
  }

  @Test
  void noWebSocketOpens() {
    assertEquals(
        "refused",
        run(
            "new Promise(done => {const socket = new WebSocket('API/v1/events'"
                + ".replace('http', 'ws'));"
                + " socket.onopen = () => done('open'); socket.onerror = () => done('refused')})"));
  }

  @Test
  void noEventStreamOpens() {
    assertEquals(
        "refused",
        run(
            "new Promise(done => {const events = new EventSource('API/v1/events');"
                + " events.onopen = () => done('open');"
                + " events.onerror = () => {events.close(); done('refused')}})"));
  }

  @Test
  void neitherAnImageNorAScriptLoads() {
    for (String kind : List.of("img", "script")) {
      assertEquals(
          "refused",
          run(
              "new Promise(done => {const part = document.createElement('"
                  + kind
                  + "'); part.onload = () => done('loaded');"
                  + " part.onerror = () => done('refused');"
                  + " part.src = 'API/v1/status'; document.body.append(part)})"));
    }
  }
}
