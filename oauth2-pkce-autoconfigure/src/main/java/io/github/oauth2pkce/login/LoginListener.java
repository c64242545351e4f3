package io.github.oauth2pkce.login;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Is told how logins go, after whoever waits was answered. Called in order, on a thread
 * of its own: what it throws and how long it takes changes nothing.
 */
public interface LoginListener {

	/**
	 * A login began.
	 * @param login the login
	 */
	default void started(Login login) {
	}

	/**
	 * There is a code for a person.
	 * @param login the login
	 * @param userCode the code
	 */
	default void codeIssued(Login login, UserCode userCode) {
	}

	/**
	 * The token endpoint was polled.
	 * @param login the login
	 * @param result what it said
	 */
	default void polled(Login login, PollResult result) {
	}

	/**
	 * A login ended; with success its tokens are in use.
	 * @param ended how
	 */
	default void ended(Ended ended) {
	}

	/**
	 * A login was forgotten because somebody asked.
	 * @param revoked whether the server has revoked it as well
	 */
	default void loggedOut(CredentialId id, boolean revoked) {
	}

	/**
	 * How a login ended.
	 *
	 * @param login the login
	 * @param grant its grant
	 * @param outcome how
	 * @param saved whether there are tokens and the store has them; with success it may
	 * be {@code false}: then they are in memory, and saving them is tried again
	 * @param duration how long it took
	 * @param errorCode what went wrong, {@code null} with success
	 * @param message the same as a sentence, {@code null} with success
	 */
	record Ended(Login login, Grant grant, LoginOutcome outcome, boolean saved, Duration duration,
			@Nullable String errorCode, @Nullable String message) {

	}

}
