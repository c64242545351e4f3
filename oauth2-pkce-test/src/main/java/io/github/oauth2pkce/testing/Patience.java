package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/** How long a test waits for what the code under test should do by itself. */
final class Patience {

	/** Longer than a busy machine takes for anything that a test waits for. */
	static final Duration DEFAULT = Duration.ofSeconds(30);

	private Patience() {
	}

	static <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) {
		try {
			return queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting", ex);
		}
	}

}
