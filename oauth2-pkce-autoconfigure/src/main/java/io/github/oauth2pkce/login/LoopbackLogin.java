package io.github.oauth2pkce.login;

import java.time.Duration;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.BrowserPrompt;
import io.github.oauth2pkce.code.LoopbackGrant;
import io.github.oauth2pkce.terminal.Notice;
import io.github.oauth2pkce.terminal.Terminal;

/** Logs in by a browser on this machine (RFC 8252). */
public final class LoopbackLogin implements LoginGrant {

	private final LoopbackGrant grant;

	private final BrowserPrompt prompt;

	private final boolean web;

	/**
	 * Creates the login.
	 * @param grant the grant
	 * @param prompt shows the page to a person
	 */
	public LoopbackLogin(LoopbackGrant grant, BrowserPrompt prompt) {
		this(grant, prompt, false);
	}

	/**
	 * Creates the login of an application that may have browser logins of its own.
	 * @param grant the grant
	 * @param prompt shows the page to a person
	 * @param web whether the application has a web server, where logins to configured
	 * servers begin
	 */
	public LoopbackLogin(LoopbackGrant grant, BrowserPrompt prompt, boolean web) {
		this.grant = grant;
		this.prompt = prompt;
		this.web = web;
	}

	@Override
	public boolean canLogIn(Provider provider) {
		return !this.web || provider.isOpen();
	}

	@Override
	public Grant grant() {
		return Grant.AUTHORIZATION_CODE;
	}

	@Override
	public void login(Provider provider, Progress progress) throws InterruptedException {
		Duration timeout = this.grant.timeout();
		this.grant.login(provider, (known, page) -> progress.pageOpened(page, timeout, () -> {
			Notice notice = this.prompt.prompt(known, page, timeout);
			progress.whenEnded((end) -> tell(provider.id(), notice, end));
		}), progress::issued);
	}

	private static void tell(String providerId, Notice notice, End end) {
		if (end.isUnsaved()) {
			notice.end(false, Terminal.unsaved(providerId));
		}
		else {
			notice.end(end.failure() == null, Terminal.outcome(providerId, end.failure()));
		}
	}

}
