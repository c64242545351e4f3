package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

import org.jspecify.annotations.Nullable;

/**
 * When a server may be asked again after a failure: exponential with full jitter, and
 * never sooner than the server said. One per credential, guarded by its flight.
 */
final class Backoff {

	private static final Duration FIRST = Duration.ofSeconds(1);

	private static final Duration LONGEST = Duration.ofMinutes(1);

	/** A wrong secret does not heal by asking. */
	private static final Duration MISCONFIGURED = Duration.ofMinutes(1);

	private final DoubleSupplier random;

	private int failures;

	private volatile @Nullable Instant nextAttemptAt;

	Backoff(DoubleSupplier random) {
		this.random = random;
	}

	void succeeded() {
		this.failures = 0;
		this.nextAttemptAt = null;
	}

	void failed(Instant now, @Nullable Duration retryAfter) {
		long ceiling = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(this.failures++, 16));
		// Full jitter, but a floor: "at once" is no backoff.
		long wait = (long) (ceiling * (0.5 + 0.5 * this.random.getAsDouble()));
		this.nextAttemptAt = now.plusMillis((retryAfter != null) ? Math.max(retryAfter.toMillis(), wait) : wait);
	}

	void refused(Instant now) {
		this.failures++;
		this.nextAttemptAt = now.plus(MISCONFIGURED);
	}

	/**
	 * Until when nothing is sent.
	 * @return the time, {@code null} when the server may be asked
	 */
	@Nullable Instant nextAttemptAt() {
		return this.nextAttemptAt;
	}

	boolean isOpen(Instant now) {
		Instant next = this.nextAttemptAt;
		return next == null || !now.isBefore(next);
	}

}
