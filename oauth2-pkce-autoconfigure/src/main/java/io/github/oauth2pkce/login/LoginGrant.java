package io.github.oauth2pkce.login;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.IssuedTokens;

/** A grant that needs a person, who logs in once. Blocking and thread-safe. */
public interface LoginGrant {

	/**
	 * {@return which grant this is}
	 */
	Grant grant();

	/**
	 * Whether a login to a provider can go this way here.
	 * @param provider the provider, as it is configured
	 * @return {@code false} where it begins elsewhere, such as in a user's own browser
	 */
	default boolean canLogIn(Provider provider) {
		return true;
	}

	/**
	 * Whether another process, or this application before it was started anew, has begun
	 * a login that this one can go on with. Asks no server.
	 * @param id whose login
	 * @param loggedInAt when the login was made that there is now, {@code null} for none
	 * @return {@code false} where a login ends with its process
	 */
	default boolean isUnderWay(CredentialId id, @Nullable Instant loggedInAt) {
		return false;
	}

	/**
	 * Ends a login that is under way in any process, because somebody logs out.
	 * @param id whose login it would be
	 */
	default void abandon(CredentialId id) {
	}

	/**
	 * Logs a person in; blocks for as long as they take.
	 * @param provider the provider
	 * @param progress is told how far it got, and is given the tokens before the person
	 * hears of a success
	 * @throws InterruptedException when the login was cancelled
	 */
	void login(Provider provider, Progress progress) throws InterruptedException;

	/** How far a login got. */
	interface Progress {

		/**
		 * Whose login.
		 * @return the credential that it will make
		 */
		CredentialId id();

		/**
		 * Whether this login goes on with one that is under way, and must not begin one:
		 * nobody has asked for it.
		 * @return {@code false} when somebody has
		 */
		boolean isResumed();

		/**
		 * Whether another process shows this login, and nobody has asked this one.
		 * @return {@code false} when somebody has
		 */
		boolean isQuiet();

		/**
		 * When the login was made that there is now; reads the store.
		 * @return the time, {@code null} when there is none, or nobody knows
		 */
		@Nullable Instant loggedInAt();

		/**
		 * Whether a login that is interrupted may go on elsewhere: the application stops,
		 * and nobody has cancelled it.
		 * @return {@code false} when it has to end for all
		 */
		boolean isSuspended();

		/**
		 * There is a code to show.
		 * @param userCode the code
		 * @param prompt shows it to the person
		 */
		void codeIssued(UserCode userCode, Prompt prompt);

		/**
		 * There is no code to show but a page, on the application's machine.
		 * @param page where the login begins
		 * @param timeout how long it stays open
		 * @param prompt shows it to the person
		 */
		void pageOpened(URI page, Duration timeout, Prompt prompt);

		/**
		 * The token endpoint was polled.
		 * @param result what it said
		 */
		void polled(PollResult result);

		/**
		 * There are tokens: keeps them.
		 * @param tokens the tokens
		 * @return {@code false} when the store failed, so that the login works until the
		 * application ends, unless the store recovers before
		 * @throws LoginException when the login had been given up
		 */
		boolean issued(IssuedTokens tokens);

		/**
		 * The login has ended in another process.
		 * @param loggedInAt when the login was made that there was before
		 * @throws LoginException when there is no other one now
		 */
		void endedElsewhere(@Nullable Instant loggedInAt);

	}

	/**
	 * Tells the person, on a thread of its own, in this order: what it throws and how
	 * long it takes ends no login.
	 */
	interface Prompt {

		/** Shows the code or the page. */
		void show();

		/**
		 * Tells how the login went.
		 * @param end how it ended
		 */
		void ended(End end);

	}

	/**
	 * How a login ended.
	 *
	 * @param failure why there are no tokens, {@code null} when there are
	 * @param saved whether there are tokens and the store has them
	 */
	record End(@Nullable LoginException failure, boolean saved) {

		/** Whether there are tokens, in memory only. */
		boolean isUnsaved() {
			return this.failure == null && !this.saved;
		}

	}

}
