package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.CredentialId;

/**
 * Is told what happens to credentials, after it happened and is stored, all locks are
 * released and the callers have their answer. Called in order, on a thread of its own:
 * what it throws and how long it takes changes nothing.
 */
public interface RefreshListener {

	/**
	 * A refresh was considered.
	 * @param refresh what came of it
	 */
	default void refreshed(Refresh refresh) {
	}

	/**
	 * A login was granted less than was asked for. Told once for each login.
	 * @param id the credential
	 * @param missing the scopes that were not granted
	 */
	default void scopesMissing(CredentialId id, Set<String> missing) {
	}

	/**
	 * The store failed.
	 * @param id the credential
	 * @param operation {@code load}, {@code save}, {@code remove} or {@code lock}
	 * @param failure what happened
	 */
	default void storeFailed(CredentialId id, String operation, Exception failure) {
	}

	/**
	 * What came of a refresh.
	 *
	 * @param id the credential
	 * @param trigger why
	 * @param outcome how it ended
	 * @param duration how long it took, waiting for locks included
	 * @param errorCode OAuth 2.0 error code or a short name of what went wrong,
	 * {@code null} when nothing did
	 * @param status the HTTP status, {@code 0} without an answer
	 * @param reason where and why it failed, for a person: printable and without secrets;
	 * {@code null} when it did not fail
	 * @param nextAttemptAt when the server is asked again, at the earliest; {@code null}
	 * when it may be at any time
	 */
	record Refresh(CredentialId id, RefreshTrigger trigger, RefreshOutcome outcome, Duration duration,
			@Nullable String errorCode, int status, @Nullable String reason, @Nullable Instant nextAttemptAt) {

		/**
		 * A refresh with nothing more to say.
		 * @param id the credential
		 * @param trigger why
		 * @param outcome how it ended
		 * @param duration how long it took
		 * @param errorCode what went wrong, {@code null} when nothing did
		 * @param status the HTTP status, {@code 0} without an answer
		 */
		public Refresh(CredentialId id, RefreshTrigger trigger, RefreshOutcome outcome, Duration duration,
				@Nullable String errorCode, int status) {
			this(id, trigger, outcome, duration, errorCode, status, null, null);
		}

	}

}
