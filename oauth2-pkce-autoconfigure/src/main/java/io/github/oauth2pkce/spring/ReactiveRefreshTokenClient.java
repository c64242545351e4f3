package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.util.Optional;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * Answers Spring Security's refresh requests from the one refresh of the credential:
 * however many callers ask, or give up, the server is asked once. Thread-safe.
 */
public final class ReactiveRefreshTokenClient
		implements ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> {

	private final StoredLogins logins;

	private final ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> others;

	private final JoinedFlight flight;

	/**
	 * Creates the client.
	 * @param logins the stored logins
	 * @param others asks the server about refresh tokens that are not stored here
	 * @param deadline the longest that a caller waits
	 */
	public ReactiveRefreshTokenClient(StoredLogins logins,
			ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> others, Duration deadline) {
		this.logins = logins;
		this.others = others;
		this.flight = new JoinedFlight(logins, deadline);
	}

	@Override
	public Mono<OAuth2AccessTokenResponse> getTokenResponse(OAuth2RefreshTokenGrantRequest request) {
		return Mono.fromCallable(() -> Optional.ofNullable(this.logins.owner(request)))
			.subscribeOn(Schedulers.boundedElastic())
			.onErrorMap(TokenStoreException.class, (ex) -> TokenFailures.unavailable(Problem.STORE_ERROR.code()))
			.flatMap((owner) -> owner.map(this.flight::mono).orElseGet(() -> this.others.getTokenResponse(request)));
	}

}
