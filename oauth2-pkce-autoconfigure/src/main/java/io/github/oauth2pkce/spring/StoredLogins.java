package io.github.oauth2pkce.spring;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.code.AnsweredLogins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * The credentials in Spring Security's terms: what its services and token clients, of
 * both stacks, have in common. Thread-safe.
 */
public final class StoredLogins {

	private static final Logger logger = LoggerFactory.getLogger(StoredLogins.class);

	/** Spring Security's name for nobody, which all strangers share. */
	private static final String NOBODY = "anonymousUser";

	/** Answers have to end at some time; nobody holds on to one for so long. */
	private static final Duration NEVER = Duration.ofDays(36_500);

	/** A call that fails now began with a login that is older. */
	private static final Duration NEW_LOGIN = Duration.ofMinutes(1);

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	private final Providers providers;

	private final Credentials credentials;

	private final InstantSource clock;

	private final AnsweredLogins answered;

	private final HandedOut handedOut = new HandedOut();

	/**
	 * Creates the view.
	 * @param providers the providers
	 * @param credentials their credentials
	 * @param clock the wall clock
	 * @param answered is told of the logins that are kept
	 */
	public StoredLogins(Providers providers, Credentials credentials, InstantSource clock, AnsweredLogins answered) {
		this.providers = providers;
		this.credentials = credentials;
		this.clock = clock;
		this.answered = answered;
	}

	/** Whether a registration is one of our providers. */
	boolean isOurs(String registrationId) {
		return this.providers.find(registrationId) != null;
	}

	/**
	 * Whose credential a name means. Nobody is the application where the provider's
	 * credential is the application's, and has none elsewhere; a machine's token is the
	 * application's whoever asks.
	 */
	private @Nullable CredentialId id(String registrationId, String principalName) {
		Provider provider = this.providers.get(registrationId);
		if (!provider.isUserGrant()) {
			return CredentialId.ofApplication(registrationId);
		}
		boolean nobody = NOBODY.equals(principalName);
		if (provider.principal() == PrincipalKind.APPLICATION) {
			return nobody ? CredentialId.ofApplication(registrationId)
					: new CredentialId(registrationId, principalName);
		}
		// A user who is called as the application has no login: it could be its own.
		return (nobody || CredentialId.APPLICATION.equals(principalName)) ? null
				: new CredentialId(registrationId, principalName);
	}

	// What the services do.

	/** The credential that still is good for something; may block. */
	@Nullable Credential find(String registrationId, String principalName) {
		CredentialId id = id(registrationId, principalName);
		Credential credential = (id != null) ? this.credentials.find(id) : null;
		// Spring Security knows no empty tokens.
		if (credential == null || credential.accessToken().isBlank()) {
			return null;
		}
		this.handedOut.add(credential);
		return credential;
	}

	OAuth2AuthorizedClient client(ClientRegistration registration, String principalName, Credential credential) {
		Instant issuedAt = credential.issuedAt();
		Instant expiresAt = expiresAt(credential);
		if (expiresAt != null && !expiresAt.isAfter(issuedAt)) {
			// Spring Security refuses a token that had ended before it was issued.
			issuedAt = expiresAt.minusSeconds(1);
		}
		OAuth2AccessToken accessToken = new OAuth2AccessToken(TokenType.BEARER, credential.accessToken(), issuedAt,
				expiresAt, credential.scopes());
		String refreshToken = credential.refreshToken();
		return new OAuth2AuthorizedClient(registration, principalName, accessToken,
				(refreshToken != null) ? new OAuth2RefreshToken(refreshToken, credential.issuedAt()) : null);
	}

	/** None is what Spring Security takes for "does not end". */
	private @Nullable Instant expiresAt(Credential credential) {
		Instant expiresAt = credential.expiresAt();
		boolean once = expiresAt == null && !this.providers.get(credential.id().providerId()).isUserGrant();
		return once ? credential.issuedAt().plusSeconds(1) : expiresAt;
	}

	/**
	 * Keeps a new login. Tokens that came from here are stored already: whoever saves
	 * them again is one of many callers of one refresh, or late, and must not replace
	 * what came after them.
	 */
	void save(OAuth2AuthorizedClient client, Authentication principal) {
		ClientRegistration registration = client.getClientRegistration();
		OAuth2AccessToken accessToken = client.getAccessToken();
		if (this.handedOut.owner(registration.getRegistrationId(), accessToken.getTokenValue()) != null) {
			return;
		}
		CredentialId id = idOf(registration.getRegistrationId(), principal);
		String tokenUri = registration.getProviderDetails().getTokenUri();
		if (id == null || tokenUri == null) {
			logger.debug("A login at {} was not kept: it belongs to nobody", registration.getRegistrationId());
			return;
		}
		OAuth2RefreshToken refreshToken = client.getRefreshToken();
		String refreshValue = (refreshToken != null) ? refreshToken.getTokenValue() : null;
		Set<String> scopes = accessToken.getScopes();
		boolean saved = this.credentials.loggedIn(id, URI.create(tokenUri),
				new TokenResponse(accessToken.getTokenValue(), expiresIn(accessToken), refreshValue, null,
						scopes.isEmpty() ? null : scopes));
		this.handedOut.add(id, accessToken.getTokenValue(), refreshValue);
		this.answered.kept(accessToken.getTokenValue(), id.principalName(), saved);
	}

	/**
	 * A person may be called anything, but not be taken for the application: their login
	 * would replace its own.
	 */
	private @Nullable CredentialId idOf(String registrationId, Authentication principal) {
		boolean person = TRUST.isAuthenticated(principal);
		CredentialId id = id(registrationId, person || !TRUST.isAnonymous(principal) ? principal.getName() : NOBODY);
		Provider provider = this.providers.get(registrationId);
		boolean application = CredentialId.ofApplication(registrationId).equals(id);
		return (person && application && provider.isUserGrant() && provider.principal() == PrincipalKind.APPLICATION)
				? null : id;
	}

	/** One second is what Spring Security makes of an answer without a lifetime. */
	private @Nullable Duration expiresIn(OAuth2AccessToken token) {
		Instant issuedAt = token.getIssuedAt();
		Instant expiresAt = token.getExpiresAt();
		if (expiresAt == null || (issuedAt != null && !expiresAt.isAfter(issuedAt.plusSeconds(1)))) {
			return null;
		}
		Duration left = Duration.between(this.clock.instant(), expiresAt);
		return left.isNegative() ? Duration.ZERO : left;
	}

	/**
	 * Takes an access token out of use. Spring Security's failure handlers mean "it did
	 * not work" and name no token, so a login that can be refreshed is refreshed, at most
	 * every ten seconds, and never removed. Only a person's own login that cannot be
	 * refreshed, and is not new, goes: it would be sent in vain for ever.
	 */
	void remove(String registrationId, String principalName) {
		Credential credential = failed(registrationId, principalName);
		if (credential == null) {
			// Dead already: nobody is given it, and operators see why.
			return;
		}
		Provider provider = this.providers.get(registrationId);
		if (!provider.isUserGrant() || credential.refreshToken() != null && !credential.isRefreshTokenRejected()) {
			this.credentials.afterRejection(credential.id(), BearerToken.Available.of(credential.accessToken()));
		}
		else if (!CredentialId.APPLICATION.equals(credential.id().principalName())
				&& credential.issuedAt().plus(NEW_LOGIN).isBefore(this.clock.instant())) {
			this.credentials.forget(credential);
		}
	}

	private @Nullable Credential failed(String registrationId, String principalName) {
		try {
			return find(registrationId, principalName);
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
		String refreshToken = request.getRefreshToken().getTokenValue();
		CredentialId owner = this.handedOut.owner(registrationId, refreshToken);
		if (owner != null) {
			return owner;
		}
		CredentialId application = CredentialId.ofApplication(registrationId);
		Credential stored = this.credentials.find(application);
		return (stored != null && refreshToken.equals(stored.refreshToken())) ? application : null;
	}

	/**
	 * Whose token a machine's request is for; from memory.
	 * @return {@code null} when it is not one of ours, by its name or by its client: what
	 * one client was granted is not another's
	 */
	@Nullable CredentialId owner(OAuth2ClientCredentialsGrantRequest request) {
		ClientRegistration registration = request.getClientRegistration();
		Provider provider = this.providers.find(registration.getRegistrationId());
		boolean ours = provider != null && !provider.isUserGrant()
				&& provider.clientId().equals(registration.getClientId());
		return ours ? CredentialId.ofApplication(registration.getRegistrationId()) : null;
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
			throw skipped.state().needsPerson() ? ended(id, skipped) : unavailable(skipped.reason().toString());
		}
		Credential credential = this.credentials.known(id);
		if (credential == null || credential.accessToken().isBlank()) {
			throw unavailable("the login has just changed");
		}
		this.handedOut.add(credential);
		return OAuth2AccessTokenResponse.withToken(credential.accessToken())
			.tokenType(TokenType.BEARER)
			.expiresIn(secondsLeft(credential))
			.scopes(credential.scopes())
			.refreshToken(credential.refreshToken())
			.build();
	}

	/**
	 * A machine's client was refused, which no login mends: the server's code says why.
	 */
	private OAuth2AuthorizationException ended(CredentialId id, BearerToken.Skipped skipped) {
		if (this.providers.get(id.providerId()).isUserGrant()) {
			return failure(OAuth2ErrorCodes.INVALID_GRANT, "The login has ended: " + skipped.reason());
		}
		String code = this.credentials.status(id).lastError();
		return failure((code != null) ? code : OAuth2ErrorCodes.INVALID_CLIENT,
				"The authorization server refuses this client");
	}

	private long secondsLeft(Credential credential) {
		Instant expiresAt = expiresAt(credential);
		return (expiresAt != null) ? Duration.between(this.clock.instant(), expiresAt).toSeconds() : NEVER.toSeconds();
	}

	/** A code for which no failure handler of Spring Security removes a login. */
	static OAuth2AuthorizationException unavailable(String reason) {
		return failure(OAuth2ErrorCodes.TEMPORARILY_UNAVAILABLE, "There is no token for now: " + reason);
	}

	private static OAuth2AuthorizationException failure(String code, String description) {
		return new OAuth2AuthorizationException(new OAuth2Error(code, description, null));
	}

}
