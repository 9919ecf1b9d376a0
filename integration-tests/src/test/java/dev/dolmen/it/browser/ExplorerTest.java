package dev.dolmen.it.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PageAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.Answer;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The explorer page of one node. */
class ExplorerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final double PATIENCE_MILLIS = PATIENCE.toMillis();

  @RegisterExtension final Window window = new Window();

  private static TransactionId submit(Dolmen node, String text) {
    return node.submit(text.getBytes(UTF_8));
  }

  private static void mine(Dolmen node, int blocks) {
    for (int i = 0; i < blocks; i++) {
      assertThat(node.runner().ask(Node::makeBlock).join()).isPresent();
    }
  }

  private static Locator heading(Page page) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
  }

  private static Locator content(Page page) {
    return page.locator("#content");
  }

  private static Locator newestBlock(Page page) {
    return page.locator("#blocks a").first();
  }

  @Test
  void anEntryThatIsSubmittedIsSeenInABlock() {
    Page page = window.open(window.show(Site.node("alice")), "/");
    assertThat(page.locator("#waiting")).hasText("a peer to connect");
    page.getByLabel("What it says").fill("invoice 17 paid");

    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Submit")).click();

    assertThat(newestBlock(page)).containsText("1 entry");
    window.screenshot("overview");
    newestBlock(page).click();
    assertThat(heading(page)).hasText("Block 1");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("invoice 17 paid")).click();
    assertThat(page.locator("#state")).hasText("included");
    assertThat(page.locator("#confirmations")).hasText("1 block");
    assertThat(page.locator(".payload")).hasText("invoice 17 paid");
    assertThat(page.locator("#proof"))
        .hasAttribute("href", Pattern.compile("^/v1/transactions/[0-9a-f]{64}/proof$"));
  }

  @Test
  void everythingHasAnAddressOfItsOwn() {
    Site site = window.show(Site.node("alice"));
    String id = submit(site.node(), "invoice 17 paid").toHex();
    String tip = site.node().view().tip().hash().toHex();
    String author = site.node().id().toString();

    Page page = window.open(site, "/#/block/1");
    assertThat(page.locator("#hash")).hasText(tip);
    assertThat(page.locator(".dump .field")).hasCount(14);
    assertThat(page.locator(".bytes tbody tr").first()).containsText("version");
    window.open(site, "/#/block/" + tip);
    assertThat(heading(page)).hasText("Block 1");
    window.open(site, "/#/entry/" + id);
    assertThat(page.locator(".payload")).hasText("invoice 17 paid");
    assertThat(page.locator(".dump .field")).hasCount(6);
    window.open(site, "/#/author/" + author);
    assertThat(content(page)).containsText("invoice 17 paid");
    window.open(site, "/#/peer/" + author);
    assertThat(content(page)).containsText("this node");
    window.open(site, "/#/peers");
    assertThat(content(page)).containsText("No peer is connected");
    window.open(site, "/#/forks");
    assertThat(content(page)).containsText("None since this node came up");
    window.open(site, "/#/no/such/page");
    assertThat(heading(page)).hasText("Nothing here");
    window.expect("404");
    window.open(site, "/#/block/2");
    assertThat(content(page)).containsText("the chain ends at height 1");
  }

  @Test
  void searchFindsHeightsHashesEntriesAndAuthors() {
    Site site = window.show(Site.node("alice"));
    String id = submit(site.node(), "invoice 17 paid").toHex();
    String tip = site.node().view().tip().hash().toHex();
    Page page = window.open(site, "/");

    search(page, "1");
    assertThat(heading(page)).hasText("Block 1");
    search(page, tip.toUpperCase(Locale.ROOT));
    assertThat(page.locator("#hash")).hasText(tip);
    search(page, id);
    assertThat(page.locator(".payload")).hasText("invoice 17 paid");
    search(page, site.node().id().toString());
    assertThat(content(page)).containsText("several things");
    content(page).getByText("Author").click();
    assertThat(content(page)).containsText("invoice 17 paid");
    search(page, "<b>invoice</b>");
    assertThat(content(page)).containsText("Nothing in this node has the name <b>invoice</b>");
  }

  private static void search(Page page, String text) {
    page.getByRole(AriaRole.SEARCHBOX).fill(text);
    page.getByRole(AriaRole.SEARCHBOX).press("Enter");
  }

  @Test
  void followsTheChainAndGoesOnWhereAConnectionWasLost() {
    Site site = window.show(Site.node("alice"));
    Page page = window.open(site, "/");
    assertThat(page.locator("#live-text")).hasText("live");
    page.evaluate("() => { window.notReloaded = true; }");
    mine(site.node(), 1);
    assertThat(newestBlock(page)).containsText("1");
    assertThat(page).hasTitle("alice at 1");

    window.expect("ERR_CONNECTION_REFUSED");
    window.expect("ERR_INCOMPLETE_CHUNKED_ENCODING");
    site.stopServing();
    assertThat(page.locator("#live-text")).containsText("connection lost");
    submit(site.node(), "while nobody looked");
    mine(site.node(), 1);
    site.serveAgain();

    assertThat(page.locator("#live-text"))
        .hasText("live", new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MILLIS));
    assertThat(page.locator("#blocks a")).hasCount(4);
    assertThat(page.locator("#blocks a").nth(1)).containsText("1 entry");
    assertThat(page.evaluate("() => window.notReloaded")).isEqualTo(true);
  }

  @Test
  void afterALongAbsenceItShowsWhatIsNew() {
    Site site = window.show(Site.node("alice"));
    Page page = window.open(site, "/");
    assertThat(page.locator("#live-text")).hasText("live");
    mine(site.node(), 2);
    assertThat(page).hasTitle("alice at 2");

    window.expect("ERR_CONNECTION_REFUSED");
    window.expect("ERR_INCOMPLETE_CHUNKED_ENCODING");
    site.stopServing();
    assertThat(page.locator("#live-text")).containsText("connection lost");
    mine(site.node(), 300); // More than a resumed stream tells one by one: it tells of a gap.
    site.serveAgain();

    assertThat(page)
        .hasTitle("alice at 302", new PageAssertions.HasTitleOptions().setTimeout(PATIENCE_MILLIS));
    assertThat(page.locator("#blocks b").allTextContents())
        .isEqualTo(IntStream.range(0, 24).mapToObj(i -> String.valueOf(302 - i)).toList());
  }

  @Test
  void saysHowCatchingUpGoes() {
    Site site = window.show(Site.node("alice"));
    Page page = window.page();
    page.route(
        "**/v1/status",
        route -> {
          APIResponse answer = route.fetch();
          JsonObject status = JsonParser.parseString(answer.text()).getAsJsonObject();
          status.addProperty("syncing", true);
          status.addProperty("headerHeight", 5_000);
          status.addProperty("waitingFor", "blocks from bob");
          route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(status.toString()));
        });
    window.open(site, "/");
    assertThat(page.locator("#live-text")).hasText("catching up: 0 of 5,000");
    assertThat(page.getByRole(AriaRole.PROGRESSBAR)).isVisible();
    for (int i = 0; i < 20; i++) {
      mine(site.node(), 5);
      page.waitForTimeout(100); // The page's own time, in which it hears of blocks.
    }

    assertThat(page.locator("#live-text"))
        .hasText(
            Pattern.compile("catching up: [0-9]+ of 5,000, [1-9][0-9]* blocks a second, .* left"));
    assertThat(page.locator("#waiting"))
        .hasText(Pattern.compile("blocks from bob; [1-9][0-9]* blocks a second, .* left"));
    window.screenshot("catching-up");
    page.unroute("**/v1/status");
    mine(site.node(), 1);
    assertThat(page.locator("#live-text")).hasText("live");
    assertThat(page.getByRole(AriaRole.PROGRESSBAR)).isHidden();
  }

  @Test
  void aProofThatIsDownloadedIsValid() {
    Site site = window.show(Site.node("alice"));
    TransactionId id = submit(site.node(), "invoice 17 paid");
    Page page = window.open(site, "/#/entry/" + id.toHex());

    Download proof = page.waitForDownload(() -> page.locator("#proof").click());

    assertThat(proof.suggestedFilename()).isEqualTo(id.toHex() + ".proof");
    window.open(site, "/verify");
    page.getByLabel("Choose a proof file").setInputFiles(proof.path());
    assertThat(page.locator("#verdict-title")).hasText("✓ Valid");
  }

  @Test
  void anAuthorsEntriesAreListedPageByPageAlsoWithinABlock() {
    Site site = window.show(Site.node("alice"));
    Block block =
        Blocks.childOf(Blocks.genesis())
            .withTransactions(
                IntStream.range(0, 120)
                    .mapToObj(i -> Blocks.transaction("carol", "entry " + i, 100))
                    .toList())
            .build();
    site.node().runner().ask((node, now) -> new Answer<>(block, node.onMined(block, now))).join();
    Page page = window.open(site, "/#/author/" + Blocks.key("carol").publicKey());
    Locator more =
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Show more"));

    assertThat(page.locator(".list li")).hasCount(50);
    more.click();
    assertThat(page.locator(".list li")).hasCount(100);
    more.click();
    assertThat(page.locator(".list li")).hasCount(120);
    assertThat(more).isHidden();
    assertThat(new HashSet<>(page.locator(".list li").allTextContents())).hasSize(120);
  }

  @Test
  void aDevnetsNodesAreLookedAtOneByOne() {
    Site site = window.show(Site.devnet(3));
    Page page = window.open(site, "/");
    assertThat(page.locator("#node-name")).hasText("alice");

    page.getByLabel("Seen by").selectOption("carol");

    assertThat(page.locator("#node-name")).hasText("carol");
    assertThat(page.locator(".seen-by")).hasText("As carol sees it");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Peers")).click();
    assertThat(page.locator("table.peers")).containsText("alice");
    assertThat(page.locator("table.peers")).not().containsText("carol");
    assertThat(page.locator("#devnet")).isHidden();
  }

  @Test
  void whatStrangersWroteIsNothingButText() throws IOException {
    String markup = "<img src=x onerror=\"document.title='caught'\"><script>alert(1)</script>";
    Site site = window.show(Site.node("<b>alice</b>"));
    window.page().onDialog(dialog -> window.complain("a dialog: " + dialog.message()));
    try (Dolmen stranger =
        Dolmen.builder()
            .name("<img src=x onerror=alert(1)>\u202e")
            .connect(site.node().listenAddress().toString())
            .start()) {
      await().atMost(PATIENCE).until(() -> site.node().view().waitingFor().isEmpty());
      List<TransactionId> ids =
          List.of(
              submit(site.node(), markup),
              submit(
                  site.node(), "pay \u202eeciovni\u202c to \u0627\u0644\u0633\u0644\u0627\u0645"),
              submit(site.node(), "long ".repeat(19_000)),
              site.node().submit(new byte[] {0, 1, 2, (byte) 0xff, '<', 'b', '>'}),
              submit(site.node(), ""));
      Page page = window.open(site, "/");
      assertThat(page.locator("#node-name")).hasText("<b>alice</b>");

      window.open(site, "/#/entry/" + ids.get(0).toHex());
      assertThat(page.locator(".payload")).hasText(markup);
      window.screenshot("markup-is-text");
      window.open(site, "/#/entry/" + ids.get(1).toHex());
      assertThat(page.locator(".payload"))
          .hasText("pay ⟨U+202E⟩eciovni⟨U+202C⟩ to \u0627\u0644\u0633\u0644\u0627\u0645");
      window.open(site, "/#/entry/" + ids.get(2).toHex());
      assertThat(page.locator(".payload")).containsText("long long");
      assertThat(page.locator(".dump")).containsText("more");
      assertThat(sidewaysPixels(page)).isNotPositive();
      window.open(site, "/#/entry/" + ids.get(3).toHex());
      assertThat(page.locator(".payload")).hasText("00 01 02 ff 3c 62 3e");
      window.open(site, "/#/entry/" + ids.get(4).toHex());
      assertThat(content(page)).containsText("The payload is empty");
      window.open(site, "/#/author/" + site.node().id());
      assertThat(content(page)).containsText("<script>alert(1)</script>");
      window.open(site, "/#/block/1");
      assertThat(page.locator(".bytes")).containsText("<script>");
      window.open(site, "/#/peers");
      assertThat(page.locator("table.peers")).containsText("<img src=x onerror=alert(1)>⟨U+202E⟩");
      window.open(site, "/#/peer/" + stranger.id());
      assertThat(content(page)).containsText("<img src=x onerror=alert(1)>⟨U+202E⟩");
      assertThat(page.locator("main img, main script, main b")).hasCount(0);
    }
  }

  @Test
  void isLightOrDarkAsTheSystemIsUnlessToldOtherwise() {
    Site site = window.show(Site.node("alice"));
    Page page = window.open(site, "/");
    String light = ground(page);

    window.prefers(ColorScheme.DARK);
    String dark = ground(page);
    assertThat(dark).isNotEqualTo(light);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Colours: as the system"))
        .click();
    assertThat(ground(page)).isEqualTo(light);
    page.reload();
    assertThat(ground(page)).isEqualTo(light);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Colours: light")).click();
    window.prefers(ColorScheme.LIGHT);
    assertThat(ground(page)).isEqualTo(dark);
  }

  private static String ground(Page page) {
    return (String) page.evaluate("() => getComputedStyle(document.body).backgroundColor");
  }

  @Test
  void canBeUsedWithoutAMouse() {
    Site site = window.show(Site.node("alice"));
    submit(site.node(), "invoice 17 paid");
    Page page = window.open(site, "/");
    assertThat(page.locator("#blocks a")).hasCount(2);

    page.keyboard().press("Tab");
    assertThat(page.locator("#skip")).isFocused();
    page.keyboard().press("Enter");
    assertThat(content(page)).isFocused();
    tabTo(page, "#blocks a");
    assertThat(
            page.evaluate(
                "() => getComputedStyle(document.activeElement).outlineStyle + ' '"
                    + " + getComputedStyle(document.activeElement).outlineWidth"))
        .isEqualTo("solid 3px");
    page.keyboard().press("Enter");
    assertThat(heading(page)).hasText("Block 1");
    assertThat(heading(page)).isFocused();
    tabTo(page, "#content .list a");
    page.keyboard().press("Enter");
    assertThat(page.locator("#state")).hasText("included");
    window.open(site, "/");
    tabTo(page, "#payload");
    page.keyboard().type("by hand");
    page.keyboard().press("Enter");
    assertThat(page.locator("#submitted a")).isVisible();
    assertThat(page.locator("#payload")).isFocused();
  }

  private static void tabTo(Page page, String selector) {
    for (int presses = 0; presses < 40; presses++) {
      page.keyboard().press("Tab");
      if ((boolean) page.evaluate("s => document.activeElement.matches(s)", selector)) {
        return;
      }
    }
    throw new AssertionError("Tab does not lead to " + selector);
  }

  @Test
  void fitsAPhone() {
    Site site = window.show(Site.node("alice"));
    String id = submit(site.node(), "an invoice " + "x".repeat(300)).toHex();
    Page page = window.page();
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      window.prefers(scheme);
      for (int width : List.of(Window.DESK, Window.PHONE)) {
        window.width(width);
        for (String place :
            List.of(
                "",
                "blocks",
                "block/1",
                "entry/" + id,
                "author/" + site.node().id(),
                "peers",
                "peer/" + site.node().id(),
                "forks")) {
          window.open(site, "/#/" + place);
          assertThat(page.locator("#live-text")).hasText("live");
          assertThat(sidewaysPixels(page)).as("%s at %s", place, width).isNotPositive();
        }
        window.open(site, "/#/block/1");
        assertThat(page.locator(".bytes")).isVisible();
        window.screenshot("block-" + width + "-" + scheme);
      }
    }
  }

  private static int sidewaysPixels(Page page) {
    return (int)
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  @Test
  void aLongChainIsAShortPage() {
    Site site = window.show(Site.node("alice"));
    mine(site.node(), 2_500);
    Page page = window.open(site, "/#/blocks");
    Locator rows = page.locator(".row");
    assertThat(rows.getByText("2,500", new Locator.GetByTextOptions().setExact(true))).isVisible();
    assertThat(rows.count()).isLessThan(100);

    page.getByLabel("Go to height").fill("1234");
    page.getByLabel("Go to height").press("Enter");
    Locator wanted =
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("1,234").setExact(true));
    assertThat(wanted).isInViewport();
    assertThat(rows.count()).isLessThan(100);

    page.locator(".scroller").evaluate("list => { list.scrollTop = list.scrollHeight; }");
    assertThat(rows.getByText("0", new Locator.GetByTextOptions().setExact(true))).isInViewport();
    wanted = page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("1").setExact(true));
    wanted.click();
    assertThat(heading(page)).hasText("Block 1");
  }

  @Test
  void aReorganisationIsShownAndReplayed() throws IOException {
    Site site = window.show(Site.node("alice"));
    mine(site.node(), 2);
    try (Dolmen bob = Dolmen.builder().name("bob").start()) {
      mine(bob, 3);
      Page page = window.open(site, "/#/forks");
      assertThat(content(page)).containsText("No branch beside the best chain");

      site.connect(bob);

      assertThat(page.locator(".reorg").first()).isVisible();
      assertThat(content(page)).containsText("1 branch beside the best chain");
      assertThat(page.locator(".tree").first().locator(".side[aria-label]")).hasCount(2);
      Locator reorg = page.locator(".reorg").last();
      assertThat(reorg).containsText("2 blocks replaced by");
      reorg.getByRole(AriaRole.BUTTON).click();
      assertThat(reorg.locator(".step")).containsText("The tip is block 2");
      page.keyboard().press("ArrowRight");
      assertThat(reorg.locator(".step")).containsText("Block 2 leaves");
      page.keyboard().press("End");
      assertThat(reorg.locator(".step")).containsText("2 blocks replaced by");
      window.screenshot("reorg");
      window.open(site, "/#/peers");
      assertThat(page.locator("table.peers")).containsText("bob");
      window.screenshot("peers");
    }
  }
}
