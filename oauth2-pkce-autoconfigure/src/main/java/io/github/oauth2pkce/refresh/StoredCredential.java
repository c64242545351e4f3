package io.github.oauth2pkce.refresh;

import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * One credential's record as this process reads and writes it: what the store has, or the
 * newer record that waits to be saved. Takes no lock itself. Thread-safe.
 */
final class StoredCredential {

	/** Whoever writes on and on is not waited for. */
	private static final int MOST_RECORDS = 3;

	private final CredentialId id;

	private final GuardedStore store;

	private final RecordMemory memory;

	StoredCredential(CredentialId id, GuardedStore store, RecordMemory memory) {
		this.id = id;
		this.store = store;
		this.memory = memory;
	}

	// Reading.

	/**
	 * Reads the record.
	 * @return what the store has, or the newer one that it does not have
	 * @throws TokenStoreException when the store cannot be read
	 */
	@Nullable Credential read() {
		return read(this.store::load);
	}

	/**
	 * Reads the record once more, which nobody waits for: a store that goes on failing is
	 * not told of again.
	 * @throws TokenStoreException when the store cannot be read
	 */
	@Nullable Credential readAgain() {
		return read(this.memory.isUnreadable() ? this.store::loadQuietly : this.store::load);
	}

	private @Nullable Credential read(Supplier<@Nullable Credential> load) {
		return this.memory.newest(load(load));
	}

	private @Nullable Credential load(Supplier<@Nullable Credential> load) {
		Credential stored;
		try {
			stored = load.get();
		}
		catch (TokenStoreException ex) {
			this.memory.markUnreadable(true);
			throw ex;
		}
		this.memory.markUnreadable(false);
		return stored;
	}

	/**
	 * The generation that a new login replaces.
	 * @return less than {@link Credential#NONE} for what cannot be read: the store sets
	 * it aside when something is written in its place, or it does not answer
	 */
	long replaceable() {
		try {
			return PendingWrite.generationOf(present());
		}
		catch (TokenStoreException ex) {
			return PendingWrite.ANY;
		}
	}

	/** What is stored, whoever has written it. */
	@Nullable Credential present() {
		return this.store.load();
	}

	/** The record that this process knows, without asking the store. */
	@Nullable Credential newest() {
		return this.memory.newest();
	}

	/** The newest generation that this process knows, whatever the store answers. */
	long lastGeneration() {
		return this.memory.lastGeneration();
	}

	boolean isUnreadable() {
		return this.memory.isUnreadable();
	}

	// Writing.

	void checkWritable() {
		this.store.checkWritable();
	}

	/**
	 * Saves a person's login, which replaces whatever waited to be written.
	 * @return {@code false} when somebody has written something else meanwhile
	 */
	boolean saveLogin(Credential login, long expectedGeneration) {
		boolean saved = save(login, expectedGeneration, (waiting) -> true);
		if (saved) {
			this.memory.markUnreadable(false);
		}
		return saved;
	}

	/**
	 * Saves what became of the record of a generation.
	 * @return {@code false} when somebody has written something else meanwhile
	 */
	boolean save(Credential next, long expectedGeneration) {
		return save(next, expectedGeneration, (waiting) -> !waiting.isLoginSince(next, expectedGeneration));
	}

	private boolean save(Credential next, long expectedGeneration, Predicate<PendingWrite> settled) {
		long expected = expected(expectedGeneration);
		boolean saved = this.store.save(next, expected);
		this.memory.answered(next, expected, saved, settled);
		return saved;
	}

	/**
	 * Saves what a server has issued, more than once if need be: whoever else waits for
	 * the lock would read the refresh token that was just spent, and spend it again.
	 * @return {@code false} when somebody has written something else meanwhile
	 */
	boolean saveIssued(PendingWrite issued) {
		this.memory.take(issued);
		try {
			long expected = expected(issued.expected());
			boolean saved = this.store.saveRepeatedly(issued.next(), expected);
			this.memory.answered(issued.next(), expected, saved,
					(waiting) -> !waiting.isLoginSince(issued.next(), issued.expected()));
			return saved;
		}
		finally {
			this.memory.putDown(issued);
		}
	}

	/** What cannot be read counts as none: the store sets it aside. */
	private long expected(long generation) {
		return Math.max(this.memory.inStore(generation), Credential.NONE);
	}

	/** What was saved, or the login that is about to replace it. */
	Credential orLogin(Credential saved) {
		return this.memory.orLogin(saved);
	}

	// Waiting to be saved.

	/** Serves a login from memory; it is written later. */
	void keepLogin(Credential login, long expectedGeneration) {
		this.memory.keepLogin(login, expectedGeneration);
		this.memory.markUnreadable(false);
	}

	/**
	 * Serves what a server has issued from memory; it is written later.
	 * @return what was kept, or the login that it must not replace
	 */
	Credential keep(PendingWrite issued) {
		return this.memory.keep(issued);
	}

	boolean isWaiting() {
		return this.memory.waiting() != null;
	}

	/**
	 * Writes what could not be written before; it lets somebody else's newer record win.
	 * The lock is held.
	 * @return whether the store has caught up by that
	 */
	boolean saveWaiting() {
		PendingWrite waiting = this.memory.waiting();
		if (waiting == null) {
			return false;
		}
		try {
			Credential stored = this.store.loadForSave();
			if (!this.memory.isNewer(waiting, stored)) {
				// Or only the answer to an earlier attempt was lost.
				this.memory.letGo(waiting);
				this.memory.newest(stored);
				return true;
			}
			long generation = PendingWrite.generationOf(stored);
			Credential next = (waiting.next().generation() > generation) ? waiting.next()
					: waiting.next().after(generation);
			if (save(next, generation, (current) -> current == waiting)) {
				return true;
			}
			// Somebody has just written: once more, against what is there then.
			this.memory.keep(new PendingWrite(next, waiting.expected(), waiting.spentRefreshToken()));
		}
		catch (TokenStoreException ex) {
			// The listeners hear of it.
		}
		return false;
	}

	/** Lets go of what was waiting to be saved. */
	void forgetWaiting() {
		this.memory.forgetWaiting();
	}

	// Removing.

	/**
	 * Removes whatever is stored, and what turns up behind it: what a version without
	 * namespaces has left, or a store that has fallen back.
	 * @param revoke is given what turns up, before it is removed
	 * @return whether anything turned up
	 */
	boolean removeAny(@Nullable Credential seen, Consumer<Credential> revoke) {
		this.memory.removed(this.store.removeAny(seen));
		for (int found = 0;; found++) {
			Credential left = load(this.store::load);
			if (left == null || found == MOST_RECORDS) {
				return found > 0;
			}
			revoke.accept(left);
			this.memory.removed(this.store.removeAny(left));
		}
	}

	/**
	 * Removes a record, and not its successor.
	 * @return {@code false} when something else is stored
	 */
	boolean remove(Credential seen) {
		boolean removed = this.store.remove(seen);
		if (removed) {
			this.memory.removed(seen);
		}
		return removed;
	}

	/**
	 * Has the store set aside what cannot be read, as a new login does.
	 * @param generation the generation of the placeholder that takes its place for a
	 * moment
	 * @return {@code false} when there is something that can be read
	 */
	boolean setAside(long generation) {
		return this.store.setAside(new Credential(this.id, new Credential.Origin(null, "", ""), "", null, Set.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, null, null, generation));
	}

}
