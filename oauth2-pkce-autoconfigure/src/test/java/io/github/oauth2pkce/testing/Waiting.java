package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounded waiting on the current thread. For conditions that nobody signals there is
 * Awaitility.
 */
public final class Waiting {

	/** Longer than a busy machine takes for anything that a test waits for. */
	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private Waiting() {
	}

	public static void await(CountDownLatch latch) {
		if (!interruptibly(() -> latch.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS))) {
			throw new AssertionError("Nobody has opened the latch");
		}
	}

	public static <T> T await(Future<T> future) {
		return interruptibly(() -> {
			try {
				return future.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (TimeoutException | ExecutionException ex) {
				throw new AssertionError("No result", ex);
			}
		});
	}

	private static <T> T interruptibly(Wait<T> wait) {
		try {
			return wait.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting", ex);
		}
	}

	private interface Wait<T> {

		T get() throws InterruptedException;

	}

}
