package io.github.oauth2pkce.registration;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;

/**
 * The clients that have registered themselves, one for each issuer, and those that they
 * took the place of. Blocking and thread-safe.
 */
final class StoredRegistrations {

	private final IdentityRecords records;

	private final InstantSource clock;

	private final Duration lockTimeout;

	/** One at a time in this process; the store's lock is for the others. */
	private final Map<CredentialId, ReentrantLock> locks = new ConcurrentHashMap<>();

	/** Registrations that the store could not take: they serve this process. */
	private final Map<CredentialId, Unsaved> unsaved = new ConcurrentHashMap<>();

	StoredRegistrations(IdentityRecords records, InstantSource clock, Duration lockTimeout) {
		this.records = records;
		this.clock = clock;
		this.lockTimeout = lockTimeout;
	}

	/** One for each issuer: nothing of the old server's is ever sent to a new one. */
	static CredentialId id(Provider provider) {
		return CredentialId.ofClient(provider.id(), ServerBindings.digest(provider.issuerUri()));
	}

	/** Of a client that later logins do not use any more, and earlier ones still do. */
	static CredentialId replacedId(Provider provider, String clientId) {
		return CredentialId.ofClient(provider.id(), ServerBindings.digest(provider.issuerUri() + "\n" + clientId));
	}

	void remove(CredentialId id, String clientId) {
		this.unsaved.computeIfPresent(id,
				(key, unsaved) -> unsaved.record().origin().clientId().equals(clientId) ? null : unsaved);
		this.records.remove(id, clientId);
	}

	@Nullable RegisteredClient read(CredentialId id, Provider provider) {
		return client(load(id), provider);
	}

	/**
	 * The record as it should be, to be replaced by {@link #save}: one that the store
	 * could not take, unless another process has written or removed it since.
	 */
	@Nullable Credential load(CredentialId id) {
		Unsaved unsaved = this.unsaved.get(id);
		if (unsaved == null) {
			return this.records.load(id);
		}
		try {
			Credential stored = this.records.loadOrFail(id);
			if (generationOf(stored) != unsaved.expected()) {
				this.unsaved.remove(id, unsaved);
				return stored;
			}
		}
		catch (RuntimeException ex) {
			// The store is down still. Or what it has cannot be read, and is set aside
			// by saving.
			if (unsaved.expected() != Credential.NONE) {
				return unsaved.record();
			}
		}
		if (this.records.save(unsaved.record(), unsaved.expected()) == null) {
			this.unsaved.remove(id, unsaved);
		}
		return unsaved.record();
	}

	private static long generationOf(@Nullable Credential record) {
		return (record != null) ? record.generation() : Credential.NONE;
	}

	/** The client of a record, if it is of that issuer. */
	static @Nullable RegisteredClient client(@Nullable Credential record, Provider provider) {
		return (record != null && String.valueOf(provider.issuerUri()).equals(record.origin().issuer()))
				? record.origin().client() : null;
	}

	/** It may have another secret by now, or another key. */
	RegisteredClient latest(Provider provider, RegisteredClient client) {
		for (CredentialId id : List.of(id(provider), replacedId(provider, client.id()))) {
			RegisteredClient latest = read(id, provider);
			if (latest != null && latest.id().equals(client.id())) {
				return latest;
			}
		}
		return client;
	}

	void save(CredentialId id, Provider provider, RegisteredClient client, @Nullable Credential before) {
		Instant now = this.clock.instant();
		Unsaved unsaved = this.unsaved.get(id);
		long known = generationOf(before);
		long expected = (unsaved != null && unsaved.record() == before) ? unsaved.expected() : known;
		Credential record = new Credential(id,
				new Credential.Origin(provider.issuerUri(), "", client.id(), null, client, null, null), "", null,
				Set.of(), now, null, null, null, null, null, Math.max(known + 1, now.toEpochMilli()));
		String problem = this.records.save(record, expected);
		if (problem == null) {
			this.unsaved.remove(id);
			return;
		}
		EventLog.at(Level.WARN, "oauth2_registration_not_saved", provider.id())
			.log("The registration of '{}' at {} cannot be saved, so it lasts until this application ends: {}",
					provider.id(), provider.issuerUri(), problem);
		this.unsaved.put(id, new Unsaved(record, expected));
	}

	/**
	 * Keeps everybody else from registering that client, or changing it.
	 * @throws LockTimeoutException when somebody takes too long
	 */
	Held lock(CredentialId id) {
		ReentrantLock here = lockHere(id);
		try {
			TokenStore.Lock everywhere = this.records.lock(id, this.lockTimeout);
			return () -> {
				try {
					everywhere.close();
				}
				finally {
					here.unlock();
				}
			};
		}
		catch (RuntimeException | Error ex) {
			here.unlock();
			throw ex;
		}
	}

	private ReentrantLock lockHere(CredentialId id) {
		ReentrantLock here = this.locks.computeIfAbsent(id, (key) -> new ReentrantLock());
		try {
			if (here.tryLock(this.lockTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
				return here;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		throw new LockTimeoutException(id, this.lockTimeout);
	}

	/**
	 * A record that is to be saved.
	 *
	 * @param expected the generation in the store that it takes the place of
	 */
	private record Unsaved(Credential record, long expected) {

	}

	/** A lock of this process and one of the store. */
	@FunctionalInterface
	interface Held extends AutoCloseable {

		@Override
		void close();

	}

}
