package io.github.oauth2pkce.login;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.registration.RegistrationException;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.RevocationEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
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

	private final ClientIdentities identities;

	/**
	 * Creates the logout.
	 * @param providers the providers
	 * @param credentials keeps the logins
	 * @param logins those that run
	 * @param revocationEndpoint how tokens are revoked
	 * @param discovery where
	 * @param identities ends the registrations of clients
	 */
	public Logout(Providers providers, Credentials credentials, Logins logins, RevocationEndpoint revocationEndpoint,
			Discovery discovery, ClientIdentities identities) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.revocationEndpoint = revocationEndpoint;
		this.discovery = discovery;
		this.identities = identities;
	}

	/**
	 * Forgets a login.
	 * @return whether there was one
	 * @throws IllegalArgumentException when no provider has that id
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store could not
	 * forget it
	 */
	public boolean forget(CredentialId id) {
		return logOut(id).forgotten();
	}

	/**
	 * Forgets a login, and says what the server knows of it.
	 * @return what came of it
	 * @throws IllegalArgumentException when no provider has that id
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store could not
	 * forget it
	 */
	public Result logOut(CredentialId id) {
		AtomicReference<@Nullable String> unprepared = new AtomicReference<>();
		Provider provider = prepared(this.providers.get(id.providerId()), id, unprepared);
		this.logins.giveUp(id);
		AtomicReference<@Nullable Obstacle> problem = new AtomicReference<>();
		List<Credential> logins = new ArrayList<>();
		// More than one where a version without namespaces has left another.
		boolean forgotten = this.credentials.forget(id, (credential) -> {
			String away = LoginTransfers.away(credential);
			String why = (away != null) ? away + ": import it, then log out again" : unprepared.get();
			problem.compareAndSet(null, (why != null) ? new Obstacle(why, true) : revoke(provider, credential));
			logins.add(credential);
		});
		if (logins.isEmpty()) {
			problem.set(new Obstacle("the stored login cannot be read", true));
		}
		logins.forEach((login) -> unregister(provider, login));
		if (!forgotten) {
			return new Result(false, false, true, null);
		}
		Obstacle obstacle = problem.get();
		String notRevoked = (obstacle != null) ? obstacle.reason() : null;
		if (notRevoked != null) {
			EventLog.at(Level.WARN, "oauth2_revocation_failed", provider.id())
				.log("The login of '{}' is forgotten here, but not revoked at the server: {}", provider.id(),
						notRevoked);
		}
		this.logins.loggedOut(id, notRevoked == null);
		return new Result(true, obstacle == null, obstacle == null || obstacle.revocable(), notRevoked);
	}

	/**
	 * Reads what authenticates the client, before the locks are taken. If that fails, the
	 * logout goes on, without revoking.
	 * @param problem is set to why it failed
	 */
	private Provider prepared(Provider provider, CredentialId id, AtomicReference<@Nullable String> problem) {
		try {
			// A command's process has not looked at the store before.
			this.credentials.load(id);
			Credential login = this.credentials.known(id);
			if (login != null && login.origin().client() != null) {
				this.identities.withPresentKey(this.identities.restored(provider, login));
			}
			return this.revocationEndpoint.prepared(provider);
		}
		catch (ForeignTokenException | RegistrationException ex) {
			problem.set(String.valueOf(ex.getMessage()));
		}
		catch (RuntimeException | Error ex) {
			// Its message may quote what was read.
			problem.set("what authenticates this client cannot be read (" + ex.getClass().getSimpleName() + ")");
		}
		return provider;
	}

	/**
	 * Revokes at the server.
	 * @return why it is not revoked, {@code null} when it is
	 */
	private @Nullable Obstacle revoke(Provider configured, Credential credential) {
		String refreshToken = credential.refreshToken();
		Provider provider = configured;
		try {
			provider = this.identities.restored(configured, credential);
			URI endpoint = this.discovery.find(provider, Endpoint.REVOCATION);
			if (endpoint == null) {
				return new Obstacle("it has no revocation endpoint (oauth2.pkce.providers." + provider.id()
						+ ".revocation-uri), so the refresh token works there until the session ends", false);
			}
			if (!belongs(provider, credential)) {
				return new Obstacle(
						"it was issued by another token endpoint, or to another client, than is configured now", true);
			}
			// The refresh token first: revoking it ends the access tokens made from it.
			if (refreshToken != null) {
				this.revocationEndpoint.revoke(provider, endpoint, refreshToken, OAuth2ParameterNames.REFRESH_TOKEN);
			}
			else {
				this.revocationEndpoint.revoke(provider, endpoint, credential.accessToken(),
						OAuth2ParameterNames.ACCESS_TOKEN);
			}
			return null;
		}
		catch (TokenRequestException ex) {
			// RFC 7009 section 2.1 lets public clients revoke, some servers do not.
			boolean unauthenticated = ex.status() == 401
					&& ClientAuthenticationMethod.NONE.equals(provider.client().authenticationMethod());
			return new Obstacle(
					ex.getMessage()
							+ (unauthenticated ? " (this server may not let clients without a secret revoke)" : ""),
					true);
		}
		catch (RuntimeException ex) {
			return new Obstacle(String.valueOf(ex.getMessage()), true);
		}
	}

	/** After the login, whose tokens could not be revoked otherwise. */
	private void unregister(Provider provider, Credential login) {
		RegisteredClient client = login.origin().client();
		// All users share one registered client: it stays.
		if (client != null && provider.principal() == PrincipalKind.APPLICATION) {
			String issuer = login.origin().issuer();
			this.identities.forget((issuer != null) ? provider.withIssuer(issuer) : provider, client);
		}
	}

	/** A token goes back to the server that issued it, and to no other. */
	private boolean belongs(Provider provider, Credential credential) {
		URI tokenEndpoint = this.discovery.find(provider, Endpoint.TOKEN);
		return tokenEndpoint != null && tokenEndpoint.toString().equals(credential.origin().tokenEndpoint())
				&& provider.client().id().equals(credential.origin().clientId());
	}

	/**
	 * What came of a logout.
	 *
	 * @param forgotten whether there was a login
	 * @param revoked whether the server has revoked it as well
	 * @param revocable whether the server revokes logins at all
	 * @param problem why the server has not, {@code null} when it has, and when there was
	 * nothing to revoke
	 */
	public record Result(boolean forgotten, boolean revoked, boolean revocable, @Nullable String problem) {

	}

	/** Why a login is not revoked. */
	private record Obstacle(String reason, boolean revocable) {

	}

}
