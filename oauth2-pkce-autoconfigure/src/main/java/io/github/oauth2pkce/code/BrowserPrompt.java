package io.github.oauth2pkce.code;

import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a person the page to log in at: printed on the console, on a line of its own that
 * can be copied, and opened in a browser. Never logged, because the address holds the
 * login's {@code state}. Thread-safe: a block is written at once.
 */
public final class BrowserPrompt {

	private static final Logger logger = LoggerFactory.getLogger(BrowserPrompt.class);

	private static final String LINE = "-".repeat(72);

	private final Supplier<PrintStream> console;

	private final BrowserOpener opener;

	/**
	 * Creates a prompt.
	 * @param console where to print, asked for each time because tests and containers
	 * replace it
	 * @param opener opens the browser
	 */
	public BrowserPrompt(Supplier<PrintStream> console, BrowserOpener opener) {
		this.console = console;
		this.opener = opener;
	}

	/**
	 * Shows the page.
	 * @param providerId the provider that the login is for
	 * @param page the authorization request
	 * @param timeout how long the login stays open
	 */
	public void prompt(String providerId, URI page, Duration timeout) {
		print(providerId, page, timeout);
		try {
			this.opener.open(page);
		}
		catch (RuntimeException ex) {
			// Its message may repeat the page.
			logger.warn("No browser was opened for the login of '{}' ({}); its page is on the console", providerId,
					ex.getClass().getName());
		}
	}

	private void print(String providerId, URI page, Duration timeout) {
		StringBuilder block = new StringBuilder();
		line(block, LINE);
		line(block, "  Login needed for '" + providerId + "'. In a browser on this machine, open");
		line(block, "");
		line(block, page.toASCIIString());
		line(block, "");
		line(block, "  The login stays open for " + time(timeout) + ".");
		line(block, LINE);
		PrintStream console = this.console.get();
		console.print(block);
		console.flush();
	}

	private static String time(Duration timeout) {
		long minutes = timeout.toMinutes();
		if (minutes == 0) {
			return timeout.toSeconds() + " s";
		}
		return minutes + ((minutes == 1) ? " minute" : " minutes");
	}

	private static void line(StringBuilder block, String text) {
		block.append(text).append(System.lineSeparator());
	}

}
