package io.github.oauth2pkce.login;

import java.net.URI;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

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
		this.grant.login(provider,
				(known, page) -> progress.pageOpened(page, timeout, new PagePrompt(known, page, timeout)),
				progress::issued);
	}

	/** The notice of one page; used by one thread. */
	private final class PagePrompt implements Prompt {

		private final Provider provider;

		private final URI page;

		private final Duration timeout;

		private @Nullable Notice notice;

		PagePrompt(Provider provider, URI page, Duration timeout) {
			this.provider = provider;
			this.page = page;
			this.timeout = timeout;
		}

		@Override
		public void show() {
			this.notice = LoopbackLogin.this.prompt.prompt(this.provider, this.page, this.timeout);
		}

		@Override
		public void ended(End end) {
			if (this.notice == null) {
				return;
			}
			if (end.isUnsaved()) {
				this.notice.end(false, Terminal.unsaved(this.provider.id()));
			}
			else {
				this.notice.end(end.failure() == null, Terminal.outcome(this.provider.id(), end.failure()));
			}
		}

	}

}
