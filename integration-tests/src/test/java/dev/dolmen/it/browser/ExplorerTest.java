package dev.dolmen.it.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The explorer page of one node. */
class ExplorerTest {

  @RegisterExtension final Window window = new Window();

  @Test
  void anEntryThatIsSubmittedIsSeenInABlock() {
    Site site = window.show(Site.node("alice"));
    Page page = window.open(site, "/");
    page.getByLabel("What it says").fill("invoice 17 paid");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Submit")).click();
    assertThat(page.locator("#blocks button")).hasCount(2);

    page.locator("#blocks button").first().click();

    assertThat(page.locator("#block")).containsText("invoice 17 paid");
    window.screenshot("submitted");
  }
}
