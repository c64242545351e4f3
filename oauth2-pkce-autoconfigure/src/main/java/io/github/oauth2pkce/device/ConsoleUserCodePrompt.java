package io.github.oauth2pkce.device;

import java.io.PrintStream;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.terminal.Notice;
import io.github.oauth2pkce.terminal.Terminal;

/**
 * Prints the code on the console, with a QR code where there is a terminal, and how the
 * login went; readable in a log file as well. A page that only this machine can open is
 * not offered to another device. Thread-safe.
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
		URI page = userCode.verificationUri();
		String where = SecureTransport.isLoopback(page) ? "In a browser on this machine, open"
				: "In a browser, on any device, open";
		Notice notice = this.terminal.notice(userCode.providerId())
			.say(Terminal.needed(userCode.providerId(), userCode.resource(), userCode.issuer()) + where)
			.show(page.toString())
			.say("and enter the code")
			.stress(userCode.userCode());
		URI complete = userCode.verificationUriComplete();
		if (complete != null) {
			notice.say("or open this page, and check that it shows the same code:").show(complete.toString());
			qrCode(notice, "or scan it with a phone, and check there:", complete);
		}
		else {
			qrCode(notice, "The page for a phone's camera; it asks for the code:", page);
		}
		this.open.put(userCode, notice);
		notice.open("The code works", userCode.expiresIn());
	}

	/** To a phone, loopback is the phone. */
	private static void qrCode(Notice notice, String introduction, URI page) {
		if (!SecureTransport.isLoopback(page)) {
			notice.qrCode(introduction, page.toString());
		}
	}

	@Override
	public void ended(UserCode userCode, @Nullable RuntimeException failure) {
		end(userCode, failure == null, Terminal.outcome(userCode.providerId(), failure));
	}

	@Override
	public void endedUnsaved(UserCode userCode) {
		end(userCode, false, Terminal.unsaved(userCode.providerId()));
	}

	private void end(UserCode userCode, boolean good, String outcome) {
		Notice notice = this.open.remove(userCode);
		if (notice != null) {
			notice.end(good, outcome);
		}
	}

}
