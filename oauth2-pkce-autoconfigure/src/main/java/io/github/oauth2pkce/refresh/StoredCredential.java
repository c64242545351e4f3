package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * One credential's record in the store, or the newer one that the store does not have:
 * because it could not be written yet, or because the store has fallen back. Whatever the
 * store throws leaves here as a {@link TokenStoreException} that the listeners will be
 * told of: {@code Error}s, and the checked exceptions of other languages, included.
 */
final class StoredCredential {

	/** A store is mostly away for a moment only, such as one connection long. */
	private static final long[] SAVE_PAUSES = { 100, 400, 1000 };

	/** The lock is held while saving is tried again, and callers wait. */
	private static final Duration LONGEST_SAVING = Duration.ofSeconds(2);

	/** A person with a token in hand does not wait for a process that hangs. */
	private static final Duration PATIENCE_OF_PERSONS = Duration.ofSeconds(5);

	private final CredentialId id;

	private final TokenStore store;

	private final CredentialSupport support;

	private final Events events;

	private final Consumer<@Nullable Credential> settled;

	private final LocalLock lock;

	/** Nothing is known before the first reading. */
	private volatile boolean unreadable = true;

	/** Guards what is known of the store, and is held for no call of it. */
	private final Object monitor = new Object();

	private @Nullable Unsaved unsaved;

	/** What the lock's holder is about to write. */
	private @Nullable Unsaved inHand;

	private @Nullable Credential lastSeen;

	/** The refresh token before the last one that was seen. */
	private @Nullable String spent;

	private final Generations past = new Generations();

	/**
	 * Creates the record's keeper; reads nothing yet.
	 * @param id whose record
	 * @param store where it is
	 * @param support what all credentials share
	 * @param events what the listeners are to be told
	 * @param settled is given what is stored when nothing waits to be written any more:
	 * mostly what did; the lock is held
	 */
	StoredCredential(CredentialId id, TokenStore store, CredentialSupport support, Events events,
			Consumer<@Nullable Credential> settled) {
		this.id = id;
		this.store = store;
		this.support = support;
		this.events = events;
		this.settled = settled;
		this.lock = new LocalLock(support.settings().callerDeadline());
	}

	// Locks.

	/** Keeps other writers of this process out, from reading to publishing. */
	TokenStore.Lock lockHere() {
		Duration patience = this.support.settings().lockTimeout();
		return lockHere(patience);
	}

	private TokenStore.Lock lockHere(Duration patience) {
		TokenStore.Lock hold;
		try {
			hold = this.lock.acquire(patience);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedFlightException();
		}
		if (hold == null) {
			throw new LockTimeoutException(this.id, patience);
		}
		takeOver();
		return hold;
	}

	/**
	 * Whoever held the lock until it counted as stuck may be stuck in saving: what it has
	 * in its hand is the only refresh token that is worth anything.
	 */
	private void takeOver() {
		synchronized (this.monitor) {
			Unsaved left = this.inHand;
			this.inHand = null;
			if (left != null) {
				keepUnsaved(left);
			}
		}
	}

	/** Keeps other processes out. */
	TokenStore.Lock lockStore() {
		return lockStore(this.support.settings().lockTimeout());
	}

	private TokenStore.Lock lockStore(Duration patience) {
		try {
			return new QuietLock(this.store.lock(this.id, patience));
		}
		catch (LockTimeoutException ex) {
			failed("lock", ex);
			throw ex;
		}
		catch (Throwable ex) {
			throw failure("lock", ex);
		}
	}

	/**
	 * Both locks, each if it is to be had: a person does not lose to a process that
	 * hangs. The generation protects what the lock does not.
	 */
	TokenStore.Lock lockForPerson() {
		Duration lockTimeout = this.support.settings().lockTimeout();
		Duration patience = (lockTimeout.compareTo(PATIENCE_OF_PERSONS) < 0) ? lockTimeout : PATIENCE_OF_PERSONS;
		TokenStore.Lock here = orNothing(() -> lockHere(patience));
		TokenStore.Lock there = orNothing(() -> lockStore(patience));
		return new TokenStore.Lock() {

			@Override
			public boolean isHeld() {
				return here.isHeld();
			}

			@Override
			public void close() {
				there.close();
				here.close();
			}

		};
	}

	private static TokenStore.Lock orNothing(Supplier<TokenStore.Lock> lock) {
		try {
			return lock.get();
		}
		catch (LockTimeoutException | TokenStoreException | InterruptedFlightException ex) {
			return () -> {
			};
		}
	}

	boolean holds(TokenStore.Lock lock) {
		try {
			return lock.isHeld();
		}
		catch (Throwable ex) {
			throw failure("lock", ex);
		}
	}

	// Reading.

	/**
	 * The record, or the newer one that the store does not have.
	 * @throws TokenStoreException when the store cannot be read
	 */
	@Nullable Credential read() {
		Credential stored;
		try {
			stored = this.store.load(this.id);
		}
		catch (Throwable ex) {
			this.unreadable = true;
			throw failure("load", ex);
		}
		this.unreadable = false;
		synchronized (this.monitor) {
			return newest(stored);
		}
	}

	private @Nullable Credential newest(@Nullable Credential stored) {
		Unsaved pending = this.unsaved;
		boolean fallenBack = hasFallenBack(stored);
		if (pending != null && (fallenBack || pending.replaces(stored))) {
			this.unsaved = pending.over(generation(stored));
			return pending.next();
		}
		if (fallenBack) {
			// Behind what this process knows to be saved.
			Credential known = this.lastSeen;
			if (known != null) {
				await(new Unsaved(known, generation(stored), null));
			}
			return known;
		}
		seen(stored);
		return stored;
	}

	/**
	 * Whether it is a record that this process knows to be over, or another node's
	 * verdict on the refresh token of one.
	 */
	private boolean hasFallenBack(@Nullable Credential stored) {
		if (stored == null || this.past.contains(stored.generation())) {
			return stored != null;
		}
		Credential known = this.lastSeen;
		String judged = stored.refreshToken();
		return stored.isRefreshTokenRejected() && Objects.equals(judged, this.spent)
				&& (known == null || !Objects.equals(judged, known.refreshToken()));
	}

	private void seen(@Nullable Credential stored) {
		Credential before = this.lastSeen;
		if (before != null && stored != null && before.generation() != stored.generation()) {
			this.past.add(before.generation());
			if (!Objects.equals(before.refreshToken(), stored.refreshToken())) {
				this.spent = before.refreshToken();
			}
		}
		this.lastSeen = stored;
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
		catch (Throwable ex) {
			failed("load", ex);
			return Unsaved.ANY;
		}
	}

	/**
	 * The newest generation that this process has seen: a login comes after it, also
	 * where the store cannot be read.
	 */
	long lastGeneration() {
		synchronized (this.monitor) {
			Unsaved pending = this.unsaved;
			return Math.max(generation(this.lastSeen),
					(pending != null) ? pending.next().generation() : Credential.NONE);
		}
	}

	boolean isUnreadable() {
		return this.unreadable;
	}

	void markReadable() {
		this.unreadable = false;
	}

	// Writing.

	void checkWritable() {
		try {
			this.store.checkWritable(this.id);
		}
		catch (Throwable ex) {
			throw failure("save", ex);
		}
	}

	/** Saves a person's login, which replaces whatever waited to be written. */
	boolean saveLogin(Credential login, long expectedGeneration) {
		return save(login, expectedGeneration, (pending) -> true);
	}

	/** Saves what became of the record of a generation. */
	boolean save(Credential next, long expectedGeneration) {
		return save(next, expectedGeneration, (pending) -> !isLogin(pending, next, expectedGeneration));
	}

	private boolean save(Credential next, long expectedGeneration, Predicate<Unsaved> replaced) {
		try {
			return write(next, expectedGeneration, replaced);
		}
		catch (Throwable ex) {
			throw failure("save", ex);
		}
	}

	/** Written, or lost to somebody else's write: either way it is settled. */
	private boolean write(Credential next, long expectedGeneration, Predicate<Unsaved> replaced) {
		long expected;
		synchronized (this.monitor) {
			expected = readable(inStore(expectedGeneration));
		}
		boolean saved = uninterrupted(() -> this.store.save(next, expected));
		synchronized (this.monitor) {
			Unsaved pending = this.unsaved;
			if (pending != null && replaced.test(pending)) {
				this.unsaved = null;
			}
			else if (pending != null && saved && pending.expected() == expected) {
				this.unsaved = pending.over(next.generation());
			}
			if (saved) {
				if (expected != Credential.NONE) {
					this.past.add(expected);
				}
				// The store may answer so late that somebody has replaced it since.
				if (!this.past.contains(next.generation())) {
					seen(next);
				}
			}
		}
		return saved;
	}

	/**
	 * Whether a person, who waits for no flight, has logged in since the record of a
	 * generation was read, and the store was away.
	 */
	private static boolean isLogin(Unsaved pending, Credential next, long readGeneration) {
		return pending.next().generation() != readGeneration && !pending.next().equals(next)
				&& (pending.expected() == readGeneration || pending.expected() == Unsaved.ANY);
	}

	/**
	 * Saves what a server has issued, more than once if need be: whoever else waits for
	 * the lock would read the refresh token that was just spent, and spend it again. Not
	 * again where the store hangs rather than fails.
	 */
	boolean saveUnderLock(Unsaved issued) {
		synchronized (this.monitor) {
			this.inHand = issued;
		}
		try {
			return saveRepeatedly(issued.next(), issued.expected());
		}
		finally {
			synchronized (this.monitor) {
				if (this.inHand == issued) {
					this.inHand = null;
				}
			}
		}
	}

	private boolean saveRepeatedly(Credential next, long expectedGeneration) {
		long deadline = System.nanoTime() + LONGEST_SAVING.toNanos();
		for (long pause : SAVE_PAUSES) {
			try {
				return write(next, expectedGeneration, (pending) -> !isLogin(pending, next, expectedGeneration));
			}
			catch (Throwable ex) {
				long nanos = TimeUnit.MILLISECONDS.toNanos(pause);
				if (System.nanoTime() + nanos > deadline) {
					throw failure("save", ex);
				}
				uninterrupted(() -> {
					LockSupport.parkNanos(nanos);
					return null;
				});
			}
		}
		return save(next, expectedGeneration);
	}

	/** A worker that is being stopped still writes down what the server has changed. */
	static <T extends @Nullable Object> T uninterrupted(Supplier<T> work) {
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

	/** Serve a login from memory and write it later. */
	void keepUnsavedLogin(Credential login, long expectedGeneration) {
		synchronized (this.monitor) {
			await(new Unsaved(login, inStore(expectedGeneration), null));
		}
	}

	/**
	 * The same for a refresh: the server has forgotten the old one.
	 * @return what was kept, or the login that it must not replace
	 */
	Credential keepUnsaved(Unsaved next) {
		synchronized (this.monitor) {
			Unsaved pending = this.unsaved;
			if (pending != null && isLogin(pending, next.next(), next.expected())) {
				return pending.next();
			}
			await(next.over(inStore(next.expected())));
			return next.next();
		}
	}

	/** What was saved, or the login that is about to replace it. */
	Credential orLogin(Credential saved) {
		synchronized (this.monitor) {
			Unsaved pending = this.unsaved;
			return (pending != null && pending.replaces(saved)) ? pending.next() : saved;
		}
	}

	private void await(Unsaved pending) {
		boolean scheduled = this.unsaved != null;
		this.unsaved = pending;
		if (!scheduled) {
			this.support.later(this.id, this::retrySaveLater);
		}
	}

	/** The generation that the store has where callers see the unsaved one. */
	private long inStore(long expectedGeneration) {
		Unsaved pending = this.unsaved;
		return (pending != null && pending.next().generation() == expectedGeneration) ? pending.expected()
				: expectedGeneration;
	}

	/** What a store sets aside counts as none. */
	private static long readable(long generation) {
		return Math.max(generation, Credential.NONE);
	}

	private void retrySaveLater() {
		retrySave(Duration.ZERO);
		this.events.send();
		if (pending() != null) {
			this.support.later(this.id, this::retrySaveLater);
		}
	}

	/** Writes what waited to be written; before the application stops, for example. */
	private void retrySave(Duration patience) {
		if (pending() == null) {
			return;
		}
		try (TokenStore.Lock here = lockHere(patience)) {
			settle(here);
		}
		catch (LockTimeoutException | InterruptedFlightException ex) {
			// A flight is under way, and settles it first.
		}
	}

	/**
	 * Writes what could not be written before; a loser of a race lets it go. The lock is
	 * held.
	 */
	void settle(TokenStore.Lock here) {
		Unsaved pending = pending();
		if (pending == null) {
			return;
		}
		try {
			Credential stored = uninterrupted(() -> this.store.load(this.id));
			if (!replaces(pending, stored)) {
				// Somebody else's wins, or only the answer to an earlier attempt was
				// lost.
				letGo(pending);
				settled(stored, here);
				return;
			}
			long generation = generation(stored);
			Credential next = (pending.next().generation() > generation) ? pending.next()
					: pending.next().after(generation);
			if (write(next, generation, (current) -> current == pending)) {
				settled(next, here);
			}
			else {
				// Somebody has just written: once more, against what is there then.
				keepUnsaved(new Unsaved(next, pending.expected(), pending.spentRefreshToken()));
			}
		}
		catch (Throwable ex) {
			failed("save", ex);
		}
	}

	private void settled(@Nullable Credential stored, TokenStore.Lock here) {
		Credential current;
		synchronized (this.monitor) {
			current = newest(stored);
		}
		if (here.isHeld()) {
			this.settled.accept(current);
		}
	}

	private boolean replaces(Unsaved pending, @Nullable Credential stored) {
		synchronized (this.monitor) {
			return pending.replaces(stored) || hasFallenBack(stored);
		}
	}

	private @Nullable Unsaved pending() {
		synchronized (this.monitor) {
			return this.unsaved;
		}
	}

	private void letGo(Unsaved pending) {
		synchronized (this.monitor) {
			if (this.unsaved == pending) {
				this.unsaved = null;
			}
		}
	}

	/** Writes what was waiting to be written now, if there is anything: on a worker. */
	void retrySaveNow() {
		if (pending() != null) {
			this.support.execute(this.id, () -> {
				retrySave(PATIENCE_OF_PERSONS);
				this.events.send();
			});
		}
	}

	/** Lets go of what was waiting to be stored. */
	void forgetUnsaved() {
		synchronized (this.monitor) {
			this.unsaved = null;
		}
	}

	/** Removes whatever is stored. */
	void remove(@Nullable Credential stored) {
		try {
			Credential current = stored;
			while (current != null && !this.store.remove(this.id, current.generation())) {
				current = this.store.load(this.id);
			}
			removed(current);
		}
		catch (Throwable ex) {
			throw failure("remove", ex);
		}
	}

	/** A logout is not undone by a store that falls back. */
	private void removed(@Nullable Credential credential) {
		synchronized (this.monitor) {
			if (credential != null) {
				this.past.add(credential.generation());
			}
			this.lastSeen = null;
		}
	}

	/**
	 * Puts away what cannot be read, as a new login does: the store sets it aside, and
	 * never overwrites it, when something is written in its place; that is removed again.
	 * @return {@code false} when there is something that can be read
	 */
	boolean putAway() {
		Credential nobody = new Credential(this.id, new Credential.Origin(null, "", ""), "", null, Set.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, null, null, this.support.clock().millis());
		try {
			return this.store.save(nobody, Credential.NONE) && this.store.remove(this.id, nobody.generation());
		}
		catch (Throwable ex) {
			throw failure("remove", ex);
		}
	}

	/**
	 * Removes a record, and not its successor.
	 * @return {@code false} when something else is stored
	 */
	boolean removeOnly(Credential seen) {
		try {
			boolean removed = this.store.remove(this.id, seen.generation());
			if (removed) {
				removed(seen);
			}
			return removed;
		}
		catch (Throwable ex) {
			throw failure("remove", ex);
		}
	}

	static long generation(@Nullable Credential credential) {
		return (credential != null) ? credential.generation() : Credential.NONE;
	}

	private void failed(String operation, Throwable failure) {
		// An Error of a store is a failure of the store, too.
		Exception told = (failure instanceof Exception exception) ? exception : translated(failure);
		this.events.add((listener) -> listener.storeFailed(this.id, operation, told));
	}

	private TokenStoreException failure(String operation, Throwable failure) {
		failed(operation, failure);
		return translated(failure);
	}

	private static TokenStoreException translated(Throwable failure) {
		return (failure instanceof TokenStoreException known) ? known
				: new TokenStoreException("The token store failed: " + failure.getClass().getSimpleName(), failure);
	}

	/** A lock of a store that may not keep its promise never to throw. */
	private final class QuietLock implements TokenStore.Lock {

		private final TokenStore.Lock lock;

		private QuietLock(TokenStore.Lock lock) {
			this.lock = lock;
		}

		@Override
		public boolean isHeld() {
			return this.lock.isHeld();
		}

		@Override
		public void close() {
			try {
				this.lock.close();
			}
			catch (Throwable ex) {
				failed("lock", ex);
			}
		}

	}

}
