package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * Who starts a refresh of one credential, and when: at most one flight at a time, which
 * all callers join, and none while the server asked to be left alone. Whatever other code
 * throws in a flight, and wherever it hangs, the next caller starts anew. Thread-safe.
 */
final class Flights {

	/** A store that fails must not be asked by each call. */
	private static final long BETWEEN_LOOKS = 1000;

	private final ManagedCredential credential;

	private final CredentialSupport support;

	private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

	/** Whoever looks at the store, without asking the server. */
	private final AtomicReference<@Nullable Running> looking = new AtomicReference<>();

	private volatile long nextLookAt = Long.MIN_VALUE;

	private volatile long storeFailedUntil = Long.MIN_VALUE;

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
		if (credential == null || now < this.nextLookAt || this.running.get() != null || !isOpen()
				|| !this.credential.rules().isRenewable(credential, this.credential.now())) {
			return;
		}
		this.nextLookAt = now + BETWEEN_LOOKS;
		fly(RefreshTrigger.AHEAD, null);
	}

	/**
	 * The usable token, from a flight if need be.
	 * @param trigger why a flight would start
	 * @return a future that never fails
	 */
	CompletableFuture<BearerToken> current(RefreshTrigger trigger) {
		if (trigger == RefreshTrigger.MANUAL) {
			return fly(trigger, null);
		}
		BearerToken.Available atHand = this.credential.atHand();
		if (atHand != null) {
			return CompletableFuture.completedFuture(atHand);
		}
		long now = this.support.steady().millis();
		if (now < this.storeFailedUntil) {
			return CompletableFuture.completedFuture(this.credential.bearerOr(SkipReason.STORE_ERROR));
		}
		if (!isOpen()) {
			lookForAnothersToken(now);
			return CompletableFuture.completedFuture(this.credential.bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		Credential known = this.credential.inMemory();
		BearerToken.Available usable = this.credential.usable();
		if (usable != null && known != null && !this.credential.rules().isRenewable(known, this.credential.now())) {
			// The last seconds of a token that nothing but a person can follow up.
			lookForAnothersToken(now);
			return CompletableFuture.completedFuture(usable);
		}
		return fly(trigger, null);
	}

	/** So that each of the next calls does not ask the store again. */
	void storeFailed() {
		this.storeFailedUntil = this.support.steady().millis() + BETWEEN_LOOKS;
	}

	/** Another process may have had better luck, and its token needs no request. */
	private void lookForAnothersToken(long now) {
		if (now < this.nextLookAt || this.running.get() != null) {
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
		BearerToken.Available usable = this.credential.usable();
		if (usable != null && !isSame(usable, rejected)) {
			return CompletableFuture.completedFuture(usable);
		}
		return replacement(rejected, usable == null).thenApply((token) -> isSame(token, rejected)
				? new BearerToken.Skipped(SkipReason.REFRESH_FAILED, this.credential.state()) : token);
	}

	private CompletableFuture<BearerToken> replacement(BearerToken.Available rejected, boolean ended) {
		CompletableFuture<BearerToken> current = joinable(this.running.get());
		if (current != null) {
			// Whoever was rejected at the same time has started it.
			return current;
		}
		boolean allowed = this.forced.areAllowed(this.credential.steadyNow());
		if (!allowed && ended) {
			return current(RefreshTrigger.EXPIRY);
		}
		if (!allowed || !isOpen()) {
			return look().thenApply((token) -> isSame(token, rejected)
					? new BearerToken.Skipped(SkipReason.REFRESH_BACKOFF, this.credential.state()) : token);
		}
		this.forced.started(this.credential.steadyNow());
		return fly(RefreshTrigger.UNAUTHORIZED, rejected.accessToken());
	}

	private static boolean isSame(BearerToken token, BearerToken.Available rejected) {
		return token instanceof BearerToken.Available available
				&& available.accessToken().equals(rejected.accessToken());
	}

	/**
	 * Without asking the server: another process may have a newer token. All who want to
	 * know at the same time read the store once, and nobody does for a second after it
	 * failed.
	 */
	private CompletableFuture<BearerToken> look() {
		if (this.support.steady().millis() < this.storeFailedUntil) {
			return CompletableFuture.completedFuture(this.credential.bearerOr(SkipReason.REFRESH_BACKOFF));
		}
		return run(this.looking, SkipReason.REFRESH_BACKOFF, () -> {
			try {
				this.credential.load();
			}
			catch (TokenStoreException ex) {
				// Told to the listeners.
				storeFailed();
			}
			return this.credential.bearerOr(SkipReason.REFRESH_BACKOFF);
		});
	}

	/** Joins the running flight or starts one. */
	private CompletableFuture<BearerToken> fly(RefreshTrigger trigger, @Nullable String rejectedToken) {
		return run(this.running, SkipReason.REFRESH_FAILED, () -> {
			RefreshFlight flight = new RefreshFlight(this.credential, trigger, rejectedToken);
			try {
				return flight.run();
			}
			catch (RuntimeException | Error ex) {
				if (!flight.isKept()) {
					this.credential.backoff().failed(this.credential.steadyNow(), null);
				}
				throw ex;
			}
		});
	}

	/**
	 * Joins what runs, or runs it. Nothing that is thrown on the way leaves a caller
	 * waiting: an {@code Error} neither, such as that of a thread that cannot be started.
	 */
	private CompletableFuture<BearerToken> run(AtomicReference<@Nullable Running> slot, SkipReason otherwise,
			Supplier<BearerToken> work) {
		Running mine = new Running(new CompletableFuture<>(), System.nanoTime());
		Running current;
		do {
			current = slot.get();
			CompletableFuture<BearerToken> joined = joinable(current);
			if (joined != null) {
				return joined;
			}
		}
		while (!slot.compareAndSet(current, mine));
		boolean started = this.support.execute(this.credential.id(), () -> {
			BearerToken token = null;
			try {
				token = work.get();
			}
			catch (Throwable ex) {
				this.support.unexpected(this.credential.id(), ex);
			}
			finally {
				BearerToken answer = token;
				try {
					// The snapshot is out: whoever comes now reads it or starts anew.
					this.credential.events().sendAround(() -> end(slot, mine, answer, otherwise));
				}
				finally {
					end(slot, mine, answer, otherwise);
				}
			}
		});
		if (!started) {
			end(slot, mine, null, otherwise);
		}
		return mine.future();
	}

	private void end(AtomicReference<@Nullable Running> slot, Running mine, @Nullable BearerToken token,
			SkipReason otherwise) {
		slot.compareAndSet(mine, null);
		try {
			mine.future().complete((token != null) ? token : this.credential.bearerOr(otherwise));
		}
		finally {
			mine.future().complete(new BearerToken.Skipped(otherwise, AuthorizationState.UNKNOWN));
		}
	}

	/** A flight that takes longer than its callers wait is stuck. */
	private @Nullable CompletableFuture<BearerToken> joinable(@Nullable Running running) {
		Duration deadline = this.support.settings().callerDeadline();
		return (running != null && System.nanoTime() - running.since() < deadline.toNanos()) ? running.future() : null;
	}

	private boolean isOpen() {
		return this.credential.backoff().isOpen(this.credential.steadyNow());
	}

	/**
	 * A flight under way.
	 *
	 * @param future its result; never fails
	 * @param since when it began
	 */
	private record Running(CompletableFuture<BearerToken> future, long since) {

	}

}
