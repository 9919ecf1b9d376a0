package dev.dolmen.it.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A devnet's page: what can be done to nodes and links, and what is seen of it. */
class DevnetPageTest {

  /** A machine that does much else is slow. */
  private static final double PATIENCE_MILLIS = 15_000;

  @RegisterExtension final Window window = new Window();

  private static Locator wire(Page page, String a, String b) {
    return page.locator(".ring [data-link='" + a + "|" + b + "']");
  }

  private static Locator member(Page page, String name) {
    return page.locator(".ring [data-node='" + name + "']");
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static void has(Locator what, String text) {
    assertThat(what)
        .containsText(
            text, new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MILLIS));
  }

  private static void has(Locator what, int count) {
    assertThat(what)
        .hasCount(count, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MILLIS));
  }

  private static void isNow(Locator what, String state) {
    assertThat(what)
        .hasClass(
            Pattern.compile("(^| )" + state + "( |$)"),
            new LocatorAssertions.HasClassOptions().setTimeout(PATIENCE_MILLIS));
  }

  private Page open(int nodes) {
    Page page = window.open(window.show(Site.devnet(nodes)), "/");
    has(page.locator(".ring .member"), nodes);
    has(page.locator("#agreement"), "All " + nodes + " agree on block 0");
    return page;
  }

  /** A drag through the middle, from the left edge to the right one. */
  private static void dragAcross(Page page) {
    page.locator(".ring").scrollIntoViewIfNeeded();
    BoundingBox box = page.locator(".ring").boundingBox();
    double y = box.y + box.height / 2 + 7;
    page.mouse().move(box.x + 4, y);
    page.mouse().down();
    page.mouse().move(box.x + box.width / 2, y + 3, new Mouse.MoveOptions().setSteps(6));
    page.mouse().move(box.x + box.width - 4, y, new Mouse.MoveOptions().setSteps(6));
    page.mouse().up();
  }

  /** The same by a finger. */
  private static void swipeAcross(Page page) {
    page.locator(".ring").scrollIntoViewIfNeeded();
    BoundingBox box = page.locator(".ring").boundingBox();
    double y = box.y + box.height / 2 + 7;
    CDPSession fingers = page.context().newCDPSession(page);
    touch(fingers, "touchStart", box.x + 4, y);
    for (int i = 1; i <= 12; i++) {
      touch(fingers, "touchMove", box.x + 4 + i * (box.width - 8) / 12, y);
    }
    JsonObject end = new JsonObject();
    end.addProperty("type", "touchEnd");
    end.add("touchPoints", new JsonArray());
    fingers.send("Input.dispatchTouchEvent", end);
    fingers.detach();
  }

  private static void touch(CDPSession fingers, String type, double x, double y) {
    JsonObject point = new JsonObject();
    point.addProperty("x", x);
    point.addProperty("y", y);
    JsonArray points = new JsonArray();
    points.add(point);
    JsonObject event = new JsonObject();
    event.addProperty("type", type);
    event.add("touchPoints", points);
    fingers.send("Input.dispatchTouchEvent", event);
  }

  private static void submit(Page page, String node, String text) {
    member(page, node).click();
    Locator entry = page.getByLabel("An entry for " + node);
    entry.fill(text);
    entry.press("Enter");
    has(page.locator("#devnet-said"), node + " has taken “" + text + "”");
  }

  @Test
  void aCutNetworkGrowsInTwoAndComesTogetherWithNothingLost() {
    Page page = open(4);

    dragAcross(page);

    has(page.locator(".ring .wire.cut"), 4);
    isNow(wire(page, "alice", "dave"), "cut");
    isNow(wire(page, "alice", "bob"), "up");
    has(page.locator("#devnet-said"), "Cut 4 links");
    submit(page, "alice", "on this side");
    submit(page, "carol", "on that side");
    submit(page, "carol", "once more");
    has(page.locator("#agreement"), "2 different tips");
    has(page.locator("#agreement"), "(carol and dave)");
    has(page.locator("#agreement"), "They share the blocks up to 0");
    has(page.locator(".sides > li"), 2);
    Locator longer =
        page.locator(".sides > li").filter(new Locator.FilterOptions().setHasText("carol"));
    has(longer.locator(".pebble.own"), 2);
    assertThat(member(page, "dave"))
        .hasAttribute("aria-label", Pattern.compile("dave, side [AB], block 2, .*"));
    window.screenshot("devnet-cut");

    button(page, "Heal all 4").click();

    has(page.locator("#agreement"), "All 4 agree on block 3");
    Locator story = page.locator(".story");
    has(story, 1);
    has(story, "alice and bob both gave up block 1 for blocks 1 to 2, which have more work.");
    has(story, "“on this side” went back to the pool, and is in block 3 again: nothing is lost");
    has(page.locator(".lines .done").last(), "is in block 3");
    window.screenshot("devnet-healed");
  }

  @Test
  void everythingCanBeDoneByKeyboard() {
    Page page = open(3);
    page.locator("#heal-all").focus();
    page.keyboard().press("Tab");
    assertThat(page.locator(".wire").first()).isFocused();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("End");
    page.keyboard().press("Home");
    page.keyboard().press("Enter");
    assertThat(button(page, "✂ Cut")).isFocused();
    page.keyboard().press("Enter");
    isNow(page.locator(".wire").first(), "cut");
    has(page.locator("#about"), "cut");
    page.keyboard().press("Escape");
    assertThat(page.locator(".wire").first()).isFocused();
    window.screenshot("devnet-keyboard");
    page.keyboard().press(" ");
    assertThat(button(page, "Heal")).isFocused();
    page.keyboard().press("Enter");
    isNow(page.locator(".wire").first(), "up");

    page.keyboard().press("Escape");
    page.keyboard().press("Tab");
    assertThat(member(page, "alice")).isFocused();
    page.keyboard().press("ArrowRight");
    assertThat(member(page, "bob")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.getByLabel("An entry for bob")).isFocused();
    assertThat(page.locator("#node")).hasValue("/devnet/nodes/bob/v1");
    assertThat(page.locator("#node-name")).hasText("bob");
  }

  @Test
  void aLinkIsSlowedAndANodeStoppedAndStarted() {
    Page page = open(2);
    // A stopped node's API answers 503, until the page has heard that it is stopped.
    window.expect("503");
    window.expect("ERR_INCOMPLETE_CHUNKED_ENCODING");

    wire(page, "alice", "bob").locator(".hit").click(new Locator.ClickOptions().setForce(true));
    button(page, "Slow 100 ms").click();
    isNow(wire(page, "alice", "bob"), "slow");
    has(wire(page, "alice", "bob"), "+100 ms");
    page.getByLabel("Hold each message back, ms").fill("1");
    button(page, "Slow").click();
    has(page.locator("#about"), "held back 1 ms");
    button(page, "Full speed").click();
    isNow(wire(page, "alice", "bob"), "up");

    member(page, "bob").click();
    has(page.locator("#live-text"), "live");
    button(page, "Stop it").click();
    isNow(member(page, "bob"), "stopped");
    isNow(wire(page, "alice", "bob"), "down");
    has(page.locator("#live-text"), "stopped");
    has(page.locator("#agreement"), "alice is at block 0");
    button(page, "Start it").click();
    has(page.locator("#agreement"), "All 2 agree on block 0");
    has(page.locator("#live-text"), "live");

    page.getByText("Nodes and links as lists").click();
    button(page, "Cut alice – bob").click();
    isNow(wire(page, "alice", "bob"), "cut");
    button(page, "Heal alice – bob").click();
    isNow(wire(page, "alice", "bob"), "up");
    button(page, "Stop alice").click();
    isNow(member(page, "alice"), "stopped");
    button(page, "Start alice").click();
    has(page.locator("#agreement"), "All 2 agree on block 0");
  }

  @Test
  void messagesAreToldInPlainWordsAndSifted() {
    Page page = open(3);
    Locator lines = page.locator(".lines li");
    has(lines.first(), "alice is started");
    has(lines.filter(new Locator.FilterOptions().setHasText("carol → alice: hello")), 1);
    submit(page, "bob", "<b>invoice</b> 17");
    has(lines.filter(new Locator.FilterOptions().setHasText("bob → everyone: a new block 1")), 1);
    assertThat(page.locator(".lines .ping")).hasCount(0);

    page.getByLabel("Which messages").selectOption("news");
    has(lines.first(), "new");
    assertThat(page.locator(".lines li:not(.news)")).hasCount(0);
    page.getByLabel("Of whom").selectOption("alice|carol");
    assertThat(lines.filter(new Locator.FilterOptions().setHasText("bob"))).hasCount(0);
    page.getByLabel("Which messages").selectOption("done");
    page.getByLabel("Of whom").selectOption("");
    has(lines, 3);
    button(page, "Pause").click();
    page.locator("#halves").click();
    has(page.locator("#message-pause"), "Go on (2 new)");
    assertThat(lines).hasCount(3);
    page.locator("#message-pause").click();
    has(lines.last(), "is cut");
    assertThat(lines).hasCount(5);
  }

  @Test
  void beginsAnewWhenAnotherDevnetAnswersAtItsAddress() {
    Page page = open(2);
    page.evaluate("() => { document.body.dataset.since = 'before'; }");
    page.route(
        "**/devnet/nodes",
        route -> {
          APIResponse answer = route.fetch();
          String other = answer.text().replaceFirst("\"peerId\":\"....", "\"peerId\":\"abcd");
          route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(other));
        });

    page.locator("#halves").click(); // So that it looks again.
    has(page.locator("body[data-since]"), 0);
    has(page.locator("#agreement"), "All 2 agree on block 0");
  }

  @Test
  void fiftyNodesFitADeskAndAPhone() {
    Page page = open(50);
    has(page.locator(".ring .wire"), 57);
    window.screenshot("devnet-50");
    page.locator("#halves").click();
    has(page.locator("#devnet-said"), "adam, beth, carl and 21 more on the other");
    submit(page, "alice", "on this side");
    submit(page, "yara", "on that side");
    has(page.locator("#agreement"), "2 different tips");
    has(page.locator("#agreement"), "and 22 more");
    window.screenshot("devnet-50-cut");
    window.width(Window.PHONE);
    window.prefers(ColorScheme.DARK);
    assertThat(sidewaysPixels(page)).isNotPositive();
    window.screenshot("devnet-50-phone-dark");
  }

  @Test
  void fitsAPhoneInLightAndDark() {
    Page page = open(4);
    window.width(Window.PHONE);
    window.prefers(ColorScheme.DARK);
    dragAcross(page);
    has(page.locator(".ring .wire.cut"), 4);
    submit(page, "bob", "on this side");
    submit(page, "dave", "on that side");
    submit(page, "dave", "once more");
    has(page.locator("#agreement"), "2 different tips");
    assertThat(sidewaysPixels(page)).isNotPositive();
    window.screenshot("devnet-phone-dark");
    swipeAcross(page);
    has(page.locator("#agreement"), "All 4 agree on block 3");
    window.prefers(ColorScheme.LIGHT);
    window.screenshot("devnet-phone-light");
  }

  private static int sidewaysPixels(Page page) {
    return (int)
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }
}
