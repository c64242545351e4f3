package io.github.oauth2pkce.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * Which process logs in to a credential just now, so that requests of several processes
 * that share a store ask a person once. A claim is a record of the store with a short
 * lease: one that is not renewed, because its process has died, ends by itself. A store
 * that is down makes no claims, and keeps nobody from logging in. Blocking; thread-safe.
 */
public final class LoginClaims {

	/** For that long a login waits for one whose process has died. */
	private static final Duration LEASE = Duration.ofSeconds(15);

	private static final Duration RENEWAL = LEASE.dividedBy(3);

	private final TokenStore store;

	private final InstantSource clock;

	private final String owner = UUID.randomUUID().toString();

	/**
	 * Creates the claims of this process.
	 * @param store shared with the others
	 * @param clock the wall clock
	 */
	public LoginClaims(TokenStore store, InstantSource clock) {
		this.store = store;
		this.clock = clock;
	}

	/**
	 * Claims a login, or renews the claim of this process.
	 * @return {@code false} when another process logs in
	 */
	boolean take(CredentialId id) {
		try {
			Credential claim = this.store.load(id.ofLogin());
			return !isOfAnother(claim) && save(id, claim);
		}
		catch (TokenStoreException ex) {
			return true;
		}
	}

	private boolean save(CredentialId id, @Nullable Credential claim) {
		Instant now = this.clock.instant();
		long expected = (claim != null) ? claim.generation() : Credential.NONE;
		return this.store.save(new Credential(id.ofLogin(), new Origin(null, "", this.owner), "", null, Set.of(), now,
				now.plus(LEASE), null, null, null, null, Math.max(expected + 1, now.toEpochMilli())), expected);
	}

	/** Whether another process logs in. */
	boolean isTaken(CredentialId id) {
		try {
			return isOfAnother(this.store.load(id.ofLogin()));
		}
		catch (TokenStoreException ex) {
			return false;
		}
	}

	/** Whether there is a claim that nobody has given back: its process has died. */
	boolean isLeft(CredentialId id) {
		try {
			return this.store.load(id.ofLogin()) != null;
		}
		catch (TokenStoreException ex) {
			return false;
		}
	}

	private boolean isOfAnother(@Nullable Credential claim) {
		return claim != null && !claim.origin().clientId().equals(this.owner) && claim.expiresAt() != null
				&& this.clock.instant().isBefore(claim.expiresAt());
	}

	/**
	 * Keeps a claim for as long as its login runs.
	 * @return to be closed at its end
	 */
	Kept keep(CredentialId id) {
		return new Kept(id);
	}

	/** A claim that is renewed. */
	final class Kept implements AutoCloseable {

		private final CredentialId id;

		private final Disposable renewal;

		private boolean ended;

		private Kept(CredentialId id) {
			this.id = id;
			this.renewal = Schedulers.boundedElastic()
				.schedulePeriodically(this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
		}

		private synchronized void renew() {
			if (!this.ended) {
				take(this.id);
			}
		}

		@Override
		public void close() {
			this.renewal.dispose();
			synchronized (this) {
				this.ended = true;
				release();
			}
		}

		private void release() {
			try {
				CredentialId claimed = this.id.ofLogin();
				Credential claim = LoginClaims.this.store.load(claimed);
				if (claim != null && claim.origin().clientId().equals(LoginClaims.this.owner)) {
					LoginClaims.this.store.remove(claimed, claim.generation());
				}
			}
			catch (TokenStoreException ex) {
				// It ends by itself.
			}
		}

	}

}
