package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.store.CredentialId;

/**
 * Runs the blocking work of one credential, never on the calling thread. Thread-safe.
 *
 * @param id the credential
 * @param executors the executors by provider id
 */
record Worker(CredentialId id, Function<String, Executor> executors) {

	private static final Logger logger = LoggerFactory.getLogger(Worker.class);

	private static final Duration LATER = Duration.ofSeconds(5);

	/**
	 * Runs a task.
	 * @return {@code false} when there is no thread: the application is stopping, or the
	 * system has none left
	 */
	boolean execute(Runnable task) {
		try {
			this.executors.apply(this.id.providerId()).execute(task);
			return true;
		}
		catch (RuntimeException | Error ex) {
			logger.debug("There is no worker for the credential of {} now", this.id, ex);
			return false;
		}
	}

	/** Runs a task in a few seconds, if there is a thread then. */
	void later(Runnable task) {
		try {
			CompletableFuture.delayedExecutor(LATER.toMillis(), TimeUnit.MILLISECONDS, this::execute).execute(task);
		}
		catch (RuntimeException | Error ex) {
			// The next flight does it.
			logger.debug("There is no timer for the credential of {} now", this.id, ex);
		}
	}

}
