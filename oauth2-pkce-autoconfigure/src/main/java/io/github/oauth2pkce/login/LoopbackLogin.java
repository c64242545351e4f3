package io.github.oauth2pkce.login;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.BrowserPrompt;
import io.github.oauth2pkce.code.LoopbackGrant;
import io.github.oauth2pkce.token.IssuedTokens;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** Logs in by a browser on this machine (RFC 8252). */
public final class LoopbackLogin implements LoginGrant {

	private final LoopbackGrant grant;

	private final BrowserPrompt prompt;

	public LoopbackLogin(LoopbackGrant grant, BrowserPrompt prompt) {
		this.grant = grant;
		this.prompt = prompt;
	}

	@Override
	public AuthorizationGrantType type() {
		return AuthorizationGrantType.AUTHORIZATION_CODE;
	}

	@Override
	public void login(Provider provider, Progress progress) throws InterruptedException {
		this.grant.login(provider, (page) -> {
			progress.pageOpened(page, this.grant.timeout());
			this.prompt.prompt(provider.id(), page, this.grant.timeout());
		}, (tokens) -> keep(tokens, progress));
	}

	/** The person is told so, and would not know from a log. */
	private static void keep(IssuedTokens tokens, Progress progress) {
		if (!progress.issued(tokens)) {
			throw new LoginException(LoginOutcome.FAILED, "store_error",
					"The login could not be saved: it may be gone when the application ends", null);
		}
	}

}
