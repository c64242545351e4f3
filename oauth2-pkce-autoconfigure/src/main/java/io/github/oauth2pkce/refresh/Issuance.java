package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * What one credential's server is asked for, and the record that its answer makes.
 * Thread-safe.
 */
final class Issuance {

	private final CredentialId id;

	private final Provider provider;

	private final TokenEndpoint tokenEndpoint;

	private final @Nullable MachineGrant machineGrant;

	private final Discovery discovery;

	/**
	 * Creates the issuance of a credential.
	 * @param machineGrant obtains its tokens, {@code null} where a person is needed
	 */
	Issuance(CredentialId id, Provider provider, TokenEndpoint tokenEndpoint, @Nullable MachineGrant machineGrant,
			Discovery discovery) {
		this.id = id;
		this.provider = provider;
		this.tokenEndpoint = tokenEndpoint;
		this.machineGrant = machineGrant;
		this.discovery = discovery;
	}

	/**
	 * Where a request would go; may ask the network, so no lock is held.
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when it is not known
	 */
	Target target() {
		return new Target(this.discovery.withResources(this.provider),
				this.discovery.endpoint(this.provider, Endpoint.TOKEN));
	}

	/**
	 * Refreshes a person's token, or acquires a machine's.
	 */
	TokenResponse request(Target target, @Nullable Credential stored) {
		if (!this.provider.grant().needsPerson()) {
			return machineGrant().obtain(target.provider(), target.tokenEndpoint());
		}
		if (stored == null || stored.refreshToken() == null) {
			throw new IllegalStateException("There is nothing to refresh");
		}
		return this.tokenEndpoint.refresh(target.provider(), target.tokenEndpoint(), stored.refreshToken());
	}

	private MachineGrant machineGrant() {
		if (this.machineGrant == null) {
			throw new IllegalStateException("There is no MachineGrant for " + this.provider.grant().tag());
		}
		return this.machineGrant;
	}

	/** Whether the refresh token was issued by this endpoint: it goes to no other. */
	boolean isFrom(Target target, @Nullable Credential stored) {
		return stored == null || !this.provider.grant().needsPerson()
				|| target.tokenEndpoint().toString().equals(stored.origin().tokenEndpoint());
	}

	/** The record after such an answer. */
	Credential renewed(Target target, @Nullable Credential stored, TokenResponse response, Instant now) {
		if (stored != null && this.provider.grant().needsPerson()) {
			return stored.refreshed(response, expiresIn(response), now);
		}
		return issued(target.tokenEndpoint(), response, PendingWrite.generationOf(stored), now);
	}

	/** The record of a new login. */
	Credential issued(URI tokenEndpoint, TokenResponse response, long previous, Instant now) {
		Origin origin = new Origin(this.provider.issuerUri(), tokenEndpoint.toString(), this.provider.client().id());
		return Credential.issued(this.id, origin, response, this.provider.request().scopes(), expiresIn(response),
				previous, now);
	}

	private @Nullable Duration expiresIn(TokenResponse response) {
		return (response.expiresIn() != null) ? response.expiresIn() : this.provider.tokens().assumeExpiry();
	}

	/**
	 * Where a request goes.
	 *
	 * @param provider the provider, its resources known
	 * @param tokenEndpoint the endpoint
	 */
	record Target(Provider provider, URI tokenEndpoint) {

		/** The endpoint as a message may show it. */
		String endpointWithoutQuery() {
			String text = this.tokenEndpoint.toString();
			int query = text.indexOf('?');
			return (query >= 0) ? text.substring(0, query) : text;
		}

	}

}
