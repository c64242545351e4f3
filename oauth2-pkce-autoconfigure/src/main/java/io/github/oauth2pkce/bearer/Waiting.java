package io.github.oauth2pkce.bearer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** How clients that block wait for a bearer: as long as the source lets them. */
public final class Waiting {

	/** Some clients can only be asked whether a call was given up. */
	private static final long LOOK_MILLIS = 50;

	private Waiting() {
	}

	/**
	 * Waits for an answer.
	 * @param answer exactly one value
	 * @param instead what to do on a thread that must not wait, for the message
	 * @param cancelled whether the caller has given up, asked while waiting
	 * @param <T> the type of the answer
	 * @return the answer
	 * @throws AuthenticationRequiredException when a request must not be sent without a
	 * bearer, and there is none
	 * @throws IllegalStateException on a thread that must not wait, such as an event
	 * loop, or when the source fails
	 * @throws InterruptedIOException when the thread is interrupted, and it stays so
	 * @throws IOException when the caller has given up
	 */
	public static <T> T await(Mono<T> answer, String instead, BooleanSupplier cancelled) throws IOException {
		CompletableFuture<T> future = answer.toFuture();
		if (!future.isDone() && Schedulers.isInNonBlockingThread()) {
			future.cancel(true);
			throw new IllegalStateException("No bearer is at hand and thread '" + Thread.currentThread().getName()
					+ "' must not wait for one: " + instead);
		}
		try {
			while (true) {
				try {
					return future.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
				}
				catch (TimeoutException ex) {
					if (cancelled.getAsBoolean()) {
						future.cancel(true);
						throw new IOException("Canceled while waiting for a bearer");
					}
				}
			}
		}
		catch (InterruptedException ex) {
			future.cancel(true);
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while waiting for a bearer");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof AuthenticationRequiredException required) {
				throw required;
			}
			throw new IllegalStateException("The source of bearers failed", ex.getCause());
		}
	}

}
