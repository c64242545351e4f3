package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * One credential of this process: gives the token at hand, or starts or joins the flight
 * that brings one; none while the server asked to be left alone. Thread-safe.
 */
final class RefreshableCredential {

	/** A store that fails must not be asked by each call. */
	private static final long BETWEEN_LOOKS = 1000;

	private final CredentialId id;

	private final CredentialRules rules;

	private final Issuance issuance;

	private final Clocks clocks;

	private final Events events;

	private final Attempts attempts;

	private final CurrentCredential current;

	private final CredentialLocks locks;

	private final StoredCredential stored;

	private final SourceLogins sources;

	private final SaveRetry saves;

	private final SingleFlight refresh;

	/** A look at the store, without asking the server. */
	private final SingleFlight look;

	private volatile long nextLookAt = Long.MIN_VALUE;

	private final IdleLooks idleLooks;

	private volatile @Nullable Identity identity;

	/** Of the logins from which a token was last asked for. */
	private volatile @Nullable String askedFrom;

	RefreshableCredential(CredentialId id, CredentialRules rules, TokenStore store, Issuance issuance,
			SourceLogins sources, RefreshSettings settings, Clocks clocks, Worker worker, Events events) {
		this.id = id;
		this.rules = rules;
		this.issuance = issuance;
		this.sources = sources;
		this.clocks = clocks;
		this.events = events;
		GuardedStore guarded = new GuardedStore(id, store, events);
		// Also keeps this object, the only one of its id, as long as a write waits.
		RecordMemory memory = new RecordMemory(this::saveLater);
		this.attempts = new Attempts(clocks);
		this.current = new CurrentCredential(rules, issuance::bearer, clocks, memory, this.attempts, sources);
		this.locks = new CredentialLocks(id, guarded, memory, settings);
		this.stored = new StoredCredential(id, guarded, memory);
		this.saves = new SaveRetry(this.stored, this.locks, this.current, this.attempts, worker, events);
		Duration patience = settings.callerDeadline();
		this.refresh = new SingleFlight(worker, events, this.current, SkipReason.REFRESH_FAILED, patience);
		this.look = new SingleFlight(worker, events, this.current, SkipReason.REFRESH_BACKOFF, patience);
		this.idleLooks = new IdleLooks(clocks.steadyMillis());
	}

	private void saveLater() {
		this.saves.later();
	}

	// What is at hand.

	/** A token that works and need not be refreshed; a refresh ahead starts in time. */
	BearerToken.@Nullable Available atHand() {
		Snapshot snapshot = this.current.snapshot();
		long now = this.clocks.steadyMillis();
		if (!snapshot.isFresh(now) || !this.current.isFromPresentLogins(snapshot)) {
			return null;
		}
		if (now >= snapshot.refreshAt()) {
			refreshAhead(snapshot.credential(), now);
		}
		return this.current.bearer(snapshot, now);
	}

	private void refreshAhead(@Nullable Credential credential, long now) {
		if (credential == null || now < this.nextLookAt || this.refresh.isRunning() || !this.attempts.isOpen()
				|| !this.rules.isRenewable(credential, this.clocks.now())) {
			return;
		}
		this.nextLookAt = now + BETWEEN_LOOKS;
		refresh(RefreshTrigger.AHEAD, null);
	}

	/** A token that may be sent, though a newer one would be better. */
	BearerToken.@Nullable Available usable() {
		return this.current.usable();
	}

	BearerToken bearerOr(SkipReason reason) {
		return this.current.bearerOr(reason);
	}

	Duration patience(Duration deadline) {
		return this.current.patience(deadline);
	}

	@Nullable Credential inMemory() {
		return this.current.credential();
	}

	/**
	 * Whatever is in its place, also what is no login; {@code null} when that cannot be
	 * read.
	 */
	@Nullable Credential inStore() {
		try {
			return this.stored.present();
		}
		catch (TokenStoreException ex) {
			return null;
		}
	}

	boolean isUnreadable() {
		return this.stored.isUnreadable();
	}

	AuthorizationState assess(Credential record) {
		return this.rules.state(record, this.clocks.now());
	}

	AuthorizationState state() {
		return this.current.state();
	}

	CredentialStatus status() {
		return this.current.status();
	}

	// Reading the store.

	/**
	 * Reads the record without the lock, which a slow server may keep for long.
	 * @throws TokenStoreException when the store fails
	 */
	void load() {
		this.idleLooks.wasRead(this.clocks.steadyMillis());
		this.sources.load();
		Snapshot before = this.current.snapshot();
		try {
			this.current.publish(this.stored.read(), before);
		}
		finally {
			this.events.send();
		}
	}

	/**
	 * Reads the record on a worker, if nobody has for a while: another process may have
	 * logged in or out, or refreshed. What went wrong here is over then.
	 * @param shortest the least time between two such looks, in milliseconds
	 * @return whether it is being read
	 */
	boolean lookWhenIdle(long shortest) {
		if (!this.idleLooks.isDue(this.clocks.steadyMillis(), shortest, this.stored.isUnreadable())
				|| this.refresh.isRunning() || this.attempts.isStoreDown()) {
			return false;
		}
		this.look.run(() -> {
			Snapshot before = this.current.snapshot();
			boolean failed = true;
			try {
				if (this.current.publish(this.stored.readAgain(), before)) {
					this.attempts.startOver(null);
				}
				failed = false;
			}
			catch (TokenStoreException ex) {
				// Told when it began.
			}
			finally {
				this.idleLooks.looked(this.clocks.steadyMillis(), failed);
			}
			return bearerOr(SkipReason.REFRESH_BACKOFF);
		});
		return true;
	}

	/** What is made from this login is good only as long as it is. */
	void loadForDerived() {
		if (this.rules.needsPerson() && inMemory() == null) {
			load();
		}
		this.sources.load();
	}

	/** Whether nobody has to log in for it. */
	boolean isOfMachine() {
		return !this.rules.needsPerson();
	}

	/** Whether a time has come, by the wall clock. */
	boolean isPast(Instant time) {
		return !this.clocks.now().isBefore(time);
	}

	/**
	 * Which login this is, whatever its tokens are by now.
	 * @return {@code null} when there is none, or when the server has ended it
	 */
	@Nullable String identity() {
		if (!this.rules.needsPerson()) {
			return this.sources.derived();
		}
		Credential login = inMemory();
		Identity known = this.identity;
		if (known == null || known.login() != login) {
			known = Identity.of(login);
			this.identity = known;
		}
		return known.text();
	}

	/** The record if it is good for a token, now or by a refresh. */
	@Nullable Credential find() {
		if (atHand() == null) {
			load();
		}
		Credential credential = inMemory();
		return (credential != null && (this.rules.isUsable(credential, this.clocks.now())
				|| this.rules.isRenewable(credential, this.clocks.now()))) ? credential : null;
	}

	// Starting flights.

	/**
	 * The usable token, from a flight if need be.
	 * @param trigger why a flight would start
	 * @return a future that never fails
	 */
	CompletableFuture<BearerToken> current(RefreshTrigger trigger) {
		if (trigger == RefreshTrigger.MANUAL) {
			return refresh(trigger, null);
		}
		BearerToken.Available atHand = atHand();
		if (atHand != null) {
			return CompletableFuture.completedFuture(atHand);
		}
		if (this.attempts.isStoreDown()) {
			return CompletableFuture.completedFuture(bearerOr(SkipReason.STORE_ERROR));
		}
		if (!this.attempts.isOpen() && !isOtherLogin()) {
			lookForAnothersToken();
			return CompletableFuture.completedFuture(bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		Credential known = inMemory();
		BearerToken.Available usable = usable();
		if (usable != null && known != null && !this.rules.isRenewable(known, this.clocks.now())) {
			// The last seconds of a token that nothing but a person can follow up.
			lookForAnothersToken();
			return CompletableFuture.completedFuture(usable);
		}
		return refresh(trigger, null);
	}

	/** What went wrong with the token of one login says nothing about another's. */
	private boolean isOtherLogin() {
		String identity = this.sources.isEmpty() ? null : this.sources.identity();
		return identity != null && !identity.equals(this.askedFrom);
	}

	/** Another process may have had better luck, and its token needs no request. */
	private void lookForAnothersToken() {
		long now = this.clocks.steadyMillis();
		if (now < this.nextLookAt || this.refresh.isRunning()) {
			return;
		}
		this.nextLookAt = now + BETWEEN_LOOKS;
		look();
	}

	/**
	 * Another token than the one that a resource rejected.
	 * @param rejected the bearer that was sent
	 * @return a future that never fails and never gives the rejected token
	 */
	CompletableFuture<BearerToken> afterRejection(BearerToken.Available rejected) {
		BearerToken.Available usable = usable();
		if (usable != null && !isSame(usable, rejected)) {
			return CompletableFuture.completedFuture(usable);
		}
		return replacement(rejected, usable == null)
			.thenApply((token) -> isSame(token, rejected) ? skipped(SkipReason.REFRESH_FAILED) : token);
	}

	private CompletableFuture<BearerToken> replacement(BearerToken.Available rejected, boolean ended) {
		CompletableFuture<BearerToken> running = this.refresh.joinable();
		if (running != null) {
			// Another request that was rejected has started it. Or it only looks whether
			// the token is still fresh, and returns the one that was rejected.
			return running.thenCompose((token) -> isSame(token, rejected) ? replacement(rejected, ended)
					: CompletableFuture.completedFuture(token));
		}
		boolean allowed = this.attempts.mayForce();
		if (!allowed && ended) {
			return current(RefreshTrigger.EXPIRY);
		}
		if (!allowed || !this.attempts.isOpen()) {
			return look()
				.thenCompose((token) -> isSame(token, rejected) ? begun() : CompletableFuture.completedFuture(token));
		}
		this.attempts.forced();
		return refresh(RefreshTrigger.UNAUTHORIZED, rejected.accessToken());
	}

	/** What somebody else has begun between two questions. */
	private CompletableFuture<BearerToken> begun() {
		CompletableFuture<BearerToken> running = this.refresh.joinable();
		return (running != null) ? running : CompletableFuture.completedFuture(skipped(SkipReason.REFRESH_BACKOFF));
	}

	private static boolean isSame(BearerToken token, BearerToken.Available rejected) {
		return token instanceof BearerToken.Available available
				&& available.accessToken().equals(rejected.accessToken());
	}

	private BearerToken skipped(SkipReason reason) {
		return new BearerToken.Skipped(reason, state());
	}

	/** The resource that rejected the other token has accepted the new one. */
	void confirmed() {
		this.attempts.forcedConfirmed();
	}

	/** Joins the running flight or starts one. */
	private CompletableFuture<BearerToken> refresh(RefreshTrigger trigger, @Nullable String rejectedToken) {
		CompletableFuture<BearerToken> running = this.refresh.joinable();
		if (running != null && this.askedFrom != null && isOtherLogin()) {
			// What it brings is of a login that has gone, and for nobody.
			return running.thenCompose((token) -> current(RefreshTrigger.EXPIRY));
		}
		RefreshReason reason = new RefreshReason(trigger, rejectedToken);
		if (!this.sources.isEmpty()) {
			this.askedFrom = this.sources.identity();
		}
		this.idleLooks.wasRead(this.clocks.steadyMillis());
		return this.refresh.run(() -> new RefreshFlight(this.id, this.rules, this.clocks, this.locks, this.stored,
				this.current, this.issuance, this.sources, this.attempts, this.events, reason)
			.run());
	}

	/**
	 * Without asking the server: another process may have a newer token. All who want to
	 * know at the same time read the store once, and nobody does for a second after it
	 * failed.
	 */
	private CompletableFuture<BearerToken> look() {
		if (this.attempts.isStoreDown()) {
			return CompletableFuture.completedFuture(bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		return this.look.run(() -> {
			try {
				load();
			}
			catch (TokenStoreException ex) {
				// The listeners hear of it.
				this.attempts.storeFailed();
			}
			return bearerOr(SkipReason.REFRESH_BACKOFF);
		});
	}

	// What a person does.

	LoginAndLogout loginAndLogout() {
		return new LoginAndLogout(this.locks, this.stored, this.current, this.issuance, this.attempts, this.clocks,
				this.events);
	}

	/** Tries now to save what could not be saved yet; on a worker. */
	void saveUnsaved() {
		this.saves.now();
	}

	/**
	 * A login by what stays the same when it is refreshed.
	 *
	 * @param login the record
	 * @param text what stays, {@code null} when nothing can be made from it
	 */
	private record Identity(@Nullable Credential login, @Nullable String text) {

		static Identity of(@Nullable Credential login) {
			return new Identity(login, (login == null || login.isRefreshTokenRejected()) ? null
					: login.id().providerId() + " " + login.loggedInAt());
		}

	}

}
