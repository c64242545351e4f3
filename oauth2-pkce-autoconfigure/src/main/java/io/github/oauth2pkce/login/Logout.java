package io.github.oauth2pkce.login;

import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.RevocationEndpoint;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;

/**
 * Forgets logins: revoked at the server when that works (RFC 7009), forgotten here
 * always. Blocking and thread-safe.
 */
public final class Logout {

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final RevocationEndpoint revocationEndpoint;

	private final Discovery discovery;

	/**
	 * Creates the logout.
	 * @param providers the providers
	 * @param credentials keeps the logins
	 * @param logins those that run
	 * @param revocationEndpoint how tokens are revoked
	 * @param discovery where
	 */
	public Logout(Providers providers, Credentials credentials, Logins logins, RevocationEndpoint revocationEndpoint,
			Discovery discovery) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.revocationEndpoint = revocationEndpoint;
		this.discovery = discovery;
	}

	/**
	 * Forgets a login.
	 * @param id whose
	 * @return whether there was one
	 * @throws IllegalArgumentException when no provider has that id
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store could not
	 * forget it
	 */
	public boolean forget(CredentialId id) {
		Provider provider = this.providers.get(id.providerId());
		this.logins.giveUp(id);
		AtomicBoolean revoked = new AtomicBoolean();
		boolean forgotten = this.credentials.forget(id, (credential) -> revoked.set(revoke(provider, credential)));
		if (forgotten) {
			this.logins.loggedOut(id, revoked.get());
		}
		return forgotten;
	}

	private boolean revoke(Provider provider, Credential credential) {
		String refreshToken = credential.refreshToken();
		try {
			URI endpoint = this.discovery.find(provider, Endpoint.REVOCATION);
			if (endpoint == null || !belongs(provider, credential)) {
				return false;
			}
			// The refresh token first: revoking it ends the access tokens made from it.
			if (refreshToken != null) {
				this.revocationEndpoint.revoke(provider, endpoint, refreshToken, OAuth2ParameterNames.REFRESH_TOKEN);
			}
			else {
				this.revocationEndpoint.revoke(provider, endpoint, credential.accessToken(),
						OAuth2ParameterNames.ACCESS_TOKEN);
			}
			return true;
		}
		catch (RuntimeException ex) {
			EventLog.at(Level.WARN, "oauth2_revocation_failed", provider.id())
				.log("The login of '{}' is forgotten here, but not revoked at the server: {}", provider.id(),
						ex.getMessage());
			return false;
		}
	}

	/** A token goes back to the server that issued it, and to no other. */
	private boolean belongs(Provider provider, Credential credential) {
		URI tokenEndpoint = this.discovery.find(provider, Endpoint.TOKEN);
		return tokenEndpoint != null && tokenEndpoint.toString().equals(credential.origin().tokenEndpoint())
				&& provider.clientId().equals(credential.origin().clientId());
	}

}
