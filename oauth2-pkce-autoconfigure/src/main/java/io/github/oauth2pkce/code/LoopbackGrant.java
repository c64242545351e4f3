package io.github.oauth2pkce.code;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.registration.RegistrationException;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.AuthorizationExpiredException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;

/**
 * The authorization code grant (RFC 6749 section 4.1) of an application without a web
 * server: a person's browser brings the code to a port that is open for one login (RFC
 * 8252 section 7.3), with a proof key (RFC 7636) and the check of who answers (RFC 9207).
 * Blocking; thread-safe.
 */
public final class LoopbackGrant {

	private final TokenEndpoint tokenEndpoint;

	private final Discovery discovery;

	private final ClientIdentities identities;

	private final PushedAuthorizationRequests pushed;

	private final Duration timeout;

	private final @Nullable String application;

	/**
	 * By provider: scopes that the server has refused to a client registered for them.
	 */
	private final Map<String, Set<String>> refusedScopes = new ConcurrentHashMap<>();

	/**
	 * Creates the grant.
	 * @param tokenEndpoint redeems codes
	 * @param discovery finds the endpoints
	 * @param identities finds out who we are to a server that nobody has configured
	 * @param timeout how long a person may take
	 * @param application what the last page calls the application, {@code null} when it
	 * has no name
	 */
	public LoopbackGrant(TokenEndpoint tokenEndpoint, Discovery discovery, ClientIdentities identities,
			Duration timeout, @Nullable String application) {
		this.tokenEndpoint = tokenEndpoint;
		this.discovery = discovery;
		this.identities = identities;
		this.pushed = new PushedAuthorizationRequests(tokenEndpoint.client(), discovery);
		this.timeout = timeout;
		this.application = application;
	}

	/**
	 * {@return how long a person may take}
	 */
	public Duration timeout() {
		return this.timeout;
	}

	/**
	 * Sends a person to the authorization server and waits until they are back.
	 * @param configured the provider
	 * @param prompt shows the address on this machine at which the login begins, and to
	 * which server it leads; called once, when the port is open. It works in one browser,
	 * and gives the login to whoever opens it first
	 * @param keep is given the tokens and the endpoint that issued them, before the
	 * person is told that it worked; whether they are saved, which the person is told as
	 * well. What it throws ends the login, and its message is shown
	 * @throws InterruptedException when the login was cancelled
	 * @throws AuthorizationDeniedException when the person said no
	 * @throws AuthorizationExpiredException when nobody came back in time
	 * @throws CodeLoginException when the authorization endpoint answered with another
	 * error, two browsers opened the address, or the port is not free
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the token endpoint
	 * said no
	 * @throws AuthorizationServerUnreachableException when it said nothing
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when an endpoint or the
	 * resource is not known
	 * @throws io.github.oauth2pkce.registration.RegistrationException when this
	 * application is no client of the server
	 */
	public void login(Provider configured, BiConsumer<Provider, URI> prompt, Predicate<IssuedTokens> keep)
			throws InterruptedException {
		Provider known = this.discovery.resolve(configured);
		URI authorizationEndpoint = this.discovery.endpoint(known, Endpoint.AUTHORIZATION);
		if (authorizationEndpoint.getRawFragment() != null || authorizationEndpoint.getRawUserInfo() != null) {
			throw CodeLoginException.unusableEndpoint(known.id());
		}
		// Both endpoints before the first request: no code that nobody can redeem.
		URI tokenEndpoint = this.discovery.endpoint(known, Endpoint.TOKEN);
		this.discovery.checkProofs(known);
		URI pushEndpoint = this.pushed.endpoint(known);
		try (LoopbackListener listener = listener(known)) {
			// With the port: servers compare the redirect URI of a registration whole.
			RegisteredClient before = this.identities.registered(known);
			Provider provider = this.identities.identified(known, listener.redirectUri());
			boolean isNew = isNew(provider.client().registered(), before);
			AuthorizationRequest request = new AuthorizationRequest(provider, listener.redirectUri());
			StartPage start = new StartPage(listener.redirectUri(),
					() -> sent(provider, pushEndpoint, request.uri(authorizationEndpoint)), pushEndpoint != null);
			try (LoopbackAnswers answers = new LoopbackAnswers(provider.id(), request, issuerCheck(provider), start)) {
				listener.start(Map.of(listener.path(), answers::receive, start.path(), answers::begin));
				prompt.accept(provider, start.uri());
				keep(provider, redeem(provider, isNew, tokenEndpoint, request, answers), keep, answers);
			}
		}
	}

	/** Each time anew: a reference may be used once, and not for long. */
	private URI sent(Provider provider, @Nullable URI pushEndpoint, URI request) {
		return (pushEndpoint != null) ? this.pushed.push(provider, pushEndpoint, request) : request;
	}

	/** At the port that is registered, if it is free: else with a new registration. */
	private LoopbackListener listener(Provider known) {
		Provider registered = this.identities.atRegisteredPort(known);
		try {
			return LoopbackListener.bind(registered);
		}
		catch (CodeLoginException ex) {
			if (registered == known) {
				throw ex;
			}
			return LoopbackListener.bind(known);
		}
	}

	private static boolean isNew(@Nullable RegisteredClient client, @Nullable RegisteredClient before) {
		return client != null && (before == null || !before.id().equals(client.id()));
	}

	private IssuedTokens redeem(Provider provider, boolean isNew, URI tokenEndpoint, AuthorizationRequest request,
			LoopbackAnswers answers) throws InterruptedException {
		try {
			AuthorizationAnswer answer = answers.await(this.timeout);
			if (answer != null) {
				TokenResponse response = redeem(provider, isNew, tokenEndpoint, request, answer);
				request.checkNonce(response.idToken());
				answers.checkBrowser();
				return new IssuedTokens(provider, tokenEndpoint, response);
			}
		}
		catch (InterruptedException ex) {
			unanswered(provider, answers);
			throw ex;
		}
		catch (RuntimeException ex) {
			if (ex instanceof AuthorizationServerUnreachableException && Thread.interrupted()) {
				throw new InterruptedException();
			}
			answers.finish(page(provider.id(), ex, answers.isAnswered()));
			throw ex;
		}
		String advice = unanswered(provider, answers);
		OAuth2Error error = new OAuth2Error(Problem.LOGIN_TIMEOUT.code());
		throw (advice != null)
				? new AuthorizationExpiredException(error, "Nobody finished the login in time; " + advice)
				: new AuthorizationExpiredException(error);
	}

	/** Also where a person has given up: perhaps at a page that led nowhere. */
	private @Nullable String unanswered(Provider provider, LoopbackAnswers answers) {
		return answers.isOverdue() ? this.identities.unanswered(provider) : null;
	}

	private void keep(Provider provider, IssuedTokens tokens, Predicate<IssuedTokens> keep, LoopbackAnswers answers) {
		boolean saved;
		try {
			saved = keep.test(tokens);
		}
		catch (RuntimeException ex) {
			answers.finish(CallbackPage.failed(500, provider.id(), String.valueOf(ex.getMessage())));
			throw ex;
		}
		answers.finish(saved ? CallbackPage.loggedIn(provider.id(), this.application)
				: CallbackPage.notSaved(provider.id(), this.application));
	}

	/** With every endpoint given there is no discovery call, so nothing is advertised. */
	private IssuerCheck issuerCheck(Provider provider) {
		boolean discovered = provider.endpoints().authorization() == null || provider.endpoints().token() == null;
		AuthorizationServerMetadata metadata = discovered ? this.discovery.metadata(provider)
				: AuthorizationServerMetadata.NONE;
		return IssuerCheck.of(provider, provider.issuerUri(), metadata.values());
	}

	private TokenResponse redeem(Provider provider, boolean isNew, URI tokenEndpoint, AuthorizationRequest request,
			AuthorizationAnswer answer) {
		String code = answer.get(OAuth2ParameterNames.CODE);
		String error = answer.get(OAuth2ParameterNames.ERROR);
		if (error != null || code == null) {
			throw orUnsuitable(provider, isNew, String.valueOf(error), refused(request, answer, String.valueOf(error)));
		}
		try {
			return this.tokenEndpoint.request(provider, tokenEndpoint, AuthorizationGrantType.AUTHORIZATION_CODE,
					request.exchange(code));
		}
		catch (TokenRequestException ex) {
			throw orUnsuitable(provider, isNew, ex.errorCode(), ex);
		}
	}

	/**
	 * Not once more at once: the person would see two pages, and the first says no. What
	 * is refused to a client that has just been registered is refused to the next one as
	 * well.
	 */
	private RuntimeException orUnsuitable(Provider provider, boolean isNew, String errorCode,
			RuntimeException refused) {
		if (OAuth2ErrorCodes.INVALID_SCOPE.equals(errorCode)) {
			Set<String> scopes = provider.request().scopes();
			if (isNew) {
				this.refusedScopes.put(provider.id(), scopes);
			}
			if (scopes.equals(this.refusedScopes.get(provider.id()))) {
				return refused;
			}
		}
		return !this.identities.isUnsuitable(provider, errorCode) ? refused
				: new RegistrationException("The authorization server " + provider.issuerUri()
						+ " refuses this application as it is registered: " + refused.getMessage()
						+ ". Log in again: it registers anew", refused);
	}

	private static RuntimeException refused(AuthorizationRequest request, AuthorizationAnswer answer, String error) {
		String description = answer.get(OAuth2ParameterNames.ERROR_DESCRIPTION);
		OAuth2Error printable = CodeLoginException.printable(request.secrets(answer.get(OAuth2ParameterNames.CODE)),
				error, description);
		return OAuth2ErrorCodes.ACCESS_DENIED.equals(error) ? new AuthorizationDeniedException(printable)
				: CodeLoginException.refused(printable);
	}

	private static CallbackPage page(String providerId, RuntimeException failure, boolean answered) {
		if (failure instanceof AuthorizationDeniedException denied) {
			String description = denied.getError().getDescription();
			return CallbackPage.failed(400, providerId,
					"The login was denied" + ((description != null) ? ": " + description : ""));
		}
		return (failure instanceof CodeLoginException || failure instanceof RegistrationException)
				? CallbackPage.failed(400, providerId, String.valueOf(failure.getMessage()))
				: CallbackPage.failed(502, providerId,
						(answered ? "The code could not be redeemed: " : "The login could not begin: ")
								+ failure.getMessage());
	}

}
