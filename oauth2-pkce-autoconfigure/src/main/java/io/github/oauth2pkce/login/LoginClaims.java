package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.util.function.SingletonSupplier;

/**
 * Which process logs in to a credential just now, so that requests of several processes
 * that share a store ask a person once. A claim is a record of the store that is written
 * again and again: one that stays the same for the time of a lease is that of a process
 * that has died. Each process measures that by its own steady clock: wall clocks of
 * machines differ. A store that is down makes no claims, and keeps nobody from logging
 * in. Blocking; thread-safe.
 */
public final class LoginClaims implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LoginClaims.class);

	/** For that long a login waits for one whose process has died. */
	private static final Duration LEASE = Duration.ofSeconds(15);

	/** A store that hangs must not hang the end of the application. */
	private static final Duration LONGEST_RELEASE = Duration.ofSeconds(2);

	private final TokenStore store;

	private final InstantSource clock;

	private final InstantSource steadyClock;

	private final Duration lease;

	private final Supplier<String> owner = SingletonSupplier.of(() -> UUID.randomUUID().toString());

	/** Claims of others, and since when they have been as they are. */
	private final Map<CredentialId, Seen> seen = new ConcurrentHashMap<>();

	/** Its one thread renews claims and gives them back, in this order. */
	private final ScheduledThreadPoolExecutor renewals;

	/**
	 * Creates the claims of this process.
	 * @param store shared with the others
	 * @param clock the wall clock
	 * @param steadyClock a clock that nobody can set
	 */
	public LoginClaims(TokenStore store, InstantSource clock, InstantSource steadyClock) {
		this(store, clock, steadyClock, LEASE);
	}

	LoginClaims(TokenStore store, InstantSource clock, InstantSource steadyClock, Duration lease) {
		this.store = store;
		this.clock = clock;
		this.steadyClock = steadyClock;
		this.lease = lease;
		this.renewals = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "oauth2-login-claims");
			thread.setDaemon(true);
			return thread;
		});
		this.renewals.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Claims a login, and keeps the claim until it is closed.
	 * @return {@code null} when another process logs in
	 */
	@Nullable Kept take(CredentialId id) {
		try {
			return takeStored(id);
		}
		catch (RuntimeException ex) {
			return new Kept(id, Credential.NONE);
		}
	}

	/**
	 * The same for a login that others have begun.
	 * @return {@code null} also when nobody knows whether another process logs in
	 */
	@Nullable Kept takeOver(CredentialId id) {
		try {
			return takeStored(id);
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	private @Nullable Kept takeStored(CredentialId id) {
		// Once more, if a claim was given back meanwhile.
		for (int attempt = 0; attempt < 2; attempt++) {
			Credential claim = this.store.load(id.ofLogin());
			if (isOfAnother(id, claim)) {
				return null;
			}
			long generation = save(id, claim);
			if (generation != Credential.NONE) {
				this.seen.remove(id);
				return new Kept(id, generation);
			}
		}
		return null;
	}

	/**
	 * Returns the generation of the claim, {@code NONE} when another writer was first.
	 */
	private long save(CredentialId id, @Nullable Credential claim) {
		Instant now = this.clock.instant();
		long expected = (claim != null) ? claim.generation() : Credential.NONE;
		Credential ours = new Credential(id.ofLogin(), new Origin(null, "", this.owner.get()), "", null, Set.of(), now,
				now.plus(this.lease), null, null, null, null, Math.max(expected + 1, now.toEpochMilli()));
		return this.store.save(ours, expected) ? ours.generation() : Credential.NONE;
	}

	/** Whether another process logs in. */
	boolean isTaken(CredentialId id) {
		try {
			return isOfAnother(id, this.store.load(id.ofLogin()));
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	/** Whether there is a claim that nobody has given back: its process has died. */
	boolean isLeft(CredentialId id) {
		try {
			return this.store.load(id.ofLogin()) != null;
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	private boolean isOfAnother(CredentialId id, @Nullable Credential claim) {
		if (claim == null || claim.origin().clientId().equals(this.owner.get())) {
			this.seen.remove(id);
			return false;
		}
		Instant now = this.steadyClock.instant();
		Seen seen = this.seen.compute(id, (key, last) -> (last != null && last.generation() == claim.generation())
				? last : new Seen(claim.generation(), now));
		return now.isBefore(seen.since().plus(this.lease));
	}

	/** Gives back what is to be given back; does not wait long for that. */
	@Override
	public void close() {
		this.renewals.shutdown();
		try {
			this.renewals.awaitTermination(LONGEST_RELEASE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A claim of another process.
	 *
	 * @param generation that of its record
	 * @param since since when it has been that
	 */
	private record Seen(long generation, Instant since) {

	}

	/** A claim that is renewed. */
	final class Kept implements AutoCloseable {

		private final CredentialId id;

		private final @Nullable Future<?> renewal;

		/** {@code NONE} when the store does not have it. */
		private volatile long generation;

		private volatile boolean ended;

		private Kept(CredentialId id, long generation) {
			this.id = id;
			this.generation = generation;
			this.renewal = startRenewal();
		}

		private @Nullable Future<?> startRenewal() {
			long period = LoginClaims.this.lease.dividedBy(3).toMillis();
			try {
				return LoginClaims.this.renewals.scheduleWithFixedDelay(this::renew, period, period,
						TimeUnit.MILLISECONDS);
			}
			catch (RuntimeException | Error ex) {
				// Stopping, or the system has no thread left: it ends by itself.
				logger.debug("A claim of a login is not renewed", ex);
				return null;
			}
		}

		/** An exception would end the renewals; the next one may work. */
		private void renew() {
			try {
				Credential claim = LoginClaims.this.store.load(this.id.ofLogin());
				long found = (claim != null) ? claim.generation() : Credential.NONE;
				// One that is not ours any more belongs to somebody.
				if (!this.ended && (found == Credential.NONE || found == this.generation)) {
					this.generation = save(this.id, claim);
				}
			}
			catch (RuntimeException ex) {
				logger.debug("A claim of a login could not be renewed", ex);
			}
		}

		/** Does not wait for the store, which may hang in a renewal. */
		@Override
		public void close() {
			this.ended = true;
			if (this.renewal != null) {
				this.renewal.cancel(false);
			}
			try {
				LoginClaims.this.renewals.execute(this::release);
			}
			catch (RuntimeException | Error ex) {
				logger.debug("A claim of a login ends by itself", ex);
			}
		}

		private void release() {
			try {
				if (this.generation != Credential.NONE) {
					LoginClaims.this.store.remove(this.id.ofLogin(), this.generation);
				}
			}
			catch (RuntimeException ex) {
				logger.debug("A claim of a login ends by itself", ex);
			}
		}

	}

}
