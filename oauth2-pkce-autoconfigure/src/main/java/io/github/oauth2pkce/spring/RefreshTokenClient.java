package io.github.oauth2pkce.spring;

import java.time.Duration;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * Answers Spring Security's refresh requests from the one refresh of the credential:
 * however many callers ask, the server is asked once. Thread-safe; blocks.
 */
public final class RefreshTokenClient implements OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> {

	private final StoredLogins logins;

	private final OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> others;

	private final JoinedFlight flight;

	/**
	 * Creates the client.
	 * @param logins the stored logins
	 * @param others asks the server about refresh tokens that are not stored here
	 * @param deadline the longest that a caller waits
	 */
	public RefreshTokenClient(StoredLogins logins,
			OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> others, Duration deadline) {
		this.logins = logins;
		this.others = others;
		this.flight = new JoinedFlight(logins, deadline);
	}

	@Override
	public OAuth2AccessTokenResponse getTokenResponse(OAuth2RefreshTokenGrantRequest request) {
		try {
			CredentialId owner = this.logins.owner(request);
			return (owner != null) ? this.flight.await(owner) : this.others.getTokenResponse(request);
		}
		catch (TokenStoreException ex) {
			throw TokenFailures.unavailable(Problem.STORE_ERROR.code());
		}
	}

}
