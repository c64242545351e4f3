package io.github.oauth2pkce.spring;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.IssuedTokens;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AbstractOAuth2Token;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * The credentials in Spring Security's terms: what its services and token clients, of
 * both stacks, have in common. Thread-safe.
 */
public final class StoredLogins {

	private static final Logger logger = LoggerFactory.getLogger(StoredLogins.class);

	/** A call that fails now began with a login that is older. */
	private static final Duration NEW_LOGIN = Duration.ofMinutes(1);

	private final Providers providers;

	private final Credentials credentials;

	private final InstantSource clock;

	private final WebLogins webLogins;

	private final CredentialOwners owners;

	private final SpringTokens tokens;

	private final IssuedTokenIndex handedOut = new IssuedTokenIndex();

	/**
	 * Creates the view.
	 * @param providers the providers
	 * @param credentials their credentials
	 * @param clock the wall clock
	 * @param webLogins is told of the logins that are kept
	 */
	public StoredLogins(Providers providers, Credentials credentials, InstantSource clock, WebLogins webLogins) {
		this.providers = providers;
		this.credentials = credentials;
		this.clock = clock;
		this.webLogins = webLogins;
		this.owners = new CredentialOwners(providers);
		this.tokens = new SpringTokens(providers, clock);
	}

	/** Whether a registration is one of our providers. */
	boolean isOurs(String registrationId) {
		return this.owners.isOurs(registrationId);
	}

	/** The same, and for the same client. */
	boolean isOurs(ClientRegistration registration) {
		return this.owners.isOurs(registration);
	}

	// What the services do.

	/** The credential that still is good for something; may block. */
	@Nullable Credential find(String registrationId, String principalName, boolean person) {
		CredentialId id = this.owners.named(registrationId, principalName, person);
		Credential credential = (id != null) ? this.credentials.find(id) : null;
		// Spring Security knows no empty tokens.
		return (credential == null || credential.accessToken().isBlank()) ? null : credential;
	}

	OAuth2AuthorizedClient client(ClientRegistration registration, String principalName, Credential credential) {
		checkBearer(credential);
		OAuth2AuthorizedClient client = this.tokens.client(registration, principalName, credential);
		handOut(credential.id(), client.getAccessToken(), client.getRefreshToken());
		return client;
	}

	/**
	 * Spring Security's clients make no proofs: they would send a bound token as a
	 * bearer. To find none instead would send a person to a login again and again.
	 */
	private static void checkBearer(Credential credential) {
		if (credential.origin().key() != null) {
			throw new OAuth2AuthorizationException(new OAuth2Error(Problem.UNSUPPORTED_TOKEN_TYPE.code(),
					"The token of '" + credential.id().providerId()
							+ "' is bound to a key (dpop), and Spring Security's"
							+ " clients cannot prove it: use a WebClient or RestClient of Boot's builder, without"
							+ " Spring Security's filter",
					null));
		}
	}

	private void handOut(CredentialId id, OAuth2AccessToken accessToken, @Nullable OAuth2RefreshToken refreshToken) {
		this.handedOut.add(id, accessToken);
		this.handedOut.add(id, refreshToken);
	}

	/**
	 * Keeps a new login. Tokens that came from here are stored already: whoever saves
	 * them again is one of many callers of one refresh, or late, and must not replace
	 * what came after them.
	 */
	void save(OAuth2AuthorizedClient client, Authentication principal) {
		ClientRegistration registration = client.getClientRegistration();
		if (this.handedOut.contains(client.getAccessToken())) {
			return;
		}
		CredentialId id = this.owners.loggedIn(registration.getRegistrationId(), principal);
		String tokenUri = registration.getProviderDetails().getTokenUri();
		if (id == null || tokenUri == null) {
			logger.debug("A login at {} was not kept: it belongs to nobody", registration.getRegistrationId());
			return;
		}
		boolean saved = isCopy(client, id)
				|| this.credentials.loggedIn(id, issued(client, principal, registration, tokenUri));
		handOut(id, client.getAccessToken(), client.getRefreshToken());
		this.webLogins.kept(client.getAccessToken().getTokenValue(), id.principalName(), saved);
	}

	private IssuedTokens issued(OAuth2AuthorizedClient client, Authentication principal,
			ClientRegistration registration, String tokenUri) {
		Provider provider = this.providers.get(registration.getRegistrationId());
		DpopKey key = this.webLogins.keyOf(client.getAccessToken().getTokenValue());
		if (key == null && provider.tokens().dpop()) {
			throw new IllegalStateException("The token of '" + provider.id() + "' is not kept: nobody knows its key ("
					+ provider.property("dpop") + ")");
		}
		return new IssuedTokens(provider.withKey(key), URI.create(tokenUri), this.tokens.granted(client, principal));
	}

	/**
	 * Whether all its tokens are copies of some that were handed out. A server may issue
	 * an access token that it has issued before; it is a new login for all that if its
	 * refresh token is new, or the old login is gone.
	 */
	private boolean isCopy(OAuth2AuthorizedClient client, CredentialId id) {
		OAuth2RefreshToken refreshToken = client.getRefreshToken();
		return isKnown(client.getAccessToken(), id) && (refreshToken == null || isKnown(refreshToken, id))
				&& this.credentials.find(id) != null;
	}

	private boolean isKnown(AbstractOAuth2Token token, CredentialId id) {
		return this.handedOut.owner(id.providerId(), token) != null;
	}

	/**
	 * Takes an access token out of use. Spring Security's failure handlers mean "it did
	 * not work" and name no token, so a login that can be refreshed is refreshed, at most
	 * every ten seconds, and never removed. Only a person's own login that cannot be
	 * refreshed, and is not new, goes: it would be sent in vain for ever.
	 */
	void remove(String registrationId, String principalName, boolean person) {
		Credential credential = failed(registrationId, principalName, person);
		if (credential == null) {
			// Dead already: nobody is given it, and operators see why.
			return;
		}
		Provider provider = this.providers.get(registrationId);
		if (!provider.grant().needsPerson()
				|| credential.refreshToken() != null && !credential.isRefreshTokenRejected()) {
			this.credentials.afterRejection(credential.id(), BearerToken.Available.of(credential.accessToken()));
		}
		else if (!CredentialId.APPLICATION.equals(credential.id().principalName())
				&& credential.issuedAt().plus(NEW_LOGIN).isBefore(this.clock.instant())) {
			this.credentials.forget(credential);
		}
	}

	private @Nullable Credential failed(String registrationId, String principalName, boolean person) {
		try {
			return find(registrationId, principalName, person);
		}
		catch (TokenStoreException ex) {
			// Told to the listeners; nothing can be removed.
			return null;
		}
	}

	// What the token clients do.

	/**
	 * Whose refresh token a request carries; may block.
	 * @return {@code null} when it is not one of ours
	 */
	@Nullable CredentialId owner(OAuth2RefreshTokenGrantRequest request) {
		String registrationId = request.getClientRegistration().getRegistrationId();
		if (!isOurs(registrationId)) {
			return null;
		}
		OAuth2RefreshToken refreshToken = request.getRefreshToken();
		CredentialId owner = this.handedOut.owner(registrationId, refreshToken);
		if (owner != null) {
			return owner;
		}
		CredentialId application = CredentialId.ofApplication(registrationId);
		Credential stored = this.credentials.find(application);
		return (stored != null && refreshToken.getTokenValue().equals(stored.refreshToken())) ? application : null;
	}

	/**
	 * Whose token a machine's request is for; from memory.
	 * @return {@code null} when it is not one of ours
	 */
	@Nullable CredentialId owner(OAuth2ClientCredentialsGrantRequest request) {
		return this.owners.machine(request.getClientRegistration());
	}

	/**
	 * Joins or starts the flight. A token that our rules call usable comes back at once,
	 * although Spring Security asks from 60 s before the end of it: it is good for the
	 * request at hand, the server is not asked at each call of the last minute, and a
	 * successor is fetched ahead in the background. Scopes that were asked for are not
	 * passed on: a request parameter of some browser must not narrow everybody's token.
	 */
	CompletableFuture<BearerToken> refresh(CredentialId id) {
		return this.credentials.current(id, RefreshTrigger.EXPIRY);
	}

	/**
	 * What the token endpoint would have said.
	 * @throws OAuth2AuthorizationException with {@code invalid_grant} only when a person
	 * has to log in, or when a server says so to a machine
	 */
	OAuth2AccessTokenResponse answer(CredentialId id, BearerToken token) {
		if (token instanceof BearerToken.Skipped skipped) {
			throw failure(id, skipped);
		}
		Credential credential = this.credentials.known(id);
		if (credential == null || credential.accessToken().isBlank()) {
			throw TokenFailures.unavailable("the login has just changed");
		}
		checkBearer(credential);
		OAuth2AccessTokenResponse response = this.tokens.response(credential);
		handOut(id, response.getAccessToken(), response.getRefreshToken());
		return response;
	}

	private OAuth2AuthorizationException failure(CredentialId id, BearerToken.Skipped skipped) {
		if (!skipped.state().needsPerson()) {
			return TokenFailures.unavailable(skipped.reason().toString());
		}
		return this.providers.get(id.providerId()).grant().needsPerson() ? TokenFailures.ended(skipped.reason())
				: TokenFailures.refused(this.credentials.status(id).lastError());
	}

}
