package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * One credential's record in the store, or the newer one that could not be written yet.
 * Whatever the store throws leaves here as a {@link TokenStoreException} that the
 * listeners were told of.
 */
final class StoredCredential {

	/** The generation of what a store has that does not answer. */
	private static final long UNKNOWN = Long.MIN_VALUE;

	private final CredentialId id;

	private final TokenStore store;

	private final CredentialSupport support;

	private final Runnable savedLate;

	private final ReentrantLock lock = new ReentrantLock();

	/** Nothing is known before the first reading. */
	private volatile boolean unreadable = true;

	private final AtomicReference<@Nullable Unsaved> unsaved = new AtomicReference<>();

	/**
	 * Creates the record's keeper; reads nothing yet.
	 * @param id whose record
	 * @param store where it is
	 * @param support what all credentials share
	 * @param savedLate runs when a record that could not be written was written after all
	 */
	StoredCredential(CredentialId id, TokenStore store, CredentialSupport support, Runnable savedLate) {
		this.id = id;
		this.store = store;
		this.support = support;
		this.savedLate = savedLate;
	}

	// Locks.

	/** Keeps other writers of this process out, from reading to publishing. */
	TokenStore.Lock lockHere() {
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
			told("lock", ex);
			throw ex;
		}
		catch (RuntimeException ex) {
			throw failure("lock", ex);
		}
	}

	/**
	 * Both locks, each if it is to be had: a person does not lose to a process that
	 * hangs.
	 */
	TokenStore.Lock lockForPerson() {
		TokenStore.Lock here = orNothing(this::lockHere);
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

	/** The generation protects what the lock does not. */
	private static TokenStore.Lock orNothing(Supplier<TokenStore.Lock> lock) {
		try {
			return lock.get();
		}
		catch (LockTimeoutException | TokenStoreException ex) {
			return () -> {
			};
		}
	}

	boolean holds(TokenStore.Lock lock) {
		try {
			return lock.isHeld();
		}
		catch (RuntimeException ex) {
			throw failure("lock", ex);
		}
	}

	// Reading.

	/** The record, or the newer one that could not be written yet. */
	@Nullable Credential read() {
		try {
			Credential stored = this.store.load(this.id);
			this.unreadable = false;
			Unsaved pending = this.unsaved.get();
			if (pending == null || !pending.replaces(stored)) {
				return stored;
			}
			this.unsaved.compareAndSet(pending, new Unsaved(pending.next(), generation(stored)));
			return pending.next();
		}
		catch (RuntimeException ex) {
			this.unreadable = true;
			throw failure("load", ex);
		}
	}

	/**
	 * The generation that a new login replaces.
	 * @return less than {@link Credential#NONE} for what cannot be read: the store sets
	 * it aside when something is written in its place, or it does not answer
	 */
	long replaceable() {
		try {
			return generation(this.store.load(this.id));
		}
		catch (RuntimeException ex) {
			told("load", ex);
			return UNKNOWN;
		}
	}

	boolean isUnreadable() {
		return this.unreadable;
	}

	void known() {
		this.unreadable = false;
	}

	// Writing.

	void checkWritable() {
		try {
			this.store.checkWritable();
		}
		catch (RuntimeException ex) {
			throw failure("save", ex);
		}
	}

	boolean save(Credential next, long expectedGeneration) {
		try {
			return write(next, expectedGeneration);
		}
		catch (RuntimeException ex) {
			throw failure("save", ex);
		}
	}

	private boolean write(Credential next, long expectedGeneration) {
		boolean saved = uninterrupted(() -> this.store.save(next, readable(inStore(expectedGeneration))));
		// Written, or lost to somebody else's write: either way it is settled.
		this.unsaved.set(null);
		return saved;
	}

	/**
	 * The same, more than once: whoever else waits for the lock would read the refresh
	 * token that was just spent, and spend it again.
	 * @param pauses milliseconds between two attempts
	 */
	boolean saveUnderLock(Credential next, long expectedGeneration, long... pauses) {
		for (long pause : pauses) {
			try {
				return write(next, expectedGeneration);
			}
			catch (RuntimeException ex) {
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
			}
		}
		return save(next, expectedGeneration);
	}

	/** A worker that is being stopped still writes down what the server has changed. */
	static <T> T uninterrupted(Supplier<T> work) {
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
		if (this.unsaved.getAndSet(new Unsaved(next, inStore(expectedGeneration))) == null) {
			this.support.later(this.id, this::retrySaveLater);
		}
	}

	/** The generation that the store has where callers see the unsaved one. */
	private long inStore(long expectedGeneration) {
		Unsaved pending = this.unsaved.get();
		return (pending != null && pending.next().generation() == expectedGeneration) ? pending.expected()
				: expectedGeneration;
	}

	/** What a store sets aside counts as none. */
	private static long readable(long generation) {
		return Math.max(generation, Credential.NONE);
	}

	private void retrySaveLater() {
		retrySave();
		if (this.unsaved.get() != null) {
			this.support.later(this.id, this::retrySaveLater);
		}
	}

	/** Writes what could not be written before; a loser of a race lets it go. */
	void retrySave() {
		Unsaved pending = this.unsaved.get();
		if (pending == null || !this.lock.tryLock()) {
			return;
		}
		try {
			if (pending == this.unsaved.get() && save(pending)) {
				this.savedLate.run();
			}
		}
		catch (TokenStoreException ex) {
			// Counted; the next attempt is scheduled.
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean save(Unsaved pending) {
		if (pending.expected() != UNKNOWN) {
			return save(pending.next(), pending.expected());
		}
		long stored = replaceable();
		if (stored < pending.next().generation() && !save(pending.next(), stored)) {
			// The store was away while it was read, or somebody has just written: once
			// more, against what is there then.
			this.unsaved.compareAndSet(null, pending);
			return false;
		}
		this.unsaved.set(null);
		return stored < pending.next().generation();
	}

	/** Writes what was waiting to be written now, if there is anything: on a worker. */
	void retrySaveNow() {
		if (this.unsaved.get() != null) {
			this.support.executor(this.id).execute(this::retrySave);
		}
	}

	/** Lets go of what was waiting to be stored. */
	void forgetUnsaved() {
		this.unsaved.set(null);
	}

	/** Removes whatever is stored. */
	void remove(@Nullable Credential stored) {
		try {
			Credential current = stored;
			while (current != null && !this.store.remove(this.id, current.generation())) {
				current = this.store.load(this.id);
			}
		}
		catch (RuntimeException ex) {
			throw failure("remove", ex);
		}
	}

	/**
	 * Puts away what cannot be read, as a new login does: the store sets it aside, and
	 * never overwrites it, when something is written in its place; that is removed again.
	 * @return {@code false} when there is something that can be read
	 */
	boolean putAway() {
		Credential nobody = new Credential(this.id, new Credential.Origin(null, "", ""), "", null, Set.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, null, this.support.clock().millis());
		try {
			return this.store.save(nobody, Credential.NONE) && this.store.remove(this.id, nobody.generation());
		}
		catch (RuntimeException ex) {
			throw failure("remove", ex);
		}
	}

	/**
	 * Removes a record, and not its successor.
	 * @return {@code false} when something else is stored
	 */
	boolean removeOnly(Credential seen) {
		try {
			return this.store.remove(this.id, seen.generation());
		}
		catch (RuntimeException ex) {
			throw failure("remove", ex);
		}
	}

	static long generation(@Nullable Credential credential) {
		return (credential != null) ? credential.generation() : Credential.NONE;
	}

	private void told(String operation, Exception failure) {
		this.support.storeFailed(this.id, operation, failure);
	}

	private TokenStoreException failure(String operation, RuntimeException failure) {
		told(operation, failure);
		return (failure instanceof TokenStoreException known) ? known
				: new TokenStoreException("The token store failed: " + failure.getClass().getSimpleName(), failure);
	}

	/**
	 * A record that could not be written.
	 *
	 * @param next the record
	 * @param expected the generation in the store that it replaces, or unknown
	 */
	private record Unsaved(Credential next, long expected) {

		/** A login replaces what is older, where nobody could say what there was. */
		boolean replaces(@Nullable Credential stored) {
			long generation = generation(stored);
			return generation == this.expected || (this.expected == UNKNOWN && generation < this.next.generation());
		}

	}

}
