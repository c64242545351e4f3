package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;

/**
 * How the attempts to refresh one credential went, and what follows for the next one: a
 * pause, a verdict on the refresh token, what operators see. A flight writes it,
 * everybody reads it.
 */
final class Attempts {

	static final String STORE_ERROR = Problem.STORE_ERROR.code();

	/** A store that fails must not be asked by each call. */
	private static final long STORE_PAUSE_MILLIS = 1000;

	/** Answers that say no and not why, before the refresh token counts as dead. */
	private static final int UNCLEAR_IN_A_ROW = 3;

	private final Clocks clocks;

	private final Backoff backoff = new Backoff(Math::random);

	private final ForcedRefreshes forced = new ForcedRefreshes();

	private volatile long storeFailedUntil = Long.MIN_VALUE;

	private volatile int unclear;

	private volatile boolean answerLost;

	private volatile boolean refused;

	private volatile @Nullable RefreshOutcome lastOutcome;

	private volatile @Nullable String lastError;

	private volatile int failuresInARow;

	Attempts(Clocks clocks) {
		this.clocks = clocks;
	}

	// Whether to try.

	/** Whether the server may be asked. */
	boolean isOpen() {
		return this.backoff.isOpen(this.clocks.steadyNow());
	}

	/**
	 * When the server may be asked again.
	 * @return the time by the wall clock, {@code null} when it may be asked now
	 */
	@Nullable Instant nextAttemptAt() {
		Instant next = this.backoff.nextAttemptAt();
		Instant steadyNow = this.clocks.steadyNow();
		return (next != null && steadyNow.isBefore(next)) ? this.clocks.now().plus(Duration.between(steadyNow, next))
				: null;
	}

	/** Whether the store has failed a moment ago. */
	boolean isStoreDown() {
		return this.clocks.steadyMillis() < this.storeFailedUntil;
	}

	/** Whether a resource may have a token refreshed that has not ended. */
	boolean mayForce() {
		return this.forced.areAllowed(this.clocks.steadyNow());
	}

	// What came of it.

	/** A resource has a token refreshed that has not ended. */
	void forced() {
		this.forced.started(this.clocks.steadyNow());
	}

	/** The resource has accepted the token that came of it. */
	void forcedConfirmed() {
		this.forced.confirmed();
	}

	void storeFailed() {
		this.storeFailedUntil = this.clocks.steadyMillis() + STORE_PAUSE_MILLIS;
	}

	/** The server has issued tokens, and they have arrived. */
	void arrived() {
		this.answerLost = false;
		this.unclear = 0;
	}

	/** A token can be used. */
	void succeeded() {
		this.backoff.succeeded();
		this.refused = false;
	}

	/** The server is to be left alone for a while. */
	void pause(@Nullable Duration atLeast) {
		this.backoff.failed(this.clocks.steadyNow(), atLeast);
	}

	/** It did not work this time, and may the next time. */
	void failed(@Nullable Duration retryAfter) {
		this.unclear = 0;
		pause(retryAfter);
	}

	/** The server does not accept this client. */
	void refused() {
		this.unclear = 0;
		this.refused = true;
		this.backoff.refused(this.clocks.steadyNow());
	}

	/** The server does not accept the refresh token. */
	void rejected() {
		this.unclear = 0;
	}

	/**
	 * Counts an answer that says no and not why. Many servers do not call a dead refresh
	 * token by its name.
	 * @return whether the refresh token counts as dead by now
	 */
	boolean isDeadByNow() {
		return ++this.unclear >= UNCLEAR_IN_A_ROW;
	}

	/**
	 * Says what a failure may mean where the server has perhaps issued tokens that never
	 * arrived: the refresh token that is left is sent again, as nothing else can save the
	 * login, and a server that sees a spent one ends it.
	 * @param reason what happened
	 * @param lost whether this answer may have had tokens
	 */
	String explained(@Nullable String reason, boolean lost) {
		boolean before = this.answerLost;
		this.answerLost = before || lost;
		if (lost) {
			return reason + "; the server may have issued new tokens that did not arrive: if the next refresh is"
					+ " rejected, this is why";
		}
		return before ? reason + "; an earlier answer, perhaps with a new refresh token, did not arrive"
				: String.valueOf(reason);
	}

	/** A refresh has ended. */
	void ended(RefreshListener.Refresh refresh) {
		// That a dead token is not sent again does not bury that it was rejected.
		boolean known = this.lastOutcome == RefreshOutcome.REJECTED || (this.lastOutcome == RefreshOutcome.REFUSED
				&& String.valueOf(this.lastError).equals(refresh.errorCode()));
		if (refresh.outcome() != RefreshOutcome.SUPPRESSED || !known) {
			this.lastOutcome = refresh.outcome();
		}
		this.lastError = refresh.errorCode();
		boolean inMemory = refresh.outcome() == RefreshOutcome.PERSIST_FAILED
				&& STORE_ERROR.equals(refresh.errorCode());
		if (refresh.errorCode() == null || inMemory) {
			this.failuresInARow = 0;
		}
		else if (refresh.outcome() != RefreshOutcome.SUPPRESSED) {
			this.failuresInARow++;
		}
	}

	/** What could not be saved is saved now. */
	void saved() {
		if (this.lastOutcome == RefreshOutcome.PERSIST_FAILED) {
			this.lastOutcome = RefreshOutcome.REFRESHED;
		}
		if (STORE_ERROR.equals(this.lastError)) {
			this.lastError = null;
			this.failuresInARow = 0;
		}
	}

	/**
	 * A person has come or gone: what went wrong before is over.
	 * @param error what went wrong in that, if anything did
	 */
	void startOver(@Nullable String error) {
		this.backoff.succeeded();
		this.forced.reset();
		arrived();
		this.lastOutcome = null;
		this.lastError = error;
		this.failuresInARow = 0;
	}

	// What operators see.

	/** Whether the server does not accept this client. */
	boolean isRefused() {
		return this.refused;
	}

	@Nullable RefreshOutcome lastOutcome() {
		return this.lastOutcome;
	}

	@Nullable String lastError() {
		return this.lastError;
	}

	int failuresInARow() {
		return this.failuresInARow;
	}

}
