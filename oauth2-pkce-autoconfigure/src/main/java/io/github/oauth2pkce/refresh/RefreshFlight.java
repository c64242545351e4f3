package io.github.oauth2pkce.refresh;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.refresh.CredentialLocks.Held;
import io.github.oauth2pkce.refresh.Issuance.Target;
import io.github.oauth2pkce.registration.RegistrationException;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * One refresh, from the first look to the last unlock, in plain blocking code on a worker
 * thread. Callers join it; none of them can stop it, because a server that has rotated
 * the refresh token does not do so again for whoever timed out. What happened is written
 * down on the way; the listeners are told when it is over.
 */
final class RefreshFlight {

	/** A store that reads from a replica that is behind says "no" for a while. */
	private static final int ATTEMPTS = 10;

	private final CredentialId id;

	private final CredentialRules rules;

	private final Clocks clocks;

	private final CredentialLocks locks;

	private final StoredCredential stored;

	private final CurrentCredential current;

	private final Issuance issuance;

	private final SourceLogins sources;

	private final Attempts attempts;

	private final Events events;

	private final RefreshReason reason;

	private final long started = System.nanoTime();

	/** Whether the server has issued a token and it is safe. */
	private boolean kept;

	/** Whether it is written down what came of it. */
	private boolean ended;

	RefreshFlight(CredentialId id, CredentialRules rules, Clocks clocks, CredentialLocks locks, StoredCredential stored,
			CurrentCredential current, Issuance issuance, SourceLogins sources, Attempts attempts, Events events,
			RefreshReason reason) {
		this.id = id;
		this.rules = rules;
		this.clocks = clocks;
		this.locks = locks;
		this.stored = stored;
		this.current = current;
		this.issuance = issuance;
		this.sources = sources;
		this.attempts = attempts;
		this.events = events;
		this.reason = reason;
	}

	/**
	 * Runs the flight.
	 * @return the token to use, or why there is none
	 */
	BearerToken run() {
		try {
			return lookAndRefresh();
		}
		catch (RuntimeException | Error ex) {
			// What goes wrong after a token was issued is no failure of the refresh.
			if (!this.kept) {
				this.attempts.pause(null);
				if (!this.ended) {
					end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, Problem.INTERNAL_ERROR.code(), 0,
							"The refresh failed unexpectedly: " + ex.getClass().getSimpleName());
				}
			}
			throw ex;
		}
	}

	private BearerToken lookAndRefresh() {
		try {
			this.sources.load();
			BearerToken answer = look();
			// This may ask a slow server, so that nobody waits for a lock meanwhile.
			return (answer != null) ? answer
					: refresh(this.issuance.target(this.current.credential(), this.reason.trigger()));
		}
		catch (LockTimeoutException ex) {
			return end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT, Problem.LOCK_TIMEOUT.code(), 0,
					ex.getMessage());
		}
		catch (InterruptedFlightException ex) {
			return end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, Problem.INTERRUPTED.code(), 0,
					ex.getMessage());
		}
		catch (TokenStoreException ex) {
			this.attempts.storeFailed();
			return end(RefreshOutcome.TRANSIENT, SkipReason.STORE_ERROR, Attempts.STORE_ERROR, 0, ex.getMessage());
		}
		catch (DiscoveryException ex) {
			return transientFailure(RefreshOutcome.TRANSIENT, Problem.DISCOVERY_FAILED.code(), 0, null,
					ex.getMessage());
		}
		catch (ForeignTokenException ex) {
			return withoutForeignToken(ex);
		}
		catch (AuthorizationServerUnreachableException ex) {
			// The registration of a machine; no refresh token was sent.
			return unanswered(ex, ex.getMessage());
		}
		catch (RegistrationException ex) {
			return transientFailure(ex.passes() ? RefreshOutcome.TRANSIENT : RefreshOutcome.REFUSED,
					Problem.REGISTRATION_FAILED.code(), 0, ex.retryAfter(), ex.getMessage());
		}
	}

	/**
	 * Mostly nobody was asked, so that nobody has to be left alone: the next call looks
	 * again.
	 */
	private BearerToken withoutForeignToken(ForeignTokenException ex) {
		String error = ex.problem().code();
		if (ex.problem().passes()) {
			return transientFailure(RefreshOutcome.TRANSIENT, error, 0, null, ex.getMessage());
		}
		if (ex.isRefused()) {
			this.attempts.refused();
		}
		boolean told = error.equals(this.attempts.lastError());
		// A person's login is there, and is as good as before.
		SkipReason skip = this.rules.needsPerson() ? SkipReason.REFRESH_FAILED : SkipReason.NO_TOKEN;
		return end(told ? RefreshOutcome.SUPPRESSED : RefreshOutcome.REFUSED, skip, error, 0, ex.getMessage());
	}

	/**
	 * Readers need no store lock: most flights end here, adopting or finding none. A
	 * login or logout of this process never falls between reading and publishing.
	 * @return the answer, {@code null} when only the server can give one
	 */
	private @Nullable BearerToken look() {
		try (Held lock = this.locks.here()) {
			if (this.stored.saveWaiting()) {
				this.attempts.saved();
			}
			Credential stored = this.stored.read();
			RefreshStep step = decide(stored);
			publish(stored, lock);
			return (step != RefreshStep.REQUEST) ? end(step) : null;
		}
	}

	/** Asks the server, unless somebody else has done so. */
	private BearerToken refresh(Target target) {
		try (Held lock = this.locks.both()) {
			// Whoever held the lock before us may have refreshed.
			Credential before = this.stored.read();
			RefreshStep step = decide(before);
			publish(before, lock);
			if (step != RefreshStep.REQUEST) {
				return end(step);
			}
			if (before != null && !this.issuance.isFrom(target, before)) {
				if (lock.isHeldHere()) {
					this.current.publishForeign(before);
				}
				return this.current.bearerOr(SkipReason.NO_TOKEN);
			}
			// A refresh token is spent by using it: do not, if the new one has no place,
			this.stored.checkWritable();
			// or if this thread was stopped for so long that another one took over.
			if (!lock.isHeld()) {
				return lockLost(lock);
			}
			return request(target, before, lock);
		}
	}

	/** Before publishing: what callers do not have yet is news. */
	private RefreshStep decide(@Nullable Credential stored) {
		Credential own = this.current.own(stored);
		boolean fresh = own != null && this.current.isFresh(own);
		return this.rules.next(own, this.reason, this.current.generation(), fresh, this.clocks.now());
	}

	private void publish(@Nullable Credential credential, Held lock) {
		if (lock.isHeldHere()) {
			this.current.publish(credential);
		}
	}

	private BearerToken lockLost(Held lock) {
		Credential stored = this.stored.read();
		RefreshStep step = decide(stored);
		publish(stored, lock);
		return (step != RefreshStep.REQUEST) ? end(step)
				: end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT, Problem.LOCK_LOST.code(), 0,
						"The lock was lost before the request: this process was stopped for too long");
	}

	private BearerToken request(Target target, @Nullable Credential before, Held lock) {
		TokenResponse response;
		try {
			response = this.issuance.request(target, before);
		}
		catch (TokenRequestException ex) {
			return failed(target, before, ex, lock);
		}
		catch (AuthorizationServerUnreachableException ex) {
			return unanswered(ex, this.attempts.explained(ex.getMessage(), ex.mayHaveBeenProcessed()));
		}
		Credential next = this.issuance.renewed(target, before, response, this.clocks.now());
		return keep(before, next, !response.accessToken().isBlank() || isAssertion(next), lock);
	}

	private BearerToken unanswered(AuthorizationServerUnreachableException ex, @Nullable String reason) {
		boolean timeout = ex.isTimeout();
		return transientFailure(timeout ? RefreshOutcome.TIMEOUT : RefreshOutcome.TRANSIENT,
				(timeout ? Problem.TIMEOUT : Problem.UNREACHABLE).code(), 0, null, reason);
	}

	/** What a machine gets instead of an access token, it has asked for. */
	private boolean isAssertion(Credential next) {
		return !this.rules.needsPerson() && next.assertion() != null;
	}

	/**
	 * Saves, then publishes: nobody uses a token that a crash could lose. From here on
	 * nothing that other code throws may lose it either.
	 */
	private BearerToken keep(@Nullable Credential before, Credential next, boolean usable, Held lock) {
		PendingWrite issued = new PendingWrite(next, PendingWrite.generationOf(before),
				(before != null) ? before.refreshToken() : null);
		Credential saved;
		String failure = null;
		try {
			for (int attempt = 1; !this.stored.saveIssued(issued); attempt++) {
				Credential winner = this.stored.read();
				if (!issued.replaces(winner)) {
					// Somebody logged out or in meanwhile, and wins.
					return lost(winner, lock);
				}
				if (attempt == ATTEMPTS) {
					throw new TokenStoreException("The token store refuses to replace the record that it shows", null);
				}
				// Somebody has sent the same refresh token after us, and was told that
				// it is spent.
				issued = issued.after(PendingWrite.generationOf(winner));
			}
			saved = this.stored.orLogin(issued.next());
		}
		catch (RuntimeException | Error ex) {
			saved = this.stored.keep(issued);
			failure = (ex instanceof TokenStoreException) ? String.valueOf(ex.getMessage())
					: "Saving failed: " + ex.getClass().getSimpleName();
		}
		this.kept = true;
		publish(saved, lock);
		this.attempts.arrived();
		RefreshOutcome outcome = (failure == null) ? RefreshOutcome.REFRESHED : RefreshOutcome.PERSIST_FAILED;
		if (!usable) {
			// Answered, but with nothing: asking on each call would not help.
			this.attempts.pause(null);
			return end(outcome, SkipReason.EMPTY_TOKEN, Problem.EMPTY_TOKEN.code(), 200,
					"The answer has no access token that can be used");
		}
		this.attempts.succeeded();
		end(outcome, SkipReason.REFRESH_FAILED, (failure == null) ? null : Attempts.STORE_ERROR, 200, failure);
		if (!this.sources.areThoseOf(saved)) {
			discard(saved);
			return this.current.bearerOr(SkipReason.NO_TOKEN);
		}
		// Callers of this flight get this token even if it may be used only once.
		return saved.accessToken().isBlank() ? this.current.bearerOr(SkipReason.NO_TOKEN) : this.issuance.bearer(saved);
	}

	/** The login that it was made from has gone while the server was asked. */
	private void discard(Credential saved) {
		this.stored.forgetWaiting();
		try {
			this.stored.remove(saved);
		}
		catch (TokenStoreException ex) {
			// The listeners hear of it; and nobody uses it, nor does anybody after us.
		}
	}

	private BearerToken lost(@Nullable Credential winner, Held lock) {
		RefreshStep step = decide(winner);
		publish(winner, lock);
		return (step == RefreshStep.REQUEST) ? this.current.bearerOr(SkipReason.REFRESH_FAILED) : end(step);
	}

	private BearerToken failed(Target target, @Nullable Credential before, TokenRequestException ex, Held lock) {
		String reason = this.attempts.explained("POST " + target.endpointWithoutQuery() + ": " + ex.getMessage(),
				ex.mayHaveBeenProcessed());
		if (ex.kind() == FailureKind.TRANSIENT) {
			return transientFailure(RefreshOutcome.TRANSIENT, ex.errorCode(), ex.status(), ex.retryAfter(), reason);
		}
		if (before != null && this.rules.needsPerson()) {
			boolean forgotten = this.issuance.isForgotten(target, ex);
			boolean unclear = ex.kind() == FailureKind.UNCLEAR || forgotten;
			if (ex.kind() == FailureKind.REJECTED || (unclear && this.attempts.isDeadByNow())
					|| (forgotten && this.issuance.isGone(target))) {
				return rejected(before, ex, reason, lock);
			}
			if (unclear) {
				this.attempts.pause(ex.retryAfter());
				return end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, ex.errorCode(), ex.status(), reason);
			}
		}
		this.attempts.refused();
		return end(RefreshOutcome.REFUSED, SkipReason.REFRESH_FAILED, ex.errorCode(), ex.status(), reason);
	}

	/** Remembered in the store: a restart must not ask again for a dead token. */
	private BearerToken rejected(Credential before, TokenRequestException ex, String reason, Held lock) {
		Credential marked = before.rejected(ex.errorCode(), this.clocks.now());
		Credential saved = null;
		try {
			if (this.stored.save(marked, before.generation())) {
				saved = this.stored.orLogin(marked);
			}
		}
		catch (TokenStoreException failure) {
			saved = this.stored.keep(new PendingWrite(marked, before.generation(), null));
		}
		if (saved == null) {
			// The token that died is not the one that is stored now.
			return lost(this.stored.read(), lock);
		}
		publish(saved, lock);
		this.attempts.rejected();
		return end(RefreshOutcome.REJECTED, SkipReason.REAUTHENTICATION_REQUIRED, ex.errorCode(), ex.status(), reason);
	}

	private BearerToken transientFailure(RefreshOutcome outcome, String error, int status,
			@Nullable Duration retryAfter, @Nullable String reason) {
		this.attempts.failed(retryAfter);
		return end(outcome, SkipReason.REFRESH_FAILED, error, status, reason);
	}

	private BearerToken end(RefreshStep step) {
		return switch (step) {
			case ADOPT -> end(RefreshOutcome.ADOPTED, SkipReason.REFRESH_FAILED, null, 0, null);
			case NOT_REFRESHABLE -> end(RefreshOutcome.SUPPRESSED, SkipReason.REAUTHENTICATION_REQUIRED,
					this.attempts.lastError(), 0, null);
			// Neither is a refresh: nothing to count.
			case USABLE -> this.current.bearerOr(SkipReason.REFRESH_FAILED);
			case NOTHING_STORED -> this.current.bearerOr(SkipReason.NO_TOKEN);
			case REQUEST -> throw new IllegalStateException("A request is not an end");
		};
	}

	/** Writes down what came of it, and answers. */
	private BearerToken end(RefreshOutcome outcome, SkipReason skip, @Nullable String error, int status,
			@Nullable String reason) {
		RefreshListener.Refresh refresh = new RefreshListener.Refresh(this.id, this.reason.trigger(), outcome,
				Duration.ofNanos(System.nanoTime() - this.started), error, status, reason,
				this.attempts.nextAttemptAt());
		this.attempts.ended(refresh);
		this.ended = true;
		this.events.add((listener) -> listener.refreshed(refresh));
		return this.current.bearerOr(skip);
	}

}
