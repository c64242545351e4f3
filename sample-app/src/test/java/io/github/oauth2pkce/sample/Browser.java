package io.github.oauth2pkce.sample;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.opentest4j.TestAbortedException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A headless Chromium, of the machine and never fetched from anywhere, with a person in
 * front of it. Where there is none the test is skipped, or fails if the environment says
 * {@code BROWSER_REQUIRED=true}.
 */
final class Browser implements AutoCloseable {

	/** Held, so that its level stays: it warns of a part of Selenium that is not used. */
	private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	/** How chromedriver calls an element that went while it was asked, unless "stale". */
	private static final String REPLACED = "does not belong to the document";

	private final ChromeDriver driver;

	private Browser(ChromeDriver driver) {
		this.driver = driver;
	}

	static Browser open() {
		return open(true);
	}

	static Browser withoutScripts() {
		return open(false);
	}

	private static Browser open(boolean scripts) {
		Path chromium = onPath("chromium", "chromium-browser", "google-chrome");
		Path driver = onPath("chromedriver");
		if (chromium == null || driver == null) {
			String missing = "No chromium and chromedriver on the PATH (Debian: apt-get install chromium chromium-driver)";
			if ("true".equals(System.getenv("BROWSER_REQUIRED"))) {
				throw new IllegalStateException(missing);
			}
			throw new TestAbortedException(missing);
		}
		SELENIUM.setLevel(Level.SEVERE);
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium.toFile());
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars");
		if (!scripts) {
			options.setExperimentalOption("prefs", Map.of("profile.managed_default_content_settings.javascript", 2));
		}
		LoggingPreferences logging = new LoggingPreferences();
		logging.enable(LogType.BROWSER, Level.ALL);
		options.setCapability(ChromeOptions.LOGGING_PREFS, logging);
		return new Browser(new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(driver.toFile()).usingAnyFreePort().build(),
				options));
	}

	private static @Nullable Path onPath(String... names) {
		List<String> directories = Arrays.asList(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
		return Stream.of(names)
			.flatMap((name) -> directories.stream().map((directory) -> Path.of(directory, name)))
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
	}

	ChromeDriver driver() {
		return this.driver;
	}

	void go(URI address) {
		this.driver.get(address.toString());
	}

	WebElement find(String css) {
		return this.driver.findElement(By.cssSelector(css));
	}

	boolean has(String css) {
		return !this.driver.findElements(By.cssSelector(css)).isEmpty();
	}

	/**
	 * Returns the text of an element, which the page may replace at any moment.
	 * @param css where it is
	 * @return its text as a person sees it
	 */
	String text(String css) {
		return until("the text of " + css, (driver) -> find(css).getText());
	}

	void awaitText(String css, String text) {
		until(css + " to say: " + text, (driver) -> find(css).getText().contains(text));
	}

	void click(String css) {
		until("something to click at " + css, (driver) -> {
			find(css).click();
			return true;
		});
	}

	<T> T until(String what, Function<WebDriver, T> condition) {
		return new WebDriverWait(this.driver, PATIENCE, Duration.ofMillis(100))
			.ignoring(StaleElementReferenceException.class, NoSuchElementException.class)
			.withMessage(() -> "waited for " + what + "; the page says:\n" + find("body").getText())
			.until((driver) -> {
				try {
					return condition.apply(driver);
				}
				catch (WebDriverException ex) {
					if (String.valueOf(ex.getRawMessage()).contains(REPLACED)) {
						return null;
					}
					throw ex;
				}
			});
	}

	/**
	 * Allows a login in a tab of its own, as alice, and comes back.
	 * @param link the page to open
	 */
	void approve(String link) {
		String page = this.driver.getWindowHandle();
		this.driver.switchTo().newWindow(WindowType.TAB);
		this.driver.get(link);
		if (has("input[name=password]")) {
			find("input[name=username]").sendKeys("alice");
			find("input[name=password]").sendKeys("alice");
			click("button");
		}
		awaitText("h1", "Is this your device?");
		click("form:first-of-type button");
		awaitText("h1", "Device connected");
		this.driver.close();
		this.driver.switchTo().window(page);
	}

	void colours(String scheme) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
	}

	void size(int width, int height) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
	}

	void movePointerAway() {
		new Actions(this.driver).moveToLocation(1, 1).perform();
	}

	byte[] picture() {
		return this.driver.getScreenshotAs(OutputType.BYTES);
	}

	/**
	 * Lets axe-core look for what keeps people from using the page (WCAG 2.2, levels A
	 * and AA, and what axe holds to be good practice).
	 * @return a line for each finding
	 */
	List<String> barriers() {
		try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
			assertThat(axe).isNotNull();
			this.driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		Object found = this.driver.executeAsyncScript("""
				const done = arguments[arguments.length - 1];
				axe.run().then((result) => done(result.violations.map((violation) => violation.id + ': '
					+ violation.nodes.map((node) => node.target + ' ' + node.failureSummary).join('; '))));
				""");
		return ((List<?>) found).stream().map(String::valueOf).toList();
	}

	List<String> complaints() {
		return this.driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(LogEntry::toString).toList();
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
