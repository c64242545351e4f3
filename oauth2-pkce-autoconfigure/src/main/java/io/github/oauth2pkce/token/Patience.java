package io.github.oauth2pkce.token;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/**
 * Waits for an answer that must not be given up: the server spends the refresh token that
 * it was sent, whether anybody listens or not.
 */
final class Patience {

	private Patience() {
	}

	/**
	 * Waits, and lets an interrupt wait as well.
	 * @param answer the answer; ends by itself
	 * @return the answer, {@code null} when it is empty
	 */
	static <T> @Nullable T await(Mono<T> answer) {
		CompletableFuture<T> future = answer.toFuture();
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return future.get();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
				catch (ExecutionException ex) {
					throw Exceptions.propagate(Objects.requireNonNullElse(ex.getCause(), ex));
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
