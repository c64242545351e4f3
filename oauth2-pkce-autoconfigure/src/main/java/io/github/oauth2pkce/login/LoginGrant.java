package io.github.oauth2pkce.login;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.token.IssuedTokens;

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
	IssuedTokens login(Provider provider, Progress progress) throws InterruptedException;

	/** How far a login got. */
	interface Progress {

		/**
		 * There is a code to show.
		 * @param userCode the code
		 * @param prompt shows it to the person; run at once, and what it throws ends no
		 * login
		 */
		void codeIssued(UserCode userCode, Runnable prompt);

		/**
		 * There will be no code to show.
		 * @param instead what the person does instead, as a sentence
		 */
		void noCode(String instead);

		/**
		 * Wants to know the end of the login, in order to tell the person.
		 * @param action is given why there are no tokens, {@code null} when there are;
		 * run on the login's thread, and what it throws is logged
		 */
		void whenEnded(Consumer<@Nullable LoginException> action);

		/**
		 * The token endpoint was polled.
		 * @param result what it said
		 */
		void polled(PollResult result);

	}

}
