package io.github.oauth2pkce.runtime;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RequestLogins;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Logins that requests start, looked for by the first request that could need one, for
 * the reasons of {@link LateTokenSource}.
 */
public final class LateRequestLogins implements RequestLogins {

	private final ObjectProvider<RequestLogins> provider;

	private volatile @Nullable RequestLogins logins;

	public LateRequestLogins(ObjectProvider<RequestLogins> provider) {
		this.provider = provider;
	}

	private RequestLogins logins() {
		RequestLogins logins = this.logins;
		if (logins == null) {
			logins = this.provider.getIfAvailable(() -> NEVER);
			this.logins = logins;
		}
		return logins;
	}

	@Override
	public boolean areAllowed(String providerId) {
		return logins().areAllowed(providerId);
	}

	@Override
	public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
		return logins().logIn(providerId, refused);
	}

	@Override
	public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
		return logins().stepUp(providerId, insufficient);
	}

}
