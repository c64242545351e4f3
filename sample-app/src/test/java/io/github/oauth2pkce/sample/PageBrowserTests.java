package io.github.oauth2pkce.sample;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import io.github.oauth2pkce.sample.wire.WireAccount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page in a real browser. With {@code -Dscreenshots=docs/images} it also leaves
 * pictures there.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PageBrowserTests {

	private static final String SCREENSHOTS = "screenshots";

	private static final String STATE = "#provider-demo-state";

	@TempDir
	Path directory;

	private final WireAccount account = new WireAccount();

	private ConfigurableApplicationContext client;

	@AfterEach
	void stop() {
		if (this.client != null) {
			this.client.close();
		}
	}

	@Test
	void connectsShowsTheCatalogueRenewsAndForgets() throws IOException {
		try (Browser browser = Browser.open()) {
			browser.size(1024, 900);
			browser.go(start("8s"));
			assertThat(browser.text(STATE)).isEqualTo("Nobody is logged in");
			browser.awaitText("#catalogue",
					"went out without a bearer token: nobody is logged in. The API answered 401");
			browser.awaitText("#requests", "no_token");
			assertThat(browser.barriers()).isEmpty();

			browser.click("#provider-demo-login");
			browser.awaitText(STATE, "Waiting for you");
			String userCode = browser.text("#provider-demo .usercode");
			String link = browser.find("#provider-demo-open").getAttribute("href");
			assertThat(link).endsWith("/activate?user_code=" + userCode);
			// Only this machine can open that page.
			assertThat(browser.has("#provider-demo svg.qr")).isFalse();
			assertThat(browser.driver().getTitle()).isEqualTo("demo: Waiting for you");
			assertThat(browser.barriers()).isEmpty();
			shoot(browser, "sample-page-connect");
			browser.click("#provider-demo-copy");
			browser.awaitText("#provider-demo-copy", "Copied");

			browser.approve(link);
			// Nobody touches the page: it notices by itself.
			browser.awaitText(STATE, "Logged in");
			browser.awaitText("#announcement", "demo: Logged in");
			browser.awaitText("#catalogue", "Fetched with a bearer token");
			assertThat(browser.driver().findElements(By.cssSelector("#catalogue tbody tr"))).hasSize(5);
			assertThat(browser.text("#happenings")).contains("A login began", "Logged in");

			long until = until(browser);
			browser.until("another token", (driver) -> until(browser) > until);
			browser.awaitText("#happenings", "Token renewed: it was about to end");
			assertThat(this.account.exchanges(Kind.DEVICE_AUTHORIZATION)).hasSize(1);
			assertThat(browser.text(STATE)).isEqualTo("Logged in");
			assertThat(browser.barriers()).isEmpty();
			shoot(browser, "sample-page-logged-in");

			int refreshes = this.account.exchanges(Kind.REFRESH).size();
			// One that is under way already is joined, and was not asked for.
			browser.until("a renewal that was asked for", (driver) -> {
				boolean renewed = browser.text("#happenings").contains("Token renewed: on request");
				WebElement refresh = browser.find("#provider-demo-refresh");
				if (!renewed && refresh.getAttribute("aria-disabled") == null) {
					refresh.click();
				}
				return renewed;
			});
			assertThat(this.account.exchanges(Kind.REFRESH)).hasSizeGreaterThan(refreshes);

			browser.click("#provider-demo-logout");
			browser.awaitText(STATE, "Nobody is logged in");
			browser.awaitText("#happenings", "Logged out, here and at the server");
			browser.awaitText("#catalogue", "nobody is logged in. The API answered 401");
			assertThat(browser.text("#catalogue")).contains("This copy is from");
			assertThat(this.account.exchanges(Kind.REVOCATION)).isNotEmpty();
			assertThat(browser.complaints()).isEmpty();
		}
	}

	@Test
	void keepsThePlaceOfWhoeverUsesTheKeyboard() {
		try (Browser browser = Browser.open()) {
			browser.go(start("30s"));
			WebElement body = browser.find("body");
			body.sendKeys(Keys.TAB);
			WebElement focused = browser.driver().switchTo().activeElement();
			assertThat(focused.getAttribute("id")).isEqualTo("provider-demo-login");
			assertThat(focused.getCssValue("outline-style")).isEqualTo("solid");
			focused.sendKeys(Keys.ENTER);
			browser.awaitText(STATE, "Waiting for you");
			// The button is gone: the focus is where its effect is told.
			assertThat(focusedId(browser)).isEqualTo("provider-demo-state");
			browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
			assertThat(focusedId(browser)).isEqualTo("provider-demo-open");
			browser.approve(browser.find("#provider-demo-open").getAttribute("href"));
			browser.awaitText(STATE, "Logged in");
			browser.click("#provider-demo-details summary");
			browser.find("#provider-demo-refresh").sendKeys(Keys.SPACE);
			browser.awaitText("#happenings", "Token renewed: on request");
			assertThat(focusedId(browser)).isEqualTo("provider-demo-refresh");
			assertThat(browser.has("#provider-demo-details[open]")).isTrue();
			assertThat(browser.complaints()).isEmpty();
		}
	}

	@Test
	void countsDownInTheWordsOfTheServerAndSaysWhenTheApplicationIsGone() {
		try (Browser browser = Browser.open()) {
			browser.go(start("30s"));
			Map.of(59, "59 s", 250, "4 min 10 s", 3900, "1 h 5 min", 100_000, "1 d 3 h").forEach((seconds, words) -> {
				browser.driver().executeScript("""
						const countdown = document.createElement('p');
						countdown.className = 'countdown';
						countdown.dataset.until = Date.now() + arguments[0] * 1000 + 900;
						document.body.append(countdown);
						""", seconds);
				browser.awaitText("body > .countdown:last-child", words);
			});
			assertThat(browser.text("#lost")).isEmpty();
			this.client.close();
			browser.awaitText("#lost", "does not answer");
			assertThat(browser.text(STATE)).isEqualTo("Nobody is logged in");
		}
	}

	@Test
	void saysWhenAButtonWasRefused() {
		try (Browser browser = Browser.open()) {
			browser.go(start("30s"));
			browser.driver().executeScript("document.querySelector('#act input').value = 'forged'");
			browser.click("#provider-demo-login");
			browser.awaitText("#lost", "That did not work (403)");
			browser.driver().navigate().refresh();
			browser.click("#provider-demo-login");
			browser.awaitText(STATE, "Waiting for you");
			assertThat(browser.text("#lost")).isEmpty();
		}
	}

	/** A press whose button is replaced before it ends would be no click. */
	@Test
	void replacesNothingUnderAPress() {
		try (Browser browser = Browser.open()) {
			browser.go(start("30s"));
			// From here on the page looks when it is told to, and a press may last.
			browser.driver().executeScript("""
					const real = window.setTimeout;
					window.setTimeout = (task, delay) => (delay > 1000) ? 0 : real(task, delay);
					""");
			this.client.getBean(Logins.class).start("demo");
			Object underThePress = browser.driver()
				.executeAsyncScript(
						"""
								const done = arguments[arguments.length - 1];
								document.dispatchEvent(new Event('pointerdown'));
								let looks = 0;
								const look = async () => {
									document.dispatchEvent(new Event('visibilitychange'));
									const answer = await fetch('/', { headers: { Accept: 'text/html' }, cache: 'no-store' });
									looks += (await answer.text()).includes('Waiting for you') ? 1 : 0;
									setTimeout((looks < 3) ? look : () => done(document.querySelector(arguments[0]).textContent), 100);
								};
								look();
								""",
						STATE);
			assertThat(underThePress).isEqualTo("Nobody is logged in");
			browser.driver().executeScript("document.dispatchEvent(new Event('pointerup'))");
			browser.awaitText(STATE, "Waiting for you");
			assertThat(browser.complaints()).isEmpty();
		}
	}

	/** The catalogue is fetched seldom, so that the token ends between two requests. */
	@Test
	void letsATokenEndAndRenewsItWithTheNextRequest() {
		try (Browser browser = Browser.open()) {
			browser.go(start("4s", "10s"));
			browser.click("#provider-demo-login");
			browser.awaitText(STATE, "Waiting for you");
			browser.approve(browser.find("#provider-demo-open").getAttribute("href"));
			browser.awaitText("#catalogue", "Fetched with a bearer token");
			browser.awaitText("#provider-demo", "The token has expired; the next request renews it.");
			assertThat(browser.text(STATE)).isEqualTo("Logged in");
			browser.awaitText("#happenings", "Token renewed: a request needed it");
			assertThat(this.account.exchanges(Kind.DEVICE_AUTHORIZATION)).hasSize(1);
			browser.click("#provider-demo-logout");
			browser.awaitText(STATE, "Nobody is logged in");
			assertThat(browser.complaints()).isEmpty();
		}
	}

	@Test
	void worksWithoutScripts() {
		try (Browser browser = Browser.withoutScripts()) {
			URI page = start("30s");
			browser.go(page);
			assertThat(browser.text(STATE)).isEqualTo("Nobody is logged in");
			assertThat(browser.text("footer")).contains("JavaScript is off");
			browser.click("#provider-demo-login");
			browser.awaitText(STATE, "Waiting for you");
			assertThat(browser.driver().getCurrentUrl()).isEqualTo(page.toString());
			browser.approve(browser.find("#provider-demo-open").getAttribute("href"));
			browser.until("the login", (driver) -> {
				browser.click("footer noscript a");
				return browser.find(STATE).getText().equals("Logged in");
			});
			browser.until("the catalogue", (driver) -> {
				browser.click("footer noscript a");
				return browser.find("#catalogue").getText().contains("Aria Small");
			});
			browser.click("#provider-demo-refresh");
			browser.awaitText("#happenings", "Token renewed: on request");
			browser.click("#provider-demo-logout");
			browser.awaitText(STATE, "Nobody is logged in");
			assertThat(browser.complaints()).isEmpty();
		}
	}

	@Test
	void fitsAPhoneInBothColourSchemes() throws IOException {
		try (Browser browser = Browser.open()) {
			browser.size(360, 740);
			browser.go(start("30s"));
			browser.click("#provider-demo-login");
			browser.awaitText(STATE, "Waiting for you");
			browser.approve(browser.find("#provider-demo-open").getAttribute("href"));
			browser.size(360, 740);
			browser.awaitText("#catalogue", "Aria Small");
			for (String scheme : new String[] { "light", "dark" }) {
				browser.colours(scheme);
				assertThat(browser.driver().executeScript("return document.documentElement.scrollWidth"))
					.as("no sideways scrolling")
					.isEqualTo(360L);
				assertThat(browser.barriers()).as(scheme).isEmpty();
			}
			shoot(browser, "sample-page-phone", 360);
			assertThat(browser.complaints()).isEmpty();
		}
	}

	private static long until(Browser browser) {
		return Long.parseLong(browser.until("a countdown",
				(driver) -> browser.find("#provider-demo .sentence .countdown").getAttribute("data-until")));
	}

	private static String focusedId(Browser browser) {
		return browser.driver().switchTo().activeElement().getAttribute("id");
	}

	private URI start(String accessTokenLifetime) {
		return start(accessTokenLifetime, "1s");
	}

	private URI start(String accessTokenLifetime, String catalogueTimeToLive) {
		int port = port(8080);
		this.client = SampleApplication.start(this.account,
				Map.of("demo.access-token-lifetime", accessTokenLifetime, "demo.poll-interval", "1s",
						"catalogue.time-to-live", catalogueTimeToLive, "catalogue.retry-after", "1s",
						"demo.data-directory", this.directory.toString()),
				"--server.port=" + port, "--demo.port=" + port(9000), "--oauth2.pkce.login.on-startup=never");
		return URI.create("http://127.0.0.1:" + port + "/");
	}

	/** On pictures, the port of the documents. */
	private static int port(int documented) {
		return (System.getProperty(SCREENSHOTS) != null) ? documented : TestSocketUtils.findAvailableTcpPort();
	}

	private static void shoot(Browser browser, String name) throws IOException {
		shoot(browser, name, 1024);
	}

	private static void shoot(Browser browser, String name, int width) throws IOException {
		String directory = System.getProperty(SCREENSHOTS);
		if (directory == null) {
			return;
		}
		Files.createDirectories(Path.of(directory));
		Object height = browser.driver().executeScript("return document.body.scrollHeight");
		browser.size(width, ((Number) height).intValue());
		browser.movePointerAway();
		for (String scheme : new String[] { "light", "dark" }) {
			browser.colours(scheme);
			Files.write(Path.of(directory, name + "-" + scheme + ".png"), browser.picture());
		}
		browser.colours("light");
	}

}
