package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.security.core.context.ReactiveSecurityContextHolder;

/**
 * Supplies bearers without ever prompting: it reuses a stored token or refreshes it, and
 * when it can do neither it says why. Thread-safe; never blocks the caller.
 */
public interface BearerTokenSource {

	/**
	 * The bearer of a provider, for the credential that the provider is configured to
	 * use. For {@code principal: current-user} that is the user of the Reactor context,
	 * else of the subscribing thread.
	 * @param providerId the provider
	 * @return exactly one value, never an error and never empty: whatever goes wrong is a
	 * {@link BearerToken.Skipped}. Cancelling does not stop a refresh that has begun.
	 * @throws IllegalArgumentException when no provider has that id
	 */
	Mono<BearerToken> current(String providerId);

	/**
	 * The bearer of a named user, for work that no signed-in user has asked for just now.
	 * @param providerId the provider
	 * @param principalName the name under which the user was signed in when they logged
	 * in; without effect for {@code principal: application}
	 * @return as {@link #current(String)}
	 * @throws IllegalArgumentException when no provider has that id
	 */
	default Mono<BearerToken> current(String providerId, String principalName) {
		return current(providerId)
			.contextWrite(ReactiveSecurityContextHolder.withAuthentication(RequestUser.named(principalName)));
	}

	/**
	 * The bearer at hand, if there is one that is valid this instant: a read, without
	 * waiting. Starts a refresh in the background when the token is about to end.
	 * @param providerId the provider
	 * @return the bearer, or {@code null} when {@link #current} has to be asked
	 */
	default BearerToken.@Nullable Available atHand(String providerId) {
		return null;
	}

	/**
	 * What to use after a resource rejected a bearer with {@code invalid_token} (RFC 6750
	 * section 3.1): the newer token if there is one, else a refreshed one. The login is
	 * kept whatever the resource said.
	 * @param providerId the provider
	 * @param rejected the bearer that was sent
	 * @return exactly one value, never an error; the rejected bearer itself means as
	 * little as a {@link BearerToken.Skipped}
	 */
	default Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
		return current(providerId);
	}

	/**
	 * Tells that a resource, which had rejected a bearer, has taken another one: its word
	 * is good, and the next rejection may be acted upon at once.
	 * @param providerId the provider
	 * @return completes when it has been noted; never an error
	 */
	default Mono<Void> taken(String providerId) {
		return Mono.empty();
	}

}
