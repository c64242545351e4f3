package io.github.oauth2pkce.refresh;

import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

/**
 * What this process knows of one record better than the store: the write that waits to be
 * saved, and what is over. The past does not overrule it. Calls nothing but a timer, and
 * is thread-safe.
 */
final class RecordMemory {

	private final Runnable whenWaiting;

	private final SeenRecords seen = new SeenRecords();

	/** Whether the last reading of the store failed; so it counts before the first. */
	private volatile boolean unreadable = true;

	private @Nullable PendingWrite waiting;

	/** What the lock's holder is about to write. */
	private @Nullable PendingWrite inHand;

	/**
	 * Creates an empty memory.
	 * @param whenWaiting is run when a write begins to wait
	 */
	RecordMemory(Runnable whenWaiting) {
		this.whenWaiting = whenWaiting;
	}

	boolean isUnreadable() {
		return this.unreadable;
	}

	void markUnreadable(boolean unreadable) {
		this.unreadable = unreadable;
	}

	/** The newest record: the one that waits, or the last that was seen in the store. */
	synchronized @Nullable Credential newest() {
		return (this.waiting != null) ? this.waiting.next() : this.seen.last();
	}

	/**
	 * What the store has, or the newer record that it does not have.
	 * @param stored what was read just now
	 */
	synchronized @Nullable Credential newest(@Nullable Credential stored) {
		PendingWrite waiting = this.waiting;
		boolean over = this.seen.isOver(stored);
		if (waiting != null && (over || waiting.replaces(stored))) {
			this.waiting = waiting.over(PendingWrite.generationOf(stored));
			return waiting.next();
		}
		if (over) {
			// Behind what this process knows to be saved.
			Credential known = this.seen.last();
			if (known != null) {
				setWaiting(new PendingWrite(known, PendingWrite.generationOf(stored), null));
			}
			return known;
		}
		this.seen.seen(stored);
		return stored;
	}

	/** The newest generation: a login comes after it, also when the store is away. */
	synchronized long lastGeneration() {
		return Math.max(PendingWrite.generationOf(this.seen.last()),
				PendingWrite.generationOf((this.waiting != null) ? this.waiting.next() : null));
	}

	/** What was saved, or the login that is about to replace it. */
	synchronized Credential orLogin(Credential saved) {
		PendingWrite waiting = this.waiting;
		return (waiting != null && waiting.replaces(saved)) ? waiting.next() : saved;
	}

	// Writing.

	/** The generation that the store has where callers see the one that waits. */
	synchronized long inStore(long expectedGeneration) {
		PendingWrite waiting = this.waiting;
		return (waiting != null && waiting.next().generation() == expectedGeneration) ? waiting.expected()
				: expectedGeneration;
	}

	/**
	 * A write was answered.
	 * @param next what was to be written
	 * @param expected what it was to replace
	 * @param saved whether it did, or else lost to somebody's write
	 * @param settled whether what waits is settled by that
	 */
	synchronized void answered(Credential next, long expected, boolean saved, Predicate<PendingWrite> settled) {
		PendingWrite waiting = this.waiting;
		if (waiting != null && settled.test(waiting)) {
			this.waiting = null;
		}
		else if (waiting != null && saved && waiting.expected() == expected) {
			this.waiting = waiting.over(next.generation());
		}
		if (saved) {
			this.seen.saved(next, expected);
		}
	}

	/** The lock's holder is about to write this. */
	synchronized void take(PendingWrite write) {
		this.inHand = write;
	}

	/** The lock's holder knows what became of it. */
	synchronized void putDown(PendingWrite write) {
		if (this.inHand == write) {
			this.inHand = null;
		}
	}

	/**
	 * Whoever held the lock until it counted as stuck may be stuck in saving: what it has
	 * in its hand is the only refresh token that is worth anything.
	 */
	synchronized void takeOver() {
		PendingWrite left = this.inHand;
		this.inHand = null;
		if (left != null) {
			setWaiting(left);
		}
	}

	// Waiting.

	synchronized @Nullable PendingWrite waiting() {
		return this.waiting;
	}

	/** Serve a login from memory and write it later. */
	synchronized void keepLogin(Credential login, long expectedGeneration) {
		setWaiting(new PendingWrite(login, inStore(expectedGeneration), null));
	}

	/**
	 * The same for a refresh: the server has forgotten the old one.
	 * @return what was kept, or the login that it must not replace
	 */
	synchronized Credential keep(PendingWrite write) {
		PendingWrite waiting = this.waiting;
		if (waiting != null && waiting.isLoginSince(write.next(), write.expected())) {
			return waiting.next();
		}
		setWaiting(write.over(inStore(write.expected())));
		return write.next();
	}

	private void setWaiting(PendingWrite write) {
		boolean scheduled = this.waiting != null;
		this.waiting = write;
		if (!scheduled) {
			this.whenWaiting.run();
		}
	}

	/** Whether a write that waits is newer than what was read just now. */
	synchronized boolean isNewer(PendingWrite write, @Nullable Credential stored) {
		return write.replaces(stored) || this.seen.isOver(stored);
	}

	/** A write need not wait any more. */
	synchronized void letGo(PendingWrite write) {
		if (this.waiting == write) {
			this.waiting = null;
		}
	}

	/** Nothing need wait any more. */
	synchronized void forgetWaiting() {
		this.waiting = null;
	}

	/** The record was removed from the store. */
	synchronized void removed(@Nullable Credential credential) {
		this.seen.removed(credential);
	}

}
