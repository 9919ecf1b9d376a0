package dev.dolmen.it.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.Node;
import dev.dolmen.node.config.ApiToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The explorer page of an API that wants a token. */
class TokenPageTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @RegisterExtension final Window window = new Window();

  @TempDir private Path directory;
  private Site site;
  private final List<String> addresses = new CopyOnWriteArrayList<>();

  @BeforeEach
  void serve() throws Exception {
    Path file =
        Files.createFile(
            directory.resolve("token"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, TOKEN);
    site = window.show(Site.of(Dolmen.builder().name("alice"), Optional.of(ApiToken.read(file))));
    window.expect("401");
    window.page().onRequest(request -> addresses.add(request.url()));
  }

  private static void signIn(Page page, String token) {
    page.getByLabel("Token").fill(token);
    page.getByLabel("Token").press("Enter");
  }

  @Test
  void asksForTheTokenOnceAndSendsItWithEverything() throws Exception {
    TransactionId id = site.node().submit("invoice 17 paid".getBytes(UTF_8));
    Page page = window.open(site, "/");
    assertThat(page.getByLabel("Token")).isFocused();
    assertThat(page.locator("#live-text")).hasText("wants a token");
    assertThat(page.locator("#content")).isHidden();
    window.screenshot("sign-in");

    signIn(page, "two words");
    assertThat(page.locator("#sign-in-said")).containsText("without spaces");
    signIn(page, TOKEN.replace('0', '1'));
    assertThat(page.locator("#sign-in-said")).hasText("That is not the token.");
    signIn(page, TOKEN);

    assertThat(page.locator("#live-text")).hasText("live");
    assertThat(page.locator("#sign-in")).isHidden();
    site.node().runner().ask(Node::makeBlock).join();
    assertThat(page).hasTitle("alice at 2");
    page.reload();
    assertThat(page.locator("#live-text")).hasText("live");

    window.open(site, "/#/entry/" + id.toHex());
    Download proof = page.waitForDownload(() -> page.locator("#proof").click());
    assertThat(proof.suggestedFilename()).isEqualTo(id.toHex() + ".proof");
    assertThat(Files.readString(proof.path()))
        .startsWith("{")
        .contains(site.node().id().toString());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Verify a proof"))
        .first()
        .click();
    assertThat(page.locator("#network option").first()).hasText("dev, this node's");
    page.getByLabel("Choose a proof file").setInputFiles(proof.path());
    assertThat(page.locator("#verdict-title")).hasText("✓ Valid");

    assertThat(page.context().cookies()).isEmpty();
    assertThat(page.evaluate("() => JSON.stringify(localStorage)")).isEqualTo("{}");
    assertThat(addresses).noneMatch(address -> address.contains(TOKEN)).isNotEmpty();
  }

  @Test
  void aTokenIsForgottenOnSigningOutAndInAnotherTab() {
    Page page = window.open(site, "/");
    signIn(page, TOKEN);
    assertThat(page.locator("#live-text")).hasText("live");
    Page other = page.context().newPage();
    other.navigate(site.url() + "/");
    assertThat(other.getByLabel("Token")).isVisible();
    other.close();

    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign out")).click();
    assertThat(page.getByLabel("Token")).isVisible();
    page.reload();
    assertThat(page.getByLabel("Token")).isVisible();
    assertThat(page.evaluate("() => sessionStorage.length")).isEqualTo(0);
  }
}
