package io.github.oauth2pkce.device;

import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * Prints the code on the console, readable in a log file as well. Thread-safe: a block is
 * written at once.
 */
public final class ConsoleUserCodePrompt implements UserCodePrompt {

	private static final String LINE = "-".repeat(72);

	private final Supplier<PrintStream> console;

	/**
	 * Creates a prompt.
	 * @param console where to print, asked for each time because tests and containers
	 * replace it
	 */
	public ConsoleUserCodePrompt(Supplier<PrintStream> console) {
		this.console = console;
	}

	@Override
	public void prompt(UserCode userCode) {
		long minutes = Math.max(1, userCode.expiresIn().toMinutes());
		StringBuilder block = new StringBuilder();
		line(block, LINE);
		line(block, "  Login needed for '" + userCode.providerId() + "'. In a browser, on any device, open");
		line(block, "");
		line(block, "      " + userCode.verificationUri());
		line(block, "");
		line(block, "  and enter the code");
		line(block, "");
		line(block, "      " + userCode.userCode());
		line(block, "");
		if (userCode.verificationUriComplete() != null) {
			line(block, "  or open this page, and check that it shows the same code:");
			line(block, "");
			line(block, "      " + userCode.verificationUriComplete());
			line(block, "");
		}
		line(block, "  The code works for " + minutes + ((minutes == 1) ? " minute." : " minutes."));
		line(block, LINE);
		PrintStream console = this.console.get();
		console.print(block);
		console.flush();
	}

	private static void line(StringBuilder block, String text) {
		block.append(text).append(System.lineSeparator());
	}

}
