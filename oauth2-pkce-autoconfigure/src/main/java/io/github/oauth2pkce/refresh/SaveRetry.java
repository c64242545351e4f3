package io.github.oauth2pkce.refresh;

import java.time.Duration;

import io.github.oauth2pkce.store.LockTimeoutException;

/**
 * Saves what could not be saved when it came: every few seconds, and before the
 * application stops. Thread-safe.
 */
final class SaveRetry {

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

	private final StoredCredential stored;

	private final CredentialLocks locks;

	private final CurrentCredential current;

	private final Attempts attempts;

	private final Worker worker;

	private final Events events;

	SaveRetry(StoredCredential stored, CredentialLocks locks, CurrentCredential current, Attempts attempts,
			Worker worker, Events events) {
		this.stored = stored;
		this.locks = locks;
		this.current = current;
		this.attempts = attempts;
		this.worker = worker;
		this.events = events;
	}

	/** Tries in a few seconds, and again and again until it is saved. */
	void later() {
		this.worker.later(() -> {
			try {
				save(Duration.ZERO);
			}
			finally {
				if (this.stored.isWaiting()) {
					later();
				}
			}
		});
	}

	/** Tries now, if there is anything to save. */
	void now() {
		if (this.stored.isWaiting()) {
			this.worker.execute(() -> save(LONGEST_WAIT));
		}
	}

	private void save(Duration patience) {
		if (!this.stored.isWaiting()) {
			return;
		}
		try (CredentialLocks.Held lock = this.locks.here(patience)) {
			if (this.stored.saveWaiting() && lock.isHeldHere()) {
				this.attempts.saved();
				this.current.publish(this.stored.newest());
			}
		}
		catch (LockTimeoutException | InterruptedFlightException ex) {
			// A flight is under way, and saves it first.
		}
		finally {
			this.events.send();
		}
	}

}
