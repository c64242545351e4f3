package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/**
 * One credential in this process: the snapshot that callers read, and what is known of
 * its last refresh. Writers ({@link RefreshFlight}, {@link LoginAndLogout}) hold the
 * lock; readers never do.
 */
final class ManagedCredential {

	static final String STORE_ERROR = "store_error";

	private static final long LOOK_MILLIS = 1000;

	/** A caller with a token that works waits for a better one, but not for long. */
	private static final Duration LONGEST_WAIT_WITH_TOKEN = Duration.ofSeconds(2);

	private final CredentialId id;

	private final Provider provider;

	private final CredentialRules rules;

	private final StoredCredential record;

	private final Issuance issuance;

	private final CredentialSupport support;

	private final Events events;

	private final Backoff backoff = new Backoff(Math::random);

	private final Flights flights;

	private volatile Snapshot snapshot = Snapshot.empty();

	/** A token that has ended by the wall clock, and not by the steady one. */
	private volatile @Nullable Snapshot outlived;

	private volatile long nextLook = Long.MIN_VALUE;

	private volatile boolean refused;

	private volatile @Nullable RefreshOutcome lastOutcome;

	private volatile @Nullable String lastError;

	private volatile int failuresInARow;

	ManagedCredential(CredentialId id, Provider provider, TokenStore store, CredentialSupport support) {
		this.id = id;
		this.provider = provider;
		this.rules = new CredentialRules(provider);
		this.support = support;
		this.events = new Events(support.listeners());
		this.issuance = new Issuance(id, provider, support);
		this.record = new StoredCredential(id, store, support, this.events, this::settled);
		this.flights = new Flights(this, support);
	}

	// What callers read.

	BearerToken.@Nullable Available atHand() {
		Snapshot snapshot = this.snapshot;
		long now = this.support.steady().millis();
		if (!snapshot.isFresh(now)) {
			return null;
		}
		if (now >= snapshot.refreshAt()) {
			this.flights.ahead(snapshot.credential(), now);
		}
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
		if (credential != null && !this.rules.isFresh(credential, now()) && this.rules.isRenewable(credential, now())) {
			this.outlived = snapshot;
		}
	}

	/** A token that may be sent, though a newer one would be better. */
	BearerToken.@Nullable Available usable() {
		Snapshot snapshot = this.snapshot;
		return snapshot.isUsable(this.support.steady().millis()) ? snapshot.bearer() : null;
	}

	/**
	 * How long a caller waits for a flight: not until the token that it has is no good
	 * any more.
	 */
	Duration patience(Duration deadline) {
		Snapshot snapshot = this.snapshot;
		long now = this.support.steady().millis();
		if (!snapshot.isUsable(now) || snapshot.bearer() == null) {
			return deadline;
		}
		long half = (snapshot.endsAt() != Long.MAX_VALUE) ? (snapshot.endsAt() - now) / 2 : Long.MAX_VALUE;
		return Duration.ofMillis(Math.min(half, LONGEST_WAIT_WITH_TOKEN.toMillis()));
	}

	/** The record if it is good for a token, now or by a refresh. */
	@Nullable Credential find() {
		if (atHand() == null) {
			load();
		}
		Credential credential = inMemory();
		return (credential != null
				&& (this.rules.isUsable(credential, now()) || this.rules.isRenewable(credential, now()))) ? credential
						: null;
	}

	Flights flights() {
		return this.flights;
	}

	@Nullable Credential inMemory() {
		return this.snapshot.credential();
	}

	// What writers do.

	/** The store has caught up with memory. */
	private void settled(@Nullable Credential stored) {
		if (this.lastOutcome == RefreshOutcome.PERSIST_FAILED) {
			this.lastOutcome = RefreshOutcome.REFRESHED;
		}
		if (STORE_ERROR.equals(this.lastError)) {
			this.lastError = null;
			this.failuresInARow = 0;
		}
		publish(belongs(stored) ? stored : null);
	}

	/** Shows callers what is stored. Only who holds the lock may. */
	synchronized void publish(@Nullable Credential credential) {
		if (credential == null) {
			this.snapshot = Snapshot.empty();
		}
		else if (!credential.equals(this.snapshot.credential())) {
			this.snapshot = Snapshot.of(this.rules, credential, now(), steadyNow());
		}
	}

	/**
	 * Reads the record without the lock, which a slow server may keep for long; whoever
	 * publishes meanwhile knows better.
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store fails
	 */
	void load() {
		Snapshot before = this.snapshot;
		try {
			Credential stored = this.record.read();
			synchronized (this) {
				if (this.snapshot == before) {
					publish(belongs(stored) ? stored : null);
				}
			}
		}
		finally {
			this.events.send();
		}
	}

	/** Whether the record is this provider's, as far as one can tell offline. */
	boolean belongs(@Nullable Credential stored) {
		return stored != null && this.rules.belongs(stored) && !this.issuance.isKnownAsForeign(stored, steadyNow());
	}

	/** Remembers how a refresh ended; the listeners are told later. */
	void ended(RefreshListener.Refresh refresh) {
		// That a dead token is not sent again does not bury that it was rejected.
		if (refresh.outcome() != RefreshOutcome.SUPPRESSED || this.lastOutcome != RefreshOutcome.REJECTED) {
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
		this.events.add((listener) -> listener.refreshed(refresh));
	}

	/** A person has come or gone: what went wrong before is over. */
	void begun() {
		this.backoff.succeeded();
		this.lastOutcome = null;
		this.failuresInARow = 0;
		this.issuance.begun();
		this.flights.forced().forgive();
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

	// What operators see.

	AuthorizationState state() {
		Snapshot snapshot = this.snapshot;
		if (snapshot.isFresh(this.support.steady().millis())) {
			return AuthorizationState.AUTHORIZED;
		}
		if (!this.provider.grant().needsPerson()) {
			return this.refused ? AuthorizationState.REAUTHENTICATION_REQUIRED : AuthorizationState.AUTHORIZED;
		}
		if (this.record.isUnreadable()) {
			return AuthorizationState.UNKNOWN;
		}
		return this.rules.state(snapshot.credential(), now());
	}

	CredentialStatus status() {
		Credential credential = this.snapshot.credential();
		boolean hasRefreshToken = credential != null && credential.refreshToken() != null;
		return new CredentialStatus(state(), hasRefreshToken, (credential != null) ? credential.expiresAt() : null,
				(credential != null) ? credential.scopes() : Set.of(),
				(credential != null) ? credential.refreshedAt() : null, this.lastOutcome, this.lastError,
				nextAttemptAt(), this.failuresInARow);
	}

	/** By the wall clock. */
	@Nullable Instant nextAttemptAt() {
		Instant next = this.backoff.nextAttemptAt();
		Instant steadyNow = steadyNow();
		return (next != null && steadyNow.isBefore(next)) ? now().plus(Duration.between(steadyNow, next)) : null;
	}

	// What writers read.

	Issuance issuance() {
		return this.issuance;
	}

	StoredCredential record() {
		return this.record;
	}

	Events events() {
		return this.events;
	}

	CredentialId id() {
		return this.id;
	}

	Provider provider() {
		return this.provider;
	}

	CredentialRules rules() {
		return this.rules;
	}

	Backoff backoff() {
		return this.backoff;
	}

	/** Tokens that have come are worth more than the exact time of their arrival. */
	Instant now() {
		try {
			return this.support.clock().instant();
		}
		catch (RuntimeException | Error ex) {
			return Instant.now();
		}
	}

	/** By this clock things end that began in this process. */
	Instant steadyNow() {
		return this.support.steady().instant();
	}

	/** Whether a record holds a token that needs no refresh before it is used. */
	boolean isFresh(Credential stored) {
		Snapshot snapshot = this.snapshot;
		if (!stored.equals(snapshot.credential())) {
			return this.rules.isFresh(stored, now());
		}
		return snapshot != this.outlived && snapshot.isFresh(this.support.steady().millis());
	}

	@Nullable String lastError() {
		return this.lastError;
	}

	void lastError(@Nullable String error) {
		this.lastError = error;
	}

	void refused(boolean refused) {
		this.refused = refused;
	}

	long snapshotGeneration() {
		return StoredCredential.generation(this.snapshot.credential());
	}

	/** Whether a record should be refreshed ahead by now, at the earliest. */
	boolean isDue(Credential stored) {
		return !now().isBefore(this.rules.refreshAt(stored, 1));
	}

}
