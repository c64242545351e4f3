package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * One refresh, from the lock to the unlock, in plain blocking code on a worker thread.
 * Callers join it; none of them can stop it, because a server that has rotated the
 * refresh token does not do so again for whoever timed out.
 */
final class RefreshFlight {

	private static final Logger logger = LoggerFactory.getLogger(RefreshFlight.class);

	/** A store is mostly away for a moment only, such as one connection long. */
	private static final long[] SAVE_PAUSES = { 100, 400, 1000 };

	private final ManagedCredential credential;

	private final RefreshTrigger trigger;

	private final @Nullable String rejectedToken;

	private final long started = System.nanoTime();

	/**
	 * Prepares a flight.
	 * @param credential what to refresh
	 * @param trigger why
	 * @param rejectedToken the access token that a resource rejected, if that is why
	 */
	RefreshFlight(ManagedCredential credential, RefreshTrigger trigger, @Nullable String rejectedToken) {
		this.credential = credential;
		this.trigger = trigger;
		this.rejectedToken = rejectedToken;
	}

	/**
	 * Runs the flight; never throws.
	 * @return the token to use, or why there is none
	 */
	BearerToken run() {
		// A login or logout of this process never falls between reading and publishing.
		try (TokenStore.Lock here = this.credential.record().lockHere()) {
			this.credential.record().retrySave();
			// Readers need no store lock: most flights end here, adopting or finding
			// none.
			Next next = next(this.credential.record().read());
			if (next != Next.REQUEST) {
				return end(next);
			}
			try (TokenStore.Lock there = this.credential.record().lockStore()) {
				// Whoever held the lock before us may have refreshed.
				Credential stored = this.credential.record().read();
				next = next(stored);
				return (next == Next.REQUEST) ? request(stored, there) : end(next);
			}
		}
		catch (LockTimeoutException ex) {
			return end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT, "lock_timeout", 0);
		}
		catch (TokenStoreException ex) {
			return end(RefreshOutcome.TRANSIENT, SkipReason.STORE_ERROR, ManagedCredential.STORE_ERROR, 0);
		}
	}

	/** What the stored record asks for; the one decision that is made twice. */
	private Next next(@Nullable Credential stored) {
		Provider provider = this.credential.provider();
		CredentialRules rules = this.credential.rules();
		Instant now = this.credential.now();
		if (stored == null || !rules.belongs(stored)) {
			this.credential.publish(null);
			return provider.isUserGrant() ? Next.NOTHING_STORED : Next.REQUEST;
		}
		// Reading it for the first time is not adopting somebody's refresh.
		long known = this.credential.snapshotGeneration();
		boolean newer = known != Credential.NONE && known != stored.generation();
		boolean wanted = switch (this.trigger) {
			case EXPIRY, STARTUP -> true;
			case AHEAD -> newer && !this.credential.isDue(stored);
			case UNAUTHORIZED -> !stored.accessToken().equals(this.rejectedToken);
			case MANUAL -> false;
		};
		this.credential.publish(stored);
		if (wanted && this.credential.isUsable()) {
			return newer ? Next.ADOPTED : Next.USABLE;
		}
		return rules.isRenewable(stored, now) ? Next.REQUEST : Next.NOT_REFRESHABLE;
	}

	private BearerToken end(Next next) {
		return switch (next) {
			case ADOPTED -> end(RefreshOutcome.ADOPTED, SkipReason.REFRESH_FAILED, null, 0);
			case NOT_REFRESHABLE ->
				end(RefreshOutcome.SUPPRESSED, SkipReason.REAUTHENTICATION_REQUIRED, this.credential.lastError(), 0);
			// Neither is a refresh: nothing to count.
			case USABLE -> this.credential.bearerOr(SkipReason.REFRESH_FAILED);
			case NOTHING_STORED -> this.credential.bearerOr(SkipReason.NO_TOKEN);
			case REQUEST -> throw new IllegalStateException("A request is not an end");
		};
	}

	private BearerToken request(@Nullable Credential stored, TokenStore.Lock lock) {
		TokenResponse response;
		try {
			// A refresh token is spent by using it: do not, if the new one has no place,
			this.credential.record().checkWritable();
			if (!this.credential.record().holds(lock)) {
				// or if this process was paused for so long that another one took over.
				Next winner = next(this.credential.record().read());
				return (winner != Next.REQUEST) ? end(winner)
						: end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT, "lock_lost", 0);
			}
			response = this.credential.issuance().request(stored);
		}
		catch (ForeignTokenEndpointException ex) {
			this.credential.publish(null);
			return this.credential.bearerOr(SkipReason.NO_TOKEN);
		}
		catch (TokenRequestException ex) {
			return failed(stored, ex);
		}
		catch (AuthorizationServerUnreachableException ex) {
			explain(ex);
			boolean timeout = ex.isTimeout();
			return transientFailure(timeout ? RefreshOutcome.TIMEOUT : RefreshOutcome.TRANSIENT,
					timeout ? "timeout" : "unreachable", 0, null);
		}
		catch (DiscoveryException ex) {
			explain(ex);
			return transientFailure(RefreshOutcome.TRANSIENT, "discovery_failed", 0, null);
		}
		return keep(stored, response);
	}

	/** Save, then publish: nobody uses a token that a crash could lose. */
	private BearerToken keep(@Nullable Credential stored, TokenResponse response) {
		Credential next = this.credential.issuance().renewed(stored, response);
		long expected = (stored != null) ? stored.generation() : Credential.NONE;
		RefreshOutcome outcome = RefreshOutcome.REFRESHED;
		try {
			if (!this.credential.record().saveUnderLock(next, expected, SAVE_PAUSES)) {
				return lost(stored, response);
			}
		}
		catch (TokenStoreException ex) {
			this.credential.record().keepUnsaved(next, expected);
			outcome = RefreshOutcome.PERSIST_FAILED;
		}
		this.credential.publish(next);
		if (response.accessToken().isBlank()) {
			// Answered, but with nothing: asking on each call would not help.
			this.credential.backoff().failed(this.credential.steadyNow(), null);
			return end(outcome, SkipReason.EMPTY_TOKEN, "empty_token", 200);
		}
		this.credential.backoff().succeeded();
		this.credential.refused(false);
		end(outcome, SkipReason.REFRESH_FAILED,
				(outcome == RefreshOutcome.REFRESHED) ? null : ManagedCredential.STORE_ERROR, 200);
		// Callers of this flight get this token even if it may be used only once.
		return BearerToken.Available.of(next.accessToken());
	}

	/**
	 * Somebody has sent the same refresh token after us, and was told that it is spent.
	 */
	private BearerToken lost(@Nullable Credential refreshed, TokenResponse response) {
		Credential stored = this.credential.record().read();
		if (refreshed == null || stored == null || stored.refreshToken() == null) {
			return lost();
		}
		boolean rejectedSince = stored.refreshToken().equals(refreshed.refreshToken())
				&& stored.isRefreshTokenRejected() && !refreshed.isRefreshTokenRejected();
		return rejectedSince ? keep(stored, response) : lost();
	}

	/** Somebody logged out or in meanwhile, and wins. */
	private BearerToken lost() {
		Next winner = next(this.credential.record().read());
		return (winner == Next.REQUEST) ? this.credential.bearerOr(SkipReason.REFRESH_FAILED) : end(winner);
	}

	private BearerToken failed(@Nullable Credential stored, TokenRequestException ex) {
		if (ex.kind() == FailureKind.TRANSIENT) {
			return transientFailure(RefreshOutcome.TRANSIENT, ex.errorCode(), ex.status(), ex.retryAfter());
		}
		if (ex.kind() == FailureKind.REJECTED && stored != null && this.credential.provider().isUserGrant()) {
			return rejected(stored, ex);
		}
		this.credential.refused(true);
		this.credential.backoff().refused(this.credential.steadyNow());
		return end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, ex.errorCode(), ex.status());
	}

	/** Remembered in the store: a restart must not ask again for a dead token. */
	private BearerToken rejected(Credential stored, TokenRequestException ex) {
		Credential marked = stored.rejected(this.credential.now());
		try {
			if (!this.credential.record().save(marked, stored.generation())) {
				// The token that died is not the one that is stored now.
				return lost();
			}
		}
		catch (TokenStoreException failure) {
			this.credential.record().keepUnsaved(marked, stored.generation());
		}
		this.credential.publish(marked);
		return end(RefreshOutcome.REJECTED, SkipReason.REAUTHENTICATION_REQUIRED, ex.errorCode(), ex.status());
	}

	/** What operators see has room for a code only. */
	private void explain(RuntimeException ex) {
		logger.debug("The token of '{}' cannot be refreshed now: {}", this.credential.provider().id(), ex.getMessage());
	}

	private BearerToken transientFailure(RefreshOutcome outcome, String error, int status,
			@Nullable Duration retryAfter) {
		this.credential.backoff().failed(this.credential.steadyNow(), retryAfter);
		return end(outcome, SkipReason.REFRESH_FAILED, error, status);
	}

	private BearerToken end(RefreshOutcome outcome, SkipReason reason, @Nullable String error, int status) {
		this.credential.ended(this.trigger, outcome, Duration.ofNanos(System.nanoTime() - this.started), error, status);
		return this.credential.bearerOr(reason);
	}

	private enum Next {

		NOTHING_STORED, USABLE, ADOPTED, NOT_REFRESHABLE, REQUEST

	}

}
