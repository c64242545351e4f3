package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenEndpoint;

/** What all credentials share. Thread-safe. */
record CredentialSupport(TokenEndpoint tokenEndpoint, Map<Grant, MachineGrant> machineGrants, Discovery discovery,
		RefreshSettings settings, InstantSource clock, InstantSource steady, Function<String, Executor> executors,
		Listeners<RefreshListener> listeners) {

	private static final Logger logger = LoggerFactory.getLogger(RefreshFlight.class);

	private static final Duration LATER = Duration.ofSeconds(5);

	/**
	 * Runs work on a worker.
	 * @return {@code false} when there is none: the application is stopping, or the
	 * system has no thread left
	 */
	boolean execute(CredentialId id, Runnable task) {
		try {
			this.executors.apply(id.providerId()).execute(task);
			return true;
		}
		catch (RuntimeException | Error ex) {
			logger.debug("There is no worker for the credential of {} now", id, ex);
			return false;
		}
	}

	/** Runs work on a worker in a few seconds, if there is one then. */
	void later(CredentialId id, Runnable task) {
		try {
			CompletableFuture.delayedExecutor(LATER.toMillis(), TimeUnit.MILLISECONDS, (work) -> execute(id, work))
				.execute(task);
		}
		catch (RuntimeException | Error ex) {
			// The next flight does it.
			logger.debug("There is no timer for the credential of {} now", id, ex);
		}
	}

	void unexpected(CredentialId id, Throwable failure) {
		try {
			logger.error("Refreshing the credential of {} failed unexpectedly", id, failure);
		}
		catch (RuntimeException | Error ex) {
			// Logging is other people's code.
		}
	}

}
