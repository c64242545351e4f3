package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * One credential in this process: the snapshot that callers read, and at most one flight.
 * Writers (flight, login, logout) hold the lock; readers never do.
 */
final class ManagedCredential {

	/** An API that answers 401 to everything must not burn refresh tokens. */
	private static final Duration BETWEEN_FORCED = Duration.ofSeconds(10);

	/** A store that fails must not be asked by each call while the token works. */
	private static final long BETWEEN_AHEAD = 1000;

	/** A store that can neither read nor replace a record says "no" for ever. */
	private static final int LOGIN_ATTEMPTS = 10;

	static final String STORE_ERROR = "store_error";

	private final CredentialId id;

	private final Provider provider;

	private final CredentialRules rules;

	private final StoredCredential record;

	private final Issuance issuance;

	private final CredentialSupport support;

	private final Backoff backoff = new Backoff(Math::random);

	private final AtomicReference<@Nullable CompletableFuture<BearerToken>> running = new AtomicReference<>();

	private volatile Snapshot snapshot = Snapshot.empty();

	private volatile long nextAheadAt = Long.MIN_VALUE;

	private volatile boolean refused;

	private volatile @Nullable RefreshOutcome lastOutcome;

	private volatile @Nullable String lastError;

	private volatile @Nullable Instant lastForced;

	ManagedCredential(CredentialId id, Provider provider, TokenStore store, CredentialSupport support) {
		this.id = id;
		this.provider = provider;
		this.rules = new CredentialRules(provider);
		this.support = support;
		this.issuance = new Issuance(id, provider, support);
		this.record = new StoredCredential(id, store, support, this::savedLate);
	}

	// What callers do.

	BearerToken.@Nullable Available atHand() {
		Snapshot snapshot = this.snapshot;
		long now = this.support.steady().millis();
		if (!snapshot.isUsable(now)) {
			return null;
		}
		if (now >= snapshot.refreshAt()) {
			refreshAhead(snapshot.credential(), now);
		}
		return snapshot.bearer();
	}

	/** The record if it is good for a token, now or by a refresh. */
	@Nullable Credential find() {
		if (atHand() == null) {
			load();
		}
		Credential credential = known();
		return (credential != null
				&& (this.rules.isUsable(credential, now()) || this.rules.isRenewable(credential, now()))) ? credential
						: null;
	}

	@Nullable Credential known() {
		return this.snapshot.credential();
	}

	private void refreshAhead(@Nullable Credential credential, long now) {
		if (credential == null || now < this.nextAheadAt || this.running.get() != null
				|| !this.backoff.isOpen(steadyNow()) || !this.rules.isRenewable(credential, now())) {
			return;
		}
		this.nextAheadAt = now + BETWEEN_AHEAD;
		fly(RefreshTrigger.AHEAD, null);
	}

	/**
	 * The usable token, from a flight if need be.
	 * @param trigger why a flight would start
	 * @return a future that never fails
	 */
	CompletableFuture<BearerToken> current(RefreshTrigger trigger) {
		BearerToken.Available atHand = atHand();
		if (atHand != null && trigger != RefreshTrigger.MANUAL) {
			return CompletableFuture.completedFuture(atHand);
		}
		if (trigger != RefreshTrigger.MANUAL && !this.backoff.isOpen(steadyNow())) {
			lookForAnothersToken();
			return CompletableFuture.completedFuture(bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		return fly(trigger, null);
	}

	/** Another process may have had better luck, and its token needs no request. */
	private void lookForAnothersToken() {
		long now = this.support.steady().millis();
		if (now < this.nextAheadAt || this.running.get() != null) {
			return;
		}
		this.nextAheadAt = now + BETWEEN_AHEAD;
		stored();
	}

	/**
	 * Another token than the one that a resource rejected.
	 * @param rejected the bearer that was sent
	 * @return a future that never fails and never gives the rejected token
	 */
	CompletableFuture<BearerToken> afterRejection(BearerToken.Available rejected) {
		BearerToken.Available atHand = atHand();
		if (atHand != null && !isSame(atHand, rejected)) {
			return CompletableFuture.completedFuture(atHand);
		}
		return replacement(rejected, atHand == null).thenApply((token) -> isSame(token, rejected)
				? new BearerToken.Skipped(SkipReason.REFRESH_FAILED, state()) : token);
	}

	private CompletableFuture<BearerToken> replacement(BearerToken.Available rejected, boolean expired) {
		CompletableFuture<BearerToken> current = this.running.get();
		if (current != null) {
			// Whoever was rejected at the same time has started it.
			return current;
		}
		Instant last = this.lastForced;
		boolean tooSoon = last != null && steadyNow().isBefore(last.plus(BETWEEN_FORCED));
		if (tooSoon && expired) {
			return current(RefreshTrigger.EXPIRY);
		}
		if (tooSoon || !this.backoff.isOpen(steadyNow())) {
			return stored().thenApply((token) -> isSame(token, rejected)
					? new BearerToken.Skipped(SkipReason.REFRESH_BACKOFF, state()) : token);
		}
		this.lastForced = steadyNow();
		return fly(RefreshTrigger.UNAUTHORIZED, rejected.accessToken());
	}

	/** Without asking the server: another process may have a newer token. */
	private CompletableFuture<BearerToken> stored() {
		try {
			return CompletableFuture.supplyAsync(() -> {
				try {
					load();
				}
				catch (TokenStoreException ex) {
					// Told to the listeners.
				}
				return bearerOr(SkipReason.REFRESH_BACKOFF);
			}, this.support.executor());
		}
		catch (RuntimeException ex) {
			// No worker: the application is stopping.
			return CompletableFuture.completedFuture(bearerOr(SkipReason.REFRESH_BACKOFF));
		}
	}

	private static boolean isSame(BearerToken token, BearerToken.Available rejected) {
		return token instanceof BearerToken.Available available
				&& available.accessToken().equals(rejected.accessToken());
	}

	/** Joins the running flight or starts one. */
	private CompletableFuture<BearerToken> fly(RefreshTrigger trigger, @Nullable String rejectedToken) {
		CompletableFuture<BearerToken> mine = new CompletableFuture<>();
		while (true) {
			CompletableFuture<BearerToken> current = this.running.get();
			if (current != null) {
				return current;
			}
			if (this.running.compareAndSet(null, mine)) {
				break;
			}
		}
		try {
			this.support.executor().execute(() -> {
				BearerToken token = new BearerToken.Skipped(SkipReason.REFRESH_FAILED, AuthorizationState.UNKNOWN);
				try {
					token = run(new RefreshFlight(this, trigger, rejectedToken));
				}
				finally {
					// The snapshot is out: whoever comes now reads it or starts anew.
					this.running.set(null);
					mine.complete(token);
				}
			});
		}
		catch (RuntimeException ex) {
			// No worker: the application is stopping.
			this.running.set(null);
			mine.complete(bearerOr(SkipReason.REFRESH_FAILED));
		}
		return mine;
	}

	private BearerToken run(RefreshFlight flight) {
		try {
			return flight.run();
		}
		catch (RuntimeException | Error ex) {
			this.support.unexpected(this.id, ex);
			this.backoff.failed(steadyNow(), null);
			return bearerOr(SkipReason.REFRESH_FAILED);
		}
	}

	// What the flight does.

	/** The store has caught up with memory. */
	private void savedLate() {
		if (this.lastOutcome == RefreshOutcome.PERSIST_FAILED) {
			this.lastOutcome = RefreshOutcome.REFRESHED;
		}
		if (STORE_ERROR.equals(this.lastError)) {
			this.lastError = null;
		}
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
	 */
	void load() {
		Snapshot before = this.snapshot;
		Credential stored = this.record.read();
		synchronized (this) {
			if (this.snapshot == before) {
				publish((stored != null && this.rules.belongs(stored)) ? stored : null);
			}
		}
	}

	void ended(RefreshTrigger trigger, RefreshOutcome outcome, Duration duration, @Nullable String error, int status) {
		this.lastOutcome = outcome;
		this.lastError = error;
		this.support.refreshed(new RefreshListener.Refresh(this.id, trigger, outcome, duration, error, status));
	}

	BearerToken bearerOr(SkipReason reason) {
		Snapshot snapshot = this.snapshot;
		BearerToken.Available bearer = snapshot.bearer();
		if (bearer != null && snapshot.isUsable(this.support.steady().millis())) {
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

	// What logins and logouts do.

	/**
	 * Keeps a new login: saved first, then published.
	 * @param tokenEndpoint the endpoint that issued it
	 * @param response the answer
	 */
	void loggedIn(URI tokenEndpoint, TokenResponse response) {
		StoredCredential.uninterrupted(() -> {
			try (TokenStore.Lock lock = this.record.lockForPerson()) {
				Credential login = saveLogin(tokenEndpoint, response);
				this.record.known();
				publish(login);
				this.backoff.succeeded();
				this.lastOutcome = null;
				this.lastForced = null;
				return login;
			}
		});
	}

	private Credential saveLogin(URI tokenEndpoint, TokenResponse response) {
		for (int attempt = 1;; attempt++) {
			long expected = this.record.replaceable();
			Credential login = this.issuance.issued(tokenEndpoint, response, expected);
			try {
				if (this.record.save(login, expected)) {
					this.lastError = null;
					return login;
				}
				if (attempt < LOGIN_ATTEMPTS) {
					// Another process has just written: the person comes after it.
					continue;
				}
			}
			catch (TokenStoreException ex) {
				// Told to the listeners.
			}
			// The person did their part: serve it from memory, and keep trying.
			this.record.keepUnsaved(login, expected);
			this.lastError = STORE_ERROR;
			return login;
		}
	}

	/**
	 * Forgets the credential, whatever the server or another process does.
	 * @param revoke is given what is forgotten, before it is
	 * @return whether there was anything
	 */
	boolean forget(Consumer<Credential> revoke) {
		try (TokenStore.Lock lock = this.record.lockForPerson()) {
			Credential stored = this.record.read();
			if (stored != null) {
				revoke.accept(stored);
			}
			try {
				this.record.remove(stored);
			}
			finally {
				// Forgotten here, whatever the store says.
				publish(null);
			}
			this.lastOutcome = null;
			this.lastError = null;
			this.backoff.succeeded();
			return stored != null;
		}
	}

	/** Forgets one record, and not its successor. */
	boolean forget(Credential seen) {
		try (TokenStore.Lock lock = this.record.lockForPerson()) {
			if (!seen.equals(this.record.read()) || !this.record.removeOnly(seen)) {
				return false;
			}
			publish(null);
			return true;
		}
	}

	// What operators see.

	AuthorizationState state() {
		Snapshot snapshot = this.snapshot;
		if (snapshot.isUsable(this.support.steady().millis())) {
			return AuthorizationState.AUTHORIZED;
		}
		if (!this.provider.isUserGrant()) {
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
				nextAttemptAt());
	}

	private @Nullable Instant nextAttemptAt() {
		Instant next = this.backoff.nextAttemptAt();
		Instant steadyNow = steadyNow();
		return (next != null && steadyNow.isBefore(next)) ? now().plus(Duration.between(steadyNow, next)) : null;
	}

	// What the flight reads.

	Issuance issuance() {
		return this.issuance;
	}

	StoredCredential record() {
		return this.record;
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

	Instant now() {
		return this.support.clock().instant();
	}

	/** By this clock things end that began in this process. */
	Instant steadyNow() {
		return this.support.steady().instant();
	}

	/** Whether the token that was published last may be sent. */
	boolean isUsable() {
		return this.snapshot.isUsable(this.support.steady().millis());
	}

	@Nullable String lastError() {
		return this.lastError;
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
