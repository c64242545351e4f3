package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * How Spring Security's token clients, of both stacks and of each grant, get their answer
 * from the one flight of a credential. Thread-safe.
 *
 * @param logins the stored logins
 * @param deadline the longest that a caller waits
 */
record JoinedFlight(StoredLogins logins, Duration deadline) {

	/** The answer for a thread that waits. */
	OAuth2AccessTokenResponse await(CredentialId id) {
		try {
			BearerToken token = this.logins.refresh(id).get(this.deadline.toNanos(), TimeUnit.NANOSECONDS);
			return this.logins.answer(id, token);
		}
		catch (TimeoutException ex) {
			throw TokenFailures.unavailable(Problem.TIMEOUT.code());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw TokenFailures.unavailable(Problem.INTERRUPTED.code());
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A refresh never fails", ex);
		}
	}

	/** The answer for a subscriber. */
	Mono<OAuth2AccessTokenResponse> mono(CredentialId id) {
		// Suppressing cancellation: the flight belongs to everybody.
		return Mono.fromFuture(() -> this.logins.refresh(id), true)
			.publishOn(Schedulers.parallel())
			.timeout(this.deadline)
			.onErrorMap(TimeoutException.class, (ex) -> TokenFailures.unavailable(Problem.TIMEOUT.code()))
			.map((token) -> this.logins.answer(id, token));
	}

}
