package io.github.oauth2pkce.login;

import java.net.URI;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** A way for a person to log in. Thread-safe. */
public interface LoginGrant {

	/**
	 * For which providers.
	 * @return their grant
	 */
	AuthorizationGrantType type();

	/**
	 * Logs a person in; blocks for as long as they take.
	 * @param provider the provider
	 * @param progress is told how far it got
	 * @return the tokens
	 * @throws InterruptedException when the login was cancelled
	 */
	Issued login(Provider provider, Progress progress) throws InterruptedException;

	/** How far a login got. */
	interface Progress {

		/**
		 * There is a code to show.
		 * @param userCode the code
		 */
		void codeIssued(UserCode userCode);

		/**
		 * There will be no code to show.
		 * @param instead what the person does instead, as a sentence
		 */
		void noCode(String instead);

		/**
		 * The token endpoint was polled.
		 * @param result what it said
		 */
		void polled(PollResult result);

	}

	/**
	 * What a login came to.
	 *
	 * @param tokenEndpoint the endpoint that issued the tokens
	 * @param response the tokens
	 */
	record Issued(URI tokenEndpoint, TokenResponse response) {

	}

}
