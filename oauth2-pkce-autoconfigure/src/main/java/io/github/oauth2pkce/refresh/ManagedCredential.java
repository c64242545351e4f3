package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
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

	private final TokenStore store;

	private final CredentialSupport support;

	private final Backoff backoff = new Backoff(Math::random);

	private final ReentrantLock lock = new ReentrantLock();

	private final AtomicReference<@Nullable CompletableFuture<BearerToken>> running = new AtomicReference<>();

	private volatile Snapshot snapshot = Snapshot.empty();

	private volatile long nextAheadAt = Long.MIN_VALUE;

	/** Nothing is known before the first reading. */
	private volatile boolean unreadable = true;

	private volatile boolean refused;

	private volatile @Nullable Unsaved unsaved;

	private volatile @Nullable RefreshOutcome lastOutcome;

	private volatile @Nullable String lastError;

	private volatile @Nullable Instant lastForced;

	ManagedCredential(CredentialId id, Provider provider, TokenStore store, CredentialSupport support) {
		this.id = id;
		this.provider = provider;
		this.rules = new CredentialRules(provider);
		this.store = store;
		this.support = support;
	}

	// What callers do.

	BearerToken.@Nullable Available atHand() {
		Snapshot snapshot = this.snapshot;
		long now = this.support.clock().millis();
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
		if (credential == null || now < this.nextAheadAt || this.running.get() != null || !this.backoff.isOpen(now())
				|| !this.rules.isRenewable(credential, now())) {
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
		if (trigger != RefreshTrigger.MANUAL && !this.backoff.isOpen(now())) {
			return CompletableFuture.completedFuture(bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		return fly(trigger, null);
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
		boolean tooSoon = last != null && now().isBefore(last.plus(BETWEEN_FORCED));
		if (tooSoon && expired) {
			return current(RefreshTrigger.EXPIRY);
		}
		if (tooSoon || !this.backoff.isOpen(now())) {
			return CompletableFuture.completedFuture(new BearerToken.Skipped(SkipReason.REFRESH_BACKOFF, state()));
		}
		this.lastForced = now();
		return fly(RefreshTrigger.UNAUTHORIZED, rejected.accessToken());
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
			this.backoff.failed(now(), null);
			return bearerOr(SkipReason.REFRESH_FAILED);
		}
	}

	// What the flight does.

	/** Keeps other writers of this process out, from reading to publishing. */
	TokenStore.Lock lock() {
		Duration timeout = this.support.settings().lockTimeout();
		try {
			if (!this.lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
				throw new LockTimeoutException(this.id, timeout);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockTimeoutException(this.id, timeout);
		}
		return this.lock::unlock;
	}

	/** Keeps other processes out. */
	TokenStore.Lock lockStore() {
		try {
			return this.store.lock(this.id, this.support.settings().lockTimeout());
		}
		catch (LockTimeoutException ex) {
			storeFailed("lock", ex);
			throw ex;
		}
		catch (RuntimeException ex) {
			throw storeFailure("lock", ex);
		}
	}

	/** The record, or the newer one that could not be written yet. */
	@Nullable Credential read() {
		try {
			Credential stored = this.store.load(this.id);
			this.unreadable = false;
			Unsaved pending = this.unsaved;
			return (pending != null && pending.expected() == generation(stored)) ? pending.next() : stored;
		}
		catch (RuntimeException ex) {
			this.unreadable = true;
			throw storeFailure("load", ex);
		}
	}

	void checkWritable() {
		try {
			this.store.checkWritable();
		}
		catch (RuntimeException ex) {
			throw storeFailure("save", ex);
		}
	}

	boolean holds(TokenStore.Lock lock) {
		try {
			return lock.isHeld();
		}
		catch (RuntimeException ex) {
			throw storeFailure("lock", ex);
		}
	}

	boolean save(Credential next, long expectedGeneration) {
		try {
			boolean saved = uninterrupted(() -> this.store.save(next, inStore(expectedGeneration)));
			// Written, or lost to somebody else's write: either way it is settled.
			this.unsaved = null;
			return saved;
		}
		catch (RuntimeException ex) {
			throw storeFailure("save", ex);
		}
	}

	/** A worker that is being stopped still writes down what the server has changed. */
	private static <T> T uninterrupted(Supplier<T> work) {
		boolean interrupted = Thread.interrupted();
		try {
			return work.get();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** Serve it from memory and write it later: the server has forgotten the old one. */
	void keepUnsaved(Credential next, long expectedGeneration) {
		boolean scheduled = this.unsaved != null;
		this.unsaved = new Unsaved(next, inStore(expectedGeneration));
		if (!scheduled) {
			this.support.later(this::retrySaveLater);
		}
	}

	/** The generation that the store has where callers see the unsaved one. */
	private long inStore(long expectedGeneration) {
		Unsaved pending = this.unsaved;
		return (pending != null && pending.next().generation() == expectedGeneration) ? pending.expected()
				: expectedGeneration;
	}

	private void retrySaveLater() {
		retrySave();
		if (this.unsaved != null) {
			this.support.later(this::retrySaveLater);
		}
	}

	/** Writes what could not be written before; a loser of a race lets it go. */
	void retrySave() {
		Unsaved pending = this.unsaved;
		if (pending == null || !this.lock.tryLock()) {
			return;
		}
		try {
			if (pending == this.unsaved && save(pending.next(), pending.expected())) {
				saved();
			}
		}
		catch (TokenStoreException ex) {
			// Counted; the next attempt is scheduled.
		}
		finally {
			this.lock.unlock();
		}
	}

	private void saved() {
		if (this.lastOutcome == RefreshOutcome.PERSIST_FAILED) {
			this.lastOutcome = RefreshOutcome.REFRESHED;
		}
		if (STORE_ERROR.equals(this.lastError)) {
			this.lastError = null;
		}
	}

	TokenResponse requestToken(@Nullable Credential stored) {
		URI tokenEndpoint = this.support.discovery().endpoint(this.provider, Endpoint.TOKEN);
		if (!this.provider.isUserGrant()) {
			return this.support.tokenEndpoint().clientCredentials(this.provider, tokenEndpoint);
		}
		if (stored == null || stored.refreshToken() == null) {
			throw new IllegalStateException("There is nothing to refresh");
		}
		if (!tokenEndpoint.toString().equals(stored.origin().tokenEndpoint())) {
			throw new ForeignTokenEndpointException();
		}
		return this.support.tokenEndpoint().refresh(this.provider, tokenEndpoint, stored.refreshToken());
	}

	Credential next(@Nullable Credential stored, TokenResponse response) {
		Duration expiresIn = expiresIn(response);
		if (stored != null && this.provider.isUserGrant()) {
			return stored.refreshed(response, expiresIn, now());
		}
		String tokenEndpoint = this.support.discovery().endpoint(this.provider, Endpoint.TOKEN).toString();
		return Credential.issued(this.id, origin(tokenEndpoint), response, this.provider.scopes(), expiresIn,
				generation(stored), now());
	}

	private @Nullable Duration expiresIn(TokenResponse response) {
		return (response.expiresIn() != null) ? response.expiresIn() : this.provider.assumeExpiry();
	}

	private Origin origin(String tokenEndpoint) {
		return new Origin(this.provider.issuerUri(), tokenEndpoint, this.provider.clientId());
	}

	/** Shows callers what is stored. Only who holds the lock may. */
	synchronized void publish(@Nullable Credential credential) {
		if (credential == null) {
			this.snapshot = Snapshot.empty();
		}
		else if (!credential.equals(this.snapshot.credential())) {
			this.snapshot = Snapshot.of(this.rules, credential);
		}
	}

	/**
	 * Reads the record without the lock, which a slow server may keep for long; whoever
	 * publishes meanwhile knows better.
	 */
	void load() {
		Snapshot before = this.snapshot;
		Credential stored = read();
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
		if (bearer != null && snapshot.isUsable(this.support.clock().millis())) {
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
		uninterrupted(() -> {
			try (TokenStore.Lock lock = lockForPerson()) {
				Credential login = saveLogin(tokenEndpoint, response);
				this.unreadable = false;
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
			long expected = storedGeneration();
			Credential login = Credential.issued(this.id, origin(tokenEndpoint.toString()), response,
					this.provider.scopes(), expiresIn(response), expected, now());
			try {
				if (save(login, expected)) {
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
			keepUnsaved(login, expected);
			this.lastError = STORE_ERROR;
			return login;
		}
	}

	/** What cannot be read was set aside by the store, so that nothing is replaced. */
	private long storedGeneration() {
		try {
			return generation(this.store.load(this.id));
		}
		catch (RuntimeException ex) {
			storeFailed("load", ex);
			return Credential.NONE;
		}
	}

	/**
	 * Forgets the credential, whatever the server or another process does.
	 * @param revoke is given what is forgotten, before it is
	 * @return whether there was anything
	 */
	boolean forget(Consumer<Credential> revoke) {
		try (TokenStore.Lock lock = lockForPerson()) {
			Credential stored = read();
			if (stored != null) {
				revoke.accept(stored);
			}
			this.unsaved = null;
			remove(stored);
			publish(null);
			this.lastOutcome = null;
			this.lastError = null;
			this.backoff.succeeded();
			return stored != null;
		}
	}

	/** Forgets one record, and not its successor. */
	boolean forget(Credential seen) {
		try (TokenStore.Lock lock = lockForPerson()) {
			if (!seen.equals(read()) || !this.store.remove(this.id, seen.generation())) {
				return false;
			}
			publish(null);
			return true;
		}
	}

	private void remove(@Nullable Credential stored) {
		try {
			Credential current = stored;
			while (current != null && !this.store.remove(this.id, current.generation())) {
				current = this.store.load(this.id);
			}
		}
		catch (RuntimeException ex) {
			throw storeFailure("remove", ex);
		}
	}

	/** A person does not lose to a process that hangs: the generation protects both. */
	private TokenStore.Lock lockForPerson() {
		TokenStore.Lock here = orNothing(this::lock);
		TokenStore.Lock there = orNothing(this::lockStore);
		return () -> {
			try {
				there.close();
			}
			finally {
				here.close();
			}
		};
	}

	private static TokenStore.Lock orNothing(Supplier<TokenStore.Lock> lock) {
		try {
			return lock.get();
		}
		catch (LockTimeoutException | TokenStoreException ex) {
			return () -> {
			};
		}
	}

	// What operators see.

	AuthorizationState state() {
		Snapshot snapshot = this.snapshot;
		if (snapshot.isUsable(this.support.clock().millis())) {
			return AuthorizationState.AUTHORIZED;
		}
		if (!this.provider.isUserGrant()) {
			return this.refused ? AuthorizationState.REAUTHENTICATION_REQUIRED : AuthorizationState.AUTHORIZED;
		}
		if (this.unreadable) {
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
				this.backoff.isOpen(now()) ? null : this.backoff.nextAttemptAt());
	}

	// What the flight reads.

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

	@Nullable String lastError() {
		return this.lastError;
	}

	void refused(boolean refused) {
		this.refused = refused;
	}

	long snapshotGeneration() {
		return generation(this.snapshot.credential());
	}

	/** Whether a record should be refreshed ahead by now, at the earliest. */
	boolean isDue(Credential stored) {
		return !now().isBefore(this.rules.refreshAt(stored, 1));
	}

	private static long generation(@Nullable Credential credential) {
		return (credential != null) ? credential.generation() : Credential.NONE;
	}

	void storeFailed(String operation, Exception failure) {
		this.support.storeFailed(this.id, operation, failure);
	}

	private TokenStoreException storeFailure(String operation, RuntimeException failure) {
		storeFailed(operation, failure);
		return (failure instanceof TokenStoreException known) ? known
				: new TokenStoreException("The token store failed: " + failure.getClass().getSimpleName(), failure);
	}

	/**
	 * A record that could not be written.
	 *
	 * @param next the record
	 * @param expected the generation in the store that it replaces
	 */
	private record Unsaved(Credential next, long expected) {

	}

}
