package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Logins for clients that block: on an event loop nobody could wait for the login that
 * they have started.
 *
 * @param logins logs people in
 */
record WhereOneMayWait(RequestLogins logins) implements RequestLogins {

	@Override
	public boolean areAllowed(String providerId) {
		return !Schedulers.isInNonBlockingThread() && this.logins.areAllowed(providerId);
	}

	@Override
	public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
		return this.logins.logIn(providerId, refused);
	}

	@Override
	public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
		return this.logins.stepUp(providerId, insufficient);
	}

}
