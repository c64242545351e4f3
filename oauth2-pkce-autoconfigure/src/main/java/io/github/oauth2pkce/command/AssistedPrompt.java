package io.github.oauth2pkce.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;

/**
 * Spares a person at a terminal the typing: Enter opens the page of a device login in a
 * browser, and the code is in the clipboard, where the terminal lets programs put it.
 * Only commands do so: an application may read its standard input itself. Thread-safe.
 */
public final class AssistedPrompt implements UserCodePrompt {

	private static final Logger logger = LoggerFactory.getLogger(AssistedPrompt.class);

	/**
	 * What the clipboard gets is pasted, perhaps into a shell: letters, digits and
	 * dashes, and not more than a person would type (RFC 8628 section 6.1).
	 */
	private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9](-?[A-Za-z0-9]){2,23}");

	private final UserCodePrompt prompt;

	private final CommandStreams streams;

	private final InputStream in;

	private final Supplier<@Nullable BrowserOpener> opener;

	private @Nullable Thread reader;

	private volatile @Nullable URI page;

	/**
	 * Assists a prompt.
	 * @param prompt shows the code
	 * @param streams where to print
	 * @param in where Enter is pressed
	 * @param opener opens a browser; gives {@code null} where nothing can
	 */
	public AssistedPrompt(UserCodePrompt prompt, CommandStreams streams, InputStream in,
			Supplier<@Nullable BrowserOpener> opener) {
		this.prompt = prompt;
		this.streams = streams;
		this.in = in;
		this.opener = opener;
	}

	@Override
	public void prompt(UserCode userCode) {
		BrowserOpener opener = this.opener.get();
		StringBuilder offer = new StringBuilder();
		if (HARMLESS.matcher(userCode.userCode()).matches()) {
			// OSC 52 of xterm's control sequences; what does not know it ignores it.
			offer.append("\u001b]52;c;")
				.append(Base64.getEncoder().encodeToString(userCode.userCode().getBytes(StandardCharsets.US_ASCII)))
				.append('\u0007')
				.append("The code is in the clipboard, if this terminal lets programs use it.")
				.append(System.lineSeparator());
		}
		if (opener != null && opener.isAvailable()) {
			offer.append("Press Enter to open the page in a browser on this machine.").append(System.lineSeparator());
			this.page = (userCode.verificationUriComplete() != null) ? userCode.verificationUriComplete()
					: userCode.verificationUri();
			listen(opener);
		}
		this.streams.prompts().print(offer);
		this.prompt.prompt(userCode);
	}

	/**
	 * One reader for all logins of a command: nothing can take it away from its stream.
	 */
	private synchronized void listen(BrowserOpener opener) {
		if (this.reader == null) {
			this.reader = new Thread(() -> read(opener), "oauth2-pkce-enter");
			this.reader.setDaemon(true);
			this.reader.start();
		}
	}

	private void read(BrowserOpener opener) {
		try {
			for (int character = this.in.read(); character >= 0; character = this.in.read()) {
				URI page = this.page;
				if (character == '\n' && page != null) {
					this.page = null;
					opener.open(page);
				}
			}
		}
		catch (IOException | RuntimeException ex) {
			logger.debug("No browser was opened: {}", ex.getClass().getName());
		}
	}

	@Override
	public void ended(UserCode userCode, @Nullable RuntimeException failure) {
		this.page = null;
		this.prompt.ended(userCode, failure);
	}

	@Override
	public void endedUnsaved(UserCode userCode) {
		this.page = null;
		this.prompt.endedUnsaved(userCode);
	}

}
