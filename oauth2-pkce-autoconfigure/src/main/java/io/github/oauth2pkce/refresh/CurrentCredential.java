package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;

/**
 * What callers read of one credential: the snapshot of the record that was published
 * last. Readers hold no lock; whoever publishes holds the lock of this process.
 */
final class CurrentCredential {

	private static final long LOOK_MILLIS = 1000;

	/** A caller with a token that works waits for a better one, but not for long. */
	private static final Duration LONGEST_WAIT_WITH_TOKEN = Duration.ofSeconds(2);

	/** An endpoint that moved may move back. */
	private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

	private final CredentialRules rules;

	private final Function<Credential, BearerToken.Available> bearers;

	private final Clocks clocks;

	private final RecordMemory memory;

	private final Attempts attempts;

	private final SourceLogins sources;

	private volatile Snapshot snapshot = Snapshot.empty();

	/** A token that has ended by the wall clock, and not by the steady one. */
	private volatile @Nullable Snapshot outlived;

	private volatile long nextLook = Long.MIN_VALUE;

	/** A record of another token endpoint than the present one. */
	private volatile @Nullable Foreign foreign;

	CurrentCredential(CredentialRules rules, Function<Credential, BearerToken.Available> bearers, Clocks clocks,
			RecordMemory memory, Attempts attempts, SourceLogins sources) {
		this.rules = rules;
		this.bearers = bearers;
		this.clocks = clocks;
		this.memory = memory;
		this.attempts = attempts;
		this.sources = sources;
	}

	// What callers read.

	Snapshot snapshot() {
		return this.snapshot;
	}

	@Nullable Credential credential() {
		return this.snapshot.credential();
	}

	/**
	 * The bearer of a snapshot that is fresh, unless it has ended by the wall clock.
	 * @param now by the steady clock
	 */
	BearerToken.@Nullable Available bearer(Snapshot snapshot, long now) {
		if (now >= this.nextLook) {
			lookAtTheWallClock(snapshot, now);
		}
		return (snapshot != this.outlived) ? snapshot.bearer() : null;
	}

	/**
	 * A machine that slept has a steady clock that slept too, and a token that has ended;
	 * it looks the same when somebody sets the wall clock. A refresh tells, and if there
	 * is none to be had, the token is as good as it was. Not for each call: reading
	 * another clock costs as much as all the rest.
	 */
	private void lookAtTheWallClock(Snapshot snapshot, long now) {
		this.nextLook = now + LOOK_MILLIS;
		Credential credential = snapshot.credential();
		if (credential != null && !this.rules.isFresh(credential, this.clocks.now())
				&& this.rules.isRenewable(credential, this.clocks.now())) {
			this.outlived = snapshot;
		}
	}

	/** A token that may be sent, though a newer one would be better. */
	BearerToken.@Nullable Available usable() {
		Snapshot snapshot = this.snapshot;
		return (snapshot.isUsable(this.clocks.steadyMillis()) && isFromPresentLogins(snapshot)) ? snapshot.bearer()
				: null;
	}

	/** Whether the logins that the token was made from are still there. */
	boolean isFromPresentLogins(Snapshot snapshot) {
		return this.sources.areThoseOf(snapshot.credential());
	}

	/**
	 * The token that callers have, or why there is none. It is used until it has ended,
	 * whatever the refresh came to.
	 */
	BearerToken bearerOr(SkipReason reason) {
		BearerToken.Available bearer = usable();
		if (bearer != null) {
			return bearer;
		}
		AuthorizationState state = state();
		boolean waiting = reason == SkipReason.REFRESH_FAILED || reason == SkipReason.REFRESH_BACKOFF;
		if (waiting && state.needsPerson()) {
			return new BearerToken.Skipped((state == AuthorizationState.LOGIN_REQUIRED) ? SkipReason.NO_TOKEN
					: SkipReason.REAUTHENTICATION_REQUIRED, state);
		}
		return new BearerToken.Skipped(reason, state);
	}

	/**
	 * How long a caller waits for a flight: not until the token that it has is no good
	 * any more.
	 * @param deadline how long a caller without one waits
	 */
	Duration patience(Duration deadline) {
		Snapshot snapshot = this.snapshot;
		long now = this.clocks.steadyMillis();
		if (!snapshot.isUsable(now) || snapshot.bearer() == null) {
			return deadline;
		}
		long half = (snapshot.endsAt() != Long.MAX_VALUE) ? (snapshot.endsAt() - now) / 2 : Long.MAX_VALUE;
		return Duration.ofMillis(Math.min(half, LONGEST_WAIT_WITH_TOKEN.toMillis()));
	}

	// What operators see.

	AuthorizationState state() {
		Snapshot snapshot = this.snapshot;
		if (snapshot.isFresh(this.clocks.steadyMillis())) {
			return AuthorizationState.AUTHORIZED;
		}
		if (!this.rules.needsPerson()) {
			return this.attempts.isRefused() ? AuthorizationState.REAUTHENTICATION_REQUIRED
					: AuthorizationState.AUTHORIZED;
		}
		if (this.memory.isUnreadable()) {
			return AuthorizationState.UNKNOWN;
		}
		return this.rules.state(snapshot.credential(), this.clocks.now());
	}

	CredentialStatus status() {
		Credential credential = credential();
		boolean hasRefreshToken = credential != null && credential.refreshToken() != null;
		return new CredentialStatus(state(), hasRefreshToken, (credential != null) ? credential.expiresAt() : null,
				(credential != null) ? credential.scopes() : Set.of(),
				(credential != null) ? credential.refreshedAt() : null, this.attempts.lastOutcome(),
				lastError(credential), this.attempts.nextAttemptAt(), this.attempts.failuresInARow());
	}

	/** Of this process, else what the record says: a verdict outlives a restart. */
	private @Nullable String lastError(@Nullable Credential credential) {
		String error = this.attempts.lastError();
		if (error != null || credential == null || !credential.isRefreshTokenRejected()) {
			return error;
		}
		Credential.Rejection rejection = credential.rejection();
		return (rejection != null) ? rejection.error() : null;
	}

	// What writers read and publish.

	long generation() {
		return PendingWrite.generationOf(credential());
	}

	/** Whether a record holds a token that needs no refresh before it is used. */
	boolean isFresh(Credential stored) {
		Snapshot snapshot = this.snapshot;
		if (!stored.equals(snapshot.credential())) {
			return this.rules.isFresh(stored, this.clocks.now());
		}
		return snapshot != this.outlived && snapshot.isFresh(this.clocks.steadyMillis());
	}

	/** The record if it is this provider's, as far as one can tell offline. */
	@Nullable Credential own(@Nullable Credential stored) {
		return (stored != null && this.rules.belongs(stored) && !isForeign(stored) && this.sources.areThoseOf(stored))
				? stored : null;
	}

	private boolean isForeign(Credential stored) {
		Foreign foreign = this.foreign;
		return foreign != null && foreign.generation() == stored.generation()
				&& this.clocks.steadyNow().isBefore(foreign.until());
	}

	/** Shows callers what is stored, if it is this provider's. */
	synchronized void publish(@Nullable Credential stored) {
		Credential own = own(stored);
		if (own == null) {
			this.snapshot = Snapshot.empty();
		}
		else if (!own.equals(this.snapshot.credential())) {
			this.snapshot = Snapshot.of(this.rules, own, this.bearers, this.clocks.now(), this.clocks.steadyNow());
		}
	}

	/**
	 * The same for what was read without the lock: who published meanwhile knows better.
	 * @return whether callers have another record than before by that
	 */
	synchronized boolean publish(@Nullable Credential stored, Snapshot before) {
		if (this.snapshot != before) {
			return false;
		}
		publish(stored);
		return !Objects.equals(credential(), before.credential());
	}

	/** The record is of another token endpoint; not every call has to find that out. */
	void publishForeign(Credential stored) {
		this.foreign = new Foreign(stored.generation(), this.clocks.steadyNow().plus(LOOK_AGAIN));
		publish(stored);
	}

	private record Foreign(long generation, Instant until) {

	}

}
