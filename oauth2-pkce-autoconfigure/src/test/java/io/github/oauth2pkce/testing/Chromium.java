package io.github.oauth2pkce.testing;

import java.io.File;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A person with a real browser, in a profile of their own. Tests that need one are
 * skipped where Chromium and its driver are not installed (Debian: {@code chromium} and
 * {@code chromium-driver}; elsewhere the system properties {@code chromium.binary} and
 * {@code chromium.driver} say where they are).
 */
public final class Chromium implements AutoCloseable {

	private static final Duration WAIT = Duration.ofSeconds(30);

	private final ChromeDriver driver;

	private Chromium(ChromeDriver driver) {
		this.driver = driver;
	}

	public static Chromium start(String... arguments) {
		return start(Map.of(), arguments);
	}

	/**
	 * Starts a browser of a person with preferences.
	 */
	public static Chromium start(Map<String, Object> preferences, String... arguments) {
		File binary = new File(System.getProperty("chromium.binary", "/usr/bin/chromium"));
		File driver = new File(System.getProperty("chromium.driver", "/usr/bin/chromedriver"));
		assumeTrue(binary.canExecute() && driver.canExecute(),
				() -> "There is no Chromium with a driver at " + binary + " and " + driver
						+ ": install chromium and chromium-driver, or set chromium.binary and chromium.driver");
		ChromeOptions options = new ChromeOptions();
		options.setBinary(binary);
		// Runs as root in containers, with little shared memory.
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
				"--no-first-run", "--disable-background-networking");
		options.addArguments(arguments);
		options.setExperimentalOption("prefs", preferences);
		ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(driver)
			.usingAnyFreePort()
			.build();
		return new Chromium(new ChromeDriver(service, options));
	}

	public void open(URI page) {
		this.driver.get(page.toString());
	}

	/** Fills the login page in, which has to be there. */
	public void logIn(String username, String password) {
		new WebDriverWait(this.driver, WAIT).until(ExpectedConditions.visibilityOfElementLocated(By.id("username")));
		this.driver.findElement(By.id("username")).sendKeys(username);
		this.driver.findElement(By.id("password")).sendKeys(password);
		this.driver.findElement(By.id("kc-login")).click();
	}

	/** Waits until the address begins so. */
	public void awaitAddress(String prefix) {
		new WebDriverWait(this.driver, WAIT).withMessage(() -> "at " + this.driver.getCurrentUrl() + ": " + text())
			.until((driver) -> driver.getCurrentUrl().startsWith(prefix));
	}

	public String title() {
		return String.valueOf(this.driver.getTitle());
	}

	public void awaitTitle(String title) {
		new WebDriverWait(this.driver, WAIT).withMessage(() -> "at " + this.driver.getCurrentUrl() + ": " + text())
			.until(ExpectedConditions.titleIs(title));
	}

	public String address() {
		return String.valueOf(this.driver.getCurrentUrl());
	}

	/** The text that the person reads. */
	public String text() {
		return this.driver.findElement(By.tagName("body")).getText();
	}

	/** A style that a page has only if its content policy lets it pass. */
	public String backgroundOfBody() {
		return this.driver.findElement(By.tagName("body")).getCssValue("background-color");
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
