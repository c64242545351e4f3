package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenResponse;

/** What one credential's server is asked for, and the record that its answer makes. */
final class Issuance {

	private final CredentialId id;

	private final Provider provider;

	private final CredentialSupport support;

	Issuance(CredentialId id, Provider provider, CredentialSupport support) {
		this.id = id;
		this.provider = provider;
		this.support = support;
	}

	/**
	 * Refreshes a person's token, or acquires a machine's.
	 * @throws ForeignTokenEndpointException when the refresh token is another server's
	 */
	TokenResponse request(@Nullable Credential stored) {
		URI tokenEndpoint = tokenEndpoint();
		if (!this.provider.isUserGrant()) {
			return this.support.tokenEndpoint().clientCredentials(withResources(), tokenEndpoint);
		}
		if (stored == null || stored.refreshToken() == null) {
			throw new IllegalStateException("There is nothing to refresh");
		}
		if (!tokenEndpoint.toString().equals(stored.origin().tokenEndpoint())) {
			throw new ForeignTokenEndpointException();
		}
		return this.support.tokenEndpoint().refresh(withResources(), tokenEndpoint, stored.refreshToken());
	}

	/** The record after such an answer. */
	Credential renewed(@Nullable Credential stored, TokenResponse response) {
		if (stored != null && this.provider.isUserGrant()) {
			return stored.refreshed(response, expiresIn(response), this.support.clock().instant());
		}
		return issued(tokenEndpoint(), response, StoredCredential.generation(stored));
	}

	/** The record of a new login. */
	Credential issued(URI tokenEndpoint, TokenResponse response, long previous) {
		Origin origin = new Origin(this.provider.issuerUri(), tokenEndpoint.toString(), this.provider.clientId());
		return Credential.issued(this.id, origin, response, this.provider.scopes(), expiresIn(response), previous,
				this.support.clock().instant());
	}

	private Provider withResources() {
		return this.support.discovery().withResources(this.provider);
	}

	private URI tokenEndpoint() {
		return this.support.discovery().endpoint(this.provider, Endpoint.TOKEN);
	}

	private @Nullable Duration expiresIn(TokenResponse response) {
		return (response.expiresIn() != null) ? response.expiresIn() : this.provider.assumeExpiry();
	}

}
