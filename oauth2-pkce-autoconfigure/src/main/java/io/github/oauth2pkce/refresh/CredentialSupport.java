package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenEndpoint;

/** What all credentials share. Thread-safe. */
record CredentialSupport(TokenEndpoint tokenEndpoint, Discovery discovery, RefreshSettings settings,
		InstantSource clock, InstantSource steady, Executor executor, List<RefreshListener> listeners) {

	private static final Logger logger = LoggerFactory.getLogger(RefreshFlight.class);

	private static final Duration LATER = Duration.ofSeconds(5);

	void later(Runnable task) {
		CompletableFuture.delayedExecutor(LATER.toMillis(), TimeUnit.MILLISECONDS, this.executor).execute(task);
	}

	void refreshed(RefreshListener.Refresh refresh) {
		tell((listener) -> listener.refreshed(refresh));
	}

	void storeFailed(CredentialId id, String operation, Exception failure) {
		tell((listener) -> listener.storeFailed(id, operation, failure));
	}

	void scopesMissing(CredentialId id, Set<String> missing) {
		tell((listener) -> listener.scopesMissing(id, missing));
	}

	/** A listener's failure is its own: the token is stored and stays usable. */
	private void tell(Consumer<RefreshListener> event) {
		for (RefreshListener listener : this.listeners) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException ex) {
				logger.warn("A refresh listener failed", ex);
			}
		}
	}

	void unexpected(CredentialId id, Throwable failure) {
		logger.error("Refreshing the credential of {} failed unexpectedly", id, failure);
	}

}
