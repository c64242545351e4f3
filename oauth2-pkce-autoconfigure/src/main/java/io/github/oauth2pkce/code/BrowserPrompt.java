package io.github.oauth2pkce.code;

import java.net.URI;
import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.terminal.Notice;
import io.github.oauth2pkce.terminal.Terminal;

/**
 * Shows a person the address at which the login begins: printed on the console, on a line
 * of its own that can be copied, and opened in a browser. Never logged, because the login
 * is given to whoever opens it first. Thread-safe: a block is written at once.
 */
public final class BrowserPrompt {

	private static final Logger logger = LoggerFactory.getLogger(BrowserPrompt.class);

	private final Terminal terminal;

	private final BrowserOpener opener;

	/**
	 * Creates a prompt.
	 * @param terminal where to print
	 * @param opener opens the browser
	 */
	public BrowserPrompt(Terminal terminal, BrowserOpener opener) {
		this.terminal = terminal;
		this.opener = opener;
	}

	/**
	 * Shows the page.
	 * @param provider the provider that the login is for, its server known
	 * @param page the start page of the login, on this machine
	 * @param timeout how long the login stays open
	 * @return what to end when the login has ended
	 */
	public Notice prompt(Provider provider, URI page, Duration timeout) {
		String providerId = provider.id();
		String needed = Terminal.needed(providerId, provider.resourceUri(), provider.issuerUri());
		Notice notice = this.terminal.notice(providerId);
		if (!notice.isProse()) {
			log(provider, needed);
		}
		notice.say(needed + "In a browser on this machine, open")
			.copy(page.toASCIIString())
			.open("The login stays open", timeout);
		try {
			this.opener.open(page);
		}
		catch (RuntimeException | Error ex) {
			// An opener may need classes that are not there. Its message may repeat the
			// page.
			logger.warn("No browser was opened for the login of '{}' ({}); its page is on the console", providerId,
					ex.getClass().getName());
		}
		return notice;
	}

	/** Nobody should log in without knowing where, and for what. */
	private static void log(Provider provider, String needed) {
		EventLog.Event event = EventLog.at(Level.INFO, "oauth2_login_page_shown", provider.id());
		if (provider.resourceUri() != null) {
			event.with("resource", ServerText.printable(provider.resourceUri().toString()))
				.with("issuer", ServerText.printable(String.valueOf(provider.issuerUri())));
		}
		event.log("{}The address to open in a browser on this machine is on standard output", needed);
	}

}
