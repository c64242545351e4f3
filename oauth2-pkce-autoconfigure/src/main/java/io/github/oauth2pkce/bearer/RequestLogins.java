package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Logins that a request may start and wait for: only under the setting that allows for
 * it. However many requests wait, there is one login. Thread-safe; never blocks.
 */
public interface RequestLogins {

	/** No request ever prompts. */
	RequestLogins NEVER = new RequestLogins() {

		@Override
		public boolean areAllowed(String providerId) {
			return false;
		}

		@Override
		public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
			return Mono.empty();
		}

		@Override
		public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
			return Mono.empty();
		}

	};

	/**
	 * Whether requests of a provider may start logins. Cheap.
	 * @param providerId the provider
	 * @return {@code false} when a request is sent without a bearer instead
	 */
	boolean areAllowed(String providerId);

	/**
	 * Logs in where no login is of use any more, or joins the login that runs.
	 * @param providerId the provider
	 * @param refused the bearer that the resource refused and that no refresh can
	 * replace, {@code null} when the request had none
	 * @return the bearer afterwards; empty when there is none, or it is too early to ask
	 * a person again. Cancelling does not cancel the login
	 */
	Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused);

	/**
	 * Logs in for more than the present login is good for.
	 * @param providerId the provider
	 * @param insufficient the bearer that was not enough
	 * @return the bearer afterwards; empty when there is no other one
	 */
	Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient);

}
