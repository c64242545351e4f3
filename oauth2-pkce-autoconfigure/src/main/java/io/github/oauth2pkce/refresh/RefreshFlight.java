package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.refresh.Issuance.Target;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
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

	private final ManagedCredential credential;

	private final RefreshTrigger trigger;

	private final @Nullable String rejectedToken;

	private final long started = System.nanoTime();

	private boolean kept;

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
	 * Runs the flight.
	 * @return the token to use, or why there is none
	 */
	BearerToken run() {
		StoredCredential record = this.credential.record();
		try {
			// Readers need no store lock: most flights end here, adopting or finding
			// none. A login or logout of this process never falls between reading and
			// publishing.
			try (TokenStore.Lock here = record.lockHere()) {
				record.settle(here);
				Decision decision = look(record.read(), here);
				if (decision != Decision.REQUEST) {
					return end(decision);
				}
			}
			// This may ask a slow server, so that nobody waits for a lock meanwhile.
			Target target = this.credential.issuance().target();
			try (TokenStore.Lock here = record.lockHere(); TokenStore.Lock there = record.lockStore()) {
				// Whoever held the lock before us may have refreshed.
				Credential stored = record.read();
				Decision decision = look(stored, here);
				return (decision == Decision.REQUEST) ? request(target, stored, here, there) : end(decision);
			}
		}
		catch (LockTimeoutException ex) {
			return end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT, "lock_timeout", 0, ex.getMessage());
		}
		catch (InterruptedFlightException ex) {
			return end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, "interrupted", 0, ex.getMessage());
		}
		catch (TokenStoreException ex) {
			this.credential.flights().storeFailed();
			return end(RefreshOutcome.TRANSIENT, SkipReason.STORE_ERROR, ManagedCredential.STORE_ERROR, 0,
					ex.getMessage());
		}
		catch (DiscoveryException ex) {
			return transientFailure(RefreshOutcome.TRANSIENT, "discovery_failed", 0, null, ex.getMessage());
		}
	}

	/**
	 * Whether the server has issued a token and it is safe: what goes wrong after that is
	 * no failure of the refresh.
	 */
	boolean isKept() {
		return this.kept;
	}

	/** Decides, and shows callers what was read. */
	private Decision look(@Nullable Credential stored, TokenStore.Lock here) {
		boolean belongs = this.credential.belongs(stored);
		Decision decision = decide(belongs ? stored : null);
		if (here.isHeld()) {
			this.credential.publish(belongs ? stored : null);
		}
		return decision;
	}

	/**
	 * What the stored record asks for; the one decision that is made twice. Changes
	 * nothing.
	 */
	private Decision decide(@Nullable Credential stored) {
		if (stored == null) {
			return this.credential.provider().grant().needsPerson() ? Decision.NOTHING_STORED : Decision.REQUEST;
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
		if (wanted && this.credential.isFresh(stored)) {
			return newer ? Decision.ADOPTED : Decision.USABLE;
		}
		return this.credential.rules().isRenewable(stored, this.credential.now()) ? Decision.REQUEST
				: Decision.NOT_REFRESHABLE;
	}

	private BearerToken end(Decision decision) {
		return switch (decision) {
			case ADOPTED -> succeeded(RefreshOutcome.ADOPTED);
			case NOT_REFRESHABLE -> end(RefreshOutcome.SUPPRESSED, SkipReason.REAUTHENTICATION_REQUIRED,
					this.credential.lastError(), 0, null);
			// Neither is a refresh: nothing to count.
			case USABLE -> this.credential.bearerOr(SkipReason.REFRESH_FAILED);
			case NOTHING_STORED -> this.credential.bearerOr(SkipReason.NO_TOKEN);
			case REQUEST -> throw new IllegalStateException("A request is not an end");
		};
	}

	private BearerToken request(Target target, @Nullable Credential stored, TokenStore.Lock here,
			TokenStore.Lock there) {
		Issuance issuance = this.credential.issuance();
		if (stored != null && !issuance.isFrom(target, stored)) {
			issuance.rememberAsForeign(stored, this.credential.steadyNow());
			this.credential.publish(null);
			return this.credential.bearerOr(SkipReason.NO_TOKEN);
		}
		// A refresh token is spent by using it: do not, if the new one has no place,
		this.credential.record().checkWritable();
		// or if this thread was stopped for so long that another one took over.
		if (!this.credential.record().holds(there) || !here.isHeld()) {
			return lockLost(here);
		}
		TokenResponse response;
		try {
			response = issuance.request(target, stored);
		}
		catch (TokenRequestException ex) {
			return failed(target, stored, ex, here);
		}
		catch (AuthorizationServerUnreachableException ex) {
			boolean timeout = ex.isTimeout();
			return transientFailure(timeout ? RefreshOutcome.TIMEOUT : RefreshOutcome.TRANSIENT,
					timeout ? "timeout" : "unreachable", 0, null,
					issuance.explained(ex.getMessage(), ex.mayHaveBeenProcessed()));
		}
		return keep(stored, issuance.renewed(target, stored, response, this.credential.now()), response, here);
	}

	private BearerToken lockLost(TokenStore.Lock here) {
		Decision winner = look(this.credential.record().read(), here);
		return (winner != Decision.REQUEST) ? end(winner) : end(RefreshOutcome.LOCK_TIMEOUT, SkipReason.LOCK_TIMEOUT,
				"lock_lost", 0, "The lock was lost before the request: this process was stopped for too long");
	}

	/**
	 * Saves, then publishes: nobody uses a token that a crash could lose. From here on
	 * nothing that other code throws may lose it either.
	 */
	private BearerToken keep(@Nullable Credential stored, Credential next, TokenResponse response,
			TokenStore.Lock here) {
		StoredCredential record = this.credential.record();
		RefreshOutcome outcome = RefreshOutcome.REFRESHED;
		String reason = null;
		Unsaved issued = new Unsaved(next, StoredCredential.generation(stored),
				(stored != null) ? stored.refreshToken() : null);
		try {
			for (int attempt = 1; !record.saveUnderLock(issued); attempt++) {
				Credential winner = record.read();
				if (!issued.replaces(winner)) {
					// Somebody logged out or in meanwhile, and wins.
					return lost(winner, here);
				}
				if (attempt == ATTEMPTS) {
					throw new TokenStoreException("The token store refuses to replace the record that it shows", null);
				}
				// Somebody has sent the same refresh token after us, and was told that
				// it is spent.
				issued = issued.after(StoredCredential.generation(winner));
			}
			next = record.orLogin(issued.next());
		}
		catch (RuntimeException | Error ex) {
			next = record.keepUnsaved(issued);
			outcome = RefreshOutcome.PERSIST_FAILED;
			reason = (ex instanceof TokenStoreException) ? ex.getMessage()
					: "Saving failed: " + ex.getClass().getSimpleName();
		}
		this.kept = true;
		if (here.isHeld()) {
			this.credential.publish(next);
		}
		this.credential.issuance().arrived();
		if (response.accessToken().isBlank()) {
			// Answered, but with nothing: asking on each call would not help.
			this.credential.backoff().failed(this.credential.steadyNow(), null);
			return end(outcome, SkipReason.EMPTY_TOKEN, "empty_token", 200,
					"The answer has no access token that can be used");
		}
		this.credential.backoff().succeeded();
		this.credential.refused(false);
		end(outcome, SkipReason.REFRESH_FAILED, (reason == null) ? null : ManagedCredential.STORE_ERROR, 200, reason);
		// Callers of this flight get this token even if it may be used only once.
		return BearerToken.Available.of(next.accessToken());
	}

	private BearerToken lost(@Nullable Credential winner, TokenStore.Lock here) {
		Decision decision = look(winner, here);
		return (decision == Decision.REQUEST) ? this.credential.bearerOr(SkipReason.REFRESH_FAILED) : end(decision);
	}

	private BearerToken failed(Target target, @Nullable Credential stored, TokenRequestException ex,
			TokenStore.Lock here) {
		Provider provider = this.credential.provider();
		String reason = this.credential.issuance()
			.explained("POST " + withoutQuery(target.tokenEndpoint()) + ": " + ex.getMessage(),
					ex.mayHaveBeenProcessed());
		if (ex.kind() == FailureKind.TRANSIENT) {
			return transientFailure(RefreshOutcome.TRANSIENT, ex.errorCode(), ex.status(), ex.retryAfter(), reason);
		}
		if (stored != null && provider.grant().needsPerson()) {
			if (ex.kind() == FailureKind.REJECTED
					|| (ex.kind() == FailureKind.UNCLEAR && this.credential.issuance().isDeadByNow())) {
				return rejected(stored, ex, reason, here);
			}
			if (ex.kind() == FailureKind.UNCLEAR) {
				this.credential.backoff().failed(this.credential.steadyNow(), ex.retryAfter());
				return end(RefreshOutcome.TRANSIENT, SkipReason.REFRESH_FAILED, ex.errorCode(), ex.status(), reason);
			}
		}
		this.credential.issuance().clear();
		this.credential.refused(true);
		this.credential.backoff().refused(this.credential.steadyNow());
		return end(RefreshOutcome.REFUSED, SkipReason.REFRESH_FAILED, ex.errorCode(), ex.status(), reason);
	}

	/** Remembered in the store: a restart must not ask again for a dead token. */
	private BearerToken rejected(Credential stored, TokenRequestException ex, String reason, TokenStore.Lock here) {
		Credential marked = stored.rejected(this.credential.now());
		Credential current;
		try {
			if (!this.credential.record().save(marked, stored.generation())) {
				// The token that died is not the one that is stored now.
				return lost(this.credential.record().read(), here);
			}
			current = this.credential.record().orLogin(marked);
		}
		catch (TokenStoreException failure) {
			current = this.credential.record().keepUnsaved(new Unsaved(marked, stored.generation(), null));
		}
		if (here.isHeld()) {
			this.credential.publish(current);
		}
		this.credential.issuance().clear();
		return end(RefreshOutcome.REJECTED, SkipReason.REAUTHENTICATION_REQUIRED, ex.errorCode(), ex.status(), reason);
	}

	private BearerToken transientFailure(RefreshOutcome outcome, String error, int status,
			@Nullable Duration retryAfter, @Nullable String reason) {
		this.credential.issuance().clear();
		this.credential.backoff().failed(this.credential.steadyNow(), retryAfter);
		return end(outcome, SkipReason.REFRESH_FAILED, error, status, reason);
	}

	private BearerToken succeeded(RefreshOutcome outcome) {
		return end(outcome, SkipReason.REFRESH_FAILED, null, 0, null);
	}

	private BearerToken end(RefreshOutcome outcome, SkipReason skip, @Nullable String error, int status,
			@Nullable String reason) {
		this.credential.ended(new RefreshListener.Refresh(this.credential.id(), this.trigger, outcome,
				Duration.ofNanos(System.nanoTime() - this.started), error, status, reason,
				this.credential.nextAttemptAt()));
		return this.credential.bearerOr(skip);
	}

	private static String withoutQuery(URI uri) {
		String text = uri.toString();
		int query = text.indexOf('?');
		return (query >= 0) ? text.substring(0, query) : text;
	}

	private enum Decision {

		NOTHING_STORED, USABLE, ADOPTED, NOT_REFRESHABLE, REQUEST

	}

}
