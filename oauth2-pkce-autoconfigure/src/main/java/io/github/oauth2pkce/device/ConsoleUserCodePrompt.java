package io.github.oauth2pkce.device;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.terminal.Notice;
import io.github.oauth2pkce.terminal.Terminal;

/**
 * Prints the code on the console, with a QR code where there is a terminal, and how the
 * login went; readable in a log file as well. Thread-safe.
 */
public final class ConsoleUserCodePrompt implements UserCodePrompt {

	private final Terminal terminal;

	private final Map<UserCode, Notice> open = new ConcurrentHashMap<>();

	/**
	 * Creates a prompt.
	 * @param terminal where to print
	 */
	public ConsoleUserCodePrompt(Terminal terminal) {
		this.terminal = terminal;
	}

	/**
	 * Creates a prompt of text and nothing else.
	 * @param console where to print, asked for each time because tests and containers
	 * replace it
	 */
	public ConsoleUserCodePrompt(Supplier<PrintStream> console) {
		this(Terminal.plain(console));
	}

	@Override
	public void prompt(UserCode userCode) {
		Notice notice = this.terminal.notice(userCode.providerId())
			.say("Login needed for '" + userCode.providerId() + "'. In a browser, on any device, open")
			.show(userCode.verificationUri().toString())
			.say("and enter the code")
			.stress(userCode.userCode());
		if (userCode.verificationUriComplete() != null) {
			String page = userCode.verificationUriComplete().toString();
			notice.say("or open this page, and check that it shows the same code:")
				.show(page)
				.qrCode("or scan it with a phone, and check there:", page);
		}
		else {
			notice.qrCode("The page for a phone's camera; it asks for the code:",
					userCode.verificationUri().toString());
		}
		this.open.put(userCode, notice);
		notice.open("The code works", userCode.expiresIn());
	}

	@Override
	public void ended(UserCode userCode, @Nullable RuntimeException failure) {
		Notice notice = this.open.remove(userCode);
		if (notice != null) {
			notice.end(failure == null, Terminal.outcome(userCode.providerId(), failure));
		}
	}

}
