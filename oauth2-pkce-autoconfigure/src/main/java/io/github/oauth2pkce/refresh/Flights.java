package io.github.oauth2pkce.refresh;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * Who starts a refresh of one credential, and when: at most one flight at a time, which
 * all callers join, and none while the server asked to be left alone. Thread-safe.
 */
final class Flights {

	/** A store that fails must not be asked by each call while the token works. */
	private static final long BETWEEN_AHEAD = 1000;

	private final ManagedCredential credential;

	private final CredentialSupport support;

	private final AtomicReference<@Nullable CompletableFuture<BearerToken>> running = new AtomicReference<>();

	private volatile long nextAheadAt = Long.MIN_VALUE;

	private final ForcedRefreshes forced = new ForcedRefreshes();

	Flights(ManagedCredential credential, CredentialSupport support) {
		this.credential = credential;
		this.support = support;
	}

	ForcedRefreshes forced() {
		return this.forced;
	}

	/** Starts a refresh in the background, if there is a point in it. */
	void ahead(@Nullable Credential credential, long now) {
		if (credential == null || now < this.nextAheadAt || this.running.get() != null || !isOpen()
				|| !this.credential.rules().isRenewable(credential, this.credential.now())) {
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
		BearerToken.Available atHand = this.credential.atHand();
		if (atHand != null && trigger != RefreshTrigger.MANUAL) {
			return CompletableFuture.completedFuture(atHand);
		}
		if (trigger != RefreshTrigger.MANUAL && !isOpen()) {
			lookForAnothersToken();
			return CompletableFuture.completedFuture(this.credential.bearerOr(SkipReason.REFRESH_BACKOFF));
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
		BearerToken.Available atHand = this.credential.atHand();
		if (atHand != null && !isSame(atHand, rejected)) {
			return CompletableFuture.completedFuture(atHand);
		}
		return replacement(rejected, atHand == null).thenApply((token) -> isSame(token, rejected)
				? new BearerToken.Skipped(SkipReason.REFRESH_FAILED, this.credential.state()) : token);
	}

	private CompletableFuture<BearerToken> replacement(BearerToken.Available rejected, boolean expired) {
		CompletableFuture<BearerToken> current = this.running.get();
		if (current != null) {
			// Whoever was rejected at the same time has started it.
			return current;
		}
		boolean allowed = this.forced.areAllowed(this.credential.steadyNow());
		if (!allowed && expired) {
			return current(RefreshTrigger.EXPIRY);
		}
		if (!allowed || !isOpen()) {
			return stored().thenApply((token) -> isSame(token, rejected)
					? new BearerToken.Skipped(SkipReason.REFRESH_BACKOFF, this.credential.state()) : token);
		}
		this.forced.started(this.credential.steadyNow());
		return fly(RefreshTrigger.UNAUTHORIZED, rejected.accessToken());
	}

	/** Without asking the server: another process may have a newer token. */
	private CompletableFuture<BearerToken> stored() {
		try {
			return CompletableFuture.supplyAsync(() -> {
				try {
					this.credential.load();
				}
				catch (TokenStoreException ex) {
					// Told to the listeners.
				}
				return this.credential.bearerOr(SkipReason.REFRESH_BACKOFF);
			}, this.support.executor(this.credential.id()));
		}
		catch (RuntimeException ex) {
			// No worker: the application is stopping.
			return CompletableFuture.completedFuture(this.credential.bearerOr(SkipReason.REFRESH_BACKOFF));
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
			this.support.executor(this.credential.id()).execute(() -> {
				BearerToken token = new BearerToken.Skipped(SkipReason.REFRESH_FAILED, AuthorizationState.UNKNOWN);
				try {
					token = run(new RefreshFlight(this.credential, trigger, rejectedToken));
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
			mine.complete(this.credential.bearerOr(SkipReason.REFRESH_FAILED));
		}
		return mine;
	}

	private BearerToken run(RefreshFlight flight) {
		try {
			return flight.run();
		}
		catch (RuntimeException | Error ex) {
			this.support.unexpected(this.credential.id(), ex);
			this.credential.backoff().failed(this.credential.steadyNow(), null);
			return this.credential.bearerOr(SkipReason.REFRESH_FAILED);
		}
	}

	private boolean isOpen() {
		return this.credential.backoff().isOpen(this.credential.steadyNow());
	}

}
