package dev.dolmen.it.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import dev.dolmen.core.Vectors;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.node.Node;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page that checks proofs, and the JavaScript behind it. */
class VerifyPageTest {

  @RegisterExtension final Window window = new Window();

  private Page open(Site site) {
    return window.open(window.show(site), "/verify");
  }

  private static byte[] proof(Site site, String query) throws Exception {
    TransactionId id = site.node().submit("invoice 17 paid".getBytes(UTF_8));
    for (int i = 0; i < 12; i++) {
      site.node().runner().ask(Node::makeBlock).join();
    }
    URI uri = URI.create(site.url() + "/v1/transactions/" + id + "/proof" + query);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  private static void choose(Page page, byte[] file) {
    page.getByLabel("Choose a proof file").setInputFiles(payload(file));
  }

  private static FilePayload payload(byte[] file) {
    return new FilePayload("invoice.proof", "application/json", file);
  }

  @Test
  void hasTheColoursThatWereChosenInTheExplorer() {
    Site site = window.show(Site.node("alice"));
    Page page = window.open(site, "/");
    page.locator("#theme").click();
    page.locator("#theme").click();
    page.locator("#verify").click();

    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    assertThat(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(20, 23, 26)");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Colours: dark")).click();
    assertThat(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(246, 245, 242)");
  }

  @Test
  void aProofIsFoundValidAndAChangedOneIsNot() throws Exception {
    Site site = Site.node("alice");
    Page page = open(site);
    byte[] proof = proof(site, "");
    List<String> posted = new ArrayList<>();
    page.onRequest(request -> posted.add(request.url()));

    choose(page, proof);

    assertThat(page.locator("#verdict-title")).hasText("✓ Valid");
    assertThat(page.locator("#verdict")).isFocused();
    assertThat(page.locator("#verdict-sentence")).containsText("\"invoice 17 paid\" by ");
    assertThat(page.locator("#verdict-sentence")).containsText("of network dev, from its genesis");
    assertThat(page.locator("#facts")).containsText(site.node().id().toString());
    page.getByText("of them, from the first to the last").click();
    assertThat(page.locator("#steps")).containsText("is above the median");
    window.screenshot("proof-valid");

    byte[] changed = new String(proof, ISO_8859_1).replace("7061", "7062").getBytes(ISO_8859_1);
    choose(page, changed);

    assertThat(page.locator("#verdict-title")).hasText("✗ Invalid");
    assertThat(page.locator("#verdict-sentence"))
        .hasText(
            "signature: A transaction's signature is not its author's over it for this network.");
    window.width(Window.PHONE);
    window.prefers(ColorScheme.DARK);
    window.screenshot("proof-invalid-phone");
    assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
        .isEqualTo(true);
    assertThat(posted).as("what the page sent while it checked").isEmpty();
  }

  @Test
  void aProofFromACheckpointNeedsTheReadersTrust() throws Exception {
    Site site = Site.node("alice");
    Page page = open(site);
    byte[] proof = proof(site, "?checkpoint=1");
    ChainPoint first = new ChainPoint(1, site.node().runner().reader().hashAt(1).orElseThrow());

    choose(page, proof);
    assertThat(page.locator("#verdict-sentence"))
        .containsText("anchor: the file begins at block 1 and not at genesis");

    page.getByLabel("A block that you trust").fill("1:nothing");
    page.getByLabel("A block that you trust").press("Tab");
    assertThat(page.locator("#checkpoint-complaint")).containsText("a height, a colon");
    assertThat(page.locator("#verdict")).isHidden();

    page.getByLabel("A block that you trust").fill(first.toString());
    page.getByLabel("A block that you trust").press("Tab");
    assertThat(page.locator("#verdict-title")).hasText("✓ Valid");
    assertThat(page.locator("#verdict-sentence")).containsText("from the checkpoint at block 1");
  }

  @Test
  void theBrowserJudgesEveryStoredProofAsTheNodeDoes() {
    Page page = open(Site.node("alice"));
    JsonObject all = Vectors.resource("/proofs.json");

    Object differences =
        page.evaluate(
            """
            async (text) => {
              const { check, checkpointOf, networkOf } = await import('/proof.js');
              const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
              const place = ({ height, hash }) => height + ':' + hash;
              const different = [];
              for (const each of JSON.parse(text).cases) {
                const bytes = Uint8Array.from(each.file, (c) => c.charCodeAt(0));
                const checkpoint = each.checkpoint === null ? null : checkpointOf(each.checkpoint);
                const verdict = await check(bytes, networkOf(each.network), checkpoint);
                const said = verdict.valid
                  ? [verdict.id, verdict.author, hex(verdict.payload), place(verdict.block), verdict.index,
                    place(verdict.anchor), verdict.isFromGenesis, place(verdict.tip), String(verdict.work),
                    ...verdict.findings.map((found) => found.step + ': ' + found.sentence)]
                  : [verdict.step, verdict.reason];
                const wanted = each.valid
                  ? [each.id, each.author, each.payload, each.block, each.index, each.anchor,
                    each.isFromGenesis, each.tip, each.work, ...each.findings]
                  : [each.step, each.reason];
                if (JSON.stringify(said) !== JSON.stringify(wanted)) different.push(each.name + ': ' + said);
              }
              return different;
            }
            """,
            all.toString());

    assertThat(all.getAsJsonArray("cases")).hasSizeGreaterThan(80);
    assertThat(differences).isEqualTo(List.of());
  }

  @Test
  void theBrowserJudgesEveryCornerOfASignatureAsTheNodeDoes() {
    Page page = open(Site.node("alice"));
    JsonObject all = Vectors.resource("/ed25519.json");

    Object differences =
        page.evaluate(
            """
            async (text) => {
              const { verify } = await import('/ed25519.js');
              const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
              return JSON.parse(text).cases
                .filter((each) => each.valid
                  !== verify(bytes(each.publicKey), bytes(each.message), bytes(each.signature)))
                .map((each) => each.name);
            }
            """,
            all.toString());

    assertThat(all.getAsJsonArray("cases")).hasSizeGreaterThan(100);
    assertThat(differences).isEqualTo(List.of());
  }

  @Test
  void aChangedByteIsSeenInTheBrowserToo() {
    Page page = open(Site.node("alice"));
    String file =
        Vectors.resource("/proofs.json")
            .getAsJsonArray("cases")
            .get(0)
            .getAsJsonObject()
            .get("file")
            .getAsString();

    Object unseen =
        page.evaluate(
            """
            async (file) => {
              const { DEV, check, networkOf } = await import('/proof.js');
              const good = Uint8Array.from(file, (c) => c.charCodeAt(0));
              const network = networkOf(DEV);
              const unseen = [];
              if (!(await check(good, network, null)).valid) unseen.push('the good one');
              // Every byte takes half a minute; ProofFileTest changes each one.
              for (let place = 0; place < good.length; place += 5) {
                const changed = good.slice();
                changed[place] ^= 1;
                if ((await check(changed, network, null)).valid) unseen.push(place);
                if ((await check(good.subarray(0, place), network, null)).valid) unseen.push('cut ' + place);
              }
              return unseen;
            }
            """,
            file);

    assertThat(unseen).isEqualTo(List.of());
  }
}
