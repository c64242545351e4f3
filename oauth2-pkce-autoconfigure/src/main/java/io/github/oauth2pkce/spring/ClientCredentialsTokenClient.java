package io.github.oauth2pkce.spring;

import java.time.Duration;

import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * Answers Spring Security's requests for a machine's token from the one flight that
 * acquires it: however many callers ask, the server is asked once. Thread-safe; blocks.
 */
public final class ClientCredentialsTokenClient
		implements OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> {

	private final StoredLogins logins;

	private final OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> others;

	private final JoinedFlight flight;

	/**
	 * Creates the client.
	 * @param logins the stored logins
	 * @param others asks the server for registrations that are not providers of ours
	 * @param deadline the longest that a caller waits
	 */
	public ClientCredentialsTokenClient(StoredLogins logins,
			OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> others, Duration deadline) {
		this.logins = logins;
		this.others = others;
		this.flight = new JoinedFlight(logins, deadline);
	}

	@Override
	public OAuth2AccessTokenResponse getTokenResponse(OAuth2ClientCredentialsGrantRequest request) {
		CredentialId owner = this.logins.owner(request);
		return (owner != null) ? this.flight.await(owner) : this.others.getTokenResponse(request);
	}

}
