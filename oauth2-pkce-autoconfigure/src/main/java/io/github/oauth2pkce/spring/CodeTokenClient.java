package io.github.oauth2pkce.spring;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Client;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Redeems the codes that Spring Security's filters receive, for both stacks: those of our
 * providers by the same way out as every other token request, others as Spring Security
 * does. Thread-safe.
 */
public final class CodeTokenClient
		implements ReactiveOAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> {

	private final Providers providers;

	private final TokenEndpoint tokenEndpoint;

	private final Discovery discovery;

	private final Function<String, Executor> executors;

	private final Duration timeout;

	private final WebLogins webLogins;

	private final WebClientReactiveAuthorizationCodeTokenResponseClient others = new WebClientReactiveAuthorizationCodeTokenResponseClient();

	/**
	 * Creates the client.
	 * @param providers the providers
	 * @param tokenEndpoint sends the requests
	 * @param discovery finds resource indicators
	 * @param executors run the blocking work of a provider, by its id
	 * @param timeout the longest that one exchange may take
	 * @param webLogins is told how exchanges end
	 */
	public CodeTokenClient(Providers providers, TokenEndpoint tokenEndpoint, Discovery discovery,
			Function<String, Executor> executors, Duration timeout, WebLogins webLogins) {
		this.providers = providers;
		this.tokenEndpoint = tokenEndpoint;
		this.discovery = discovery;
		this.executors = executors;
		this.timeout = timeout;
		this.webLogins = webLogins;
		this.others.setBodyExtractor(NonLoggingExtractor.ofTokenResponse());
	}

	@Override
	public Mono<OAuth2AccessTokenResponse> getTokenResponse(OAuth2AuthorizationCodeGrantRequest request) {
		Provider provider = ours(request.getClientRegistration());
		if (provider == null) {
			return this.others.getTokenResponse(request)
				.timeout(this.timeout)
				.onErrorMap((ex) -> failure(request, ex))
				.doOnNext((response) -> exchanged(request, response))
				.doOnError(OAuth2AuthorizationException.class, (ex) -> failed(request, ex));
		}
		return Mono.fromCallable(() -> exchange(provider, request))
			.subscribeOn(Schedulers.fromExecutor((task) -> this.executors.apply(provider.id()).execute(task)))
			.onErrorMap((ex) -> failure(request, ex));
	}

	/**
	 * Redeems a code. Blocking.
	 * @param request the request
	 * @return the tokens
	 * @throws OAuth2AuthorizationException when there are none
	 */
	public OAuth2AccessTokenResponse exchange(OAuth2AuthorizationCodeGrantRequest request) {
		Provider provider = ours(request.getClientRegistration());
		if (provider != null) {
			return exchange(provider, request);
		}
		return getTokenResponse(request).blockOptional()
			.orElseThrow(() -> new OAuth2AuthorizationException(
					new OAuth2Error(OAuth2ErrorCodes.SERVER_ERROR, "There is no token response", null)));
	}

	/**
	 * A repository of the application's own may have another client by the name of a
	 * provider: its code must not be redeemed with the provider's secret.
	 */
	private @Nullable Provider ours(ClientRegistration registration) {
		Provider provider = this.providers.find(registration.getRegistrationId());
		if (provider == null) {
			return null;
		}
		Client client = provider.client();
		String secret = StringUtils.hasText(registration.getClientSecret()) ? registration.getClientSecret() : null;
		boolean same = client.id().equals(registration.getClientId()) && Objects.equals(client.secret(), secret)
				&& client.authenticationMethod().equals(registration.getClientAuthenticationMethod());
		return same ? provider : null;
	}

	private OAuth2AccessTokenResponse exchange(Provider provider, OAuth2AuthorizationCodeGrantRequest request) {
		String tokenUri = request.getClientRegistration().getProviderDetails().getTokenUri();
		try {
			DpopKey key = key(provider, request);
			TokenResponse response = this.tokenEndpoint.request(this.discovery.withResources(provider).withKey(key),
					URI.create(tokenUri), AuthorizationGrantType.AUTHORIZATION_CODE,
					parameters(request.getAuthorizationExchange()));
			if (!StringUtils.hasText(response.accessToken())) {
				throw new TokenRequestException(FailureKind.MISCONFIGURED, HttpStatus.OK.value(),
						new OAuth2Error(Problem.NO_ACCESS_TOKEN.code(), "The server issued no access token", null),
						null);
			}
			OAuth2AccessTokenResponse tokens = inSpringsTerms(response,
					request.getAuthorizationExchange().getAuthorizationRequest().getScopes(), provider);
			if (key != null) {
				this.webLogins.bound(tokens.getAccessToken().getTokenValue(), key);
			}
			exchanged(request, tokens);
			return tokens;
		}
		catch (RuntimeException ex) {
			OAuth2AuthorizationException failure = failure(request, ex);
			failed(request, failure);
			throw failure;
		}
	}

	/**
	 * The key that the login began with. A login without one, and a registration that has
	 * Spring Security take the token elsewhere, would end with a bearer.
	 */
	private @Nullable DpopKey key(Provider provider, OAuth2AuthorizationCodeGrantRequest request) {
		DpopKey key = this.webLogins.keyOf(provider, request.getAuthorizationExchange().getAuthorizationRequest());
		if (!provider.tokens().dpop()) {
			return key;
		}
		if (key == null) {
			throw refused("The login of '" + provider.id() + "' began without a key, and " + provider.property("dpop")
					+ " demands one: use the AuthorizationRequestCustomizer bean in your own request resolver, and log in"
					+ " again");
		}
		if (StringUtils.hasText(request.getClientRegistration().getProviderDetails().getUserInfoEndpoint().getUri())) {
			throw refused("The registration '" + provider.id()
					+ "' has a userinfo endpoint, where Spring Security would" + " take the token as a bearer, and "
					+ provider.property("dpop") + " is set: remove that endpoint");
		}
		return key;
	}

	private static OAuth2AuthorizationException refused(String description) {
		return new OAuth2AuthorizationException(
				new OAuth2Error(Problem.UNSUPPORTED_TOKEN_TYPE.code(), description, null));
	}

	private void exchanged(OAuth2AuthorizationCodeGrantRequest request, OAuth2AccessTokenResponse response) {
		this.webLogins.exchanged(state(request), response.getAccessToken().getTokenValue());
	}

	private void failed(OAuth2AuthorizationCodeGrantRequest request, OAuth2AuthorizationException failure) {
		this.webLogins.failed(state(request), failure);
	}

	private static @Nullable String state(OAuth2AuthorizationCodeGrantRequest request) {
		return request.getAuthorizationExchange().getAuthorizationRequest().getState();
	}

	/** Filters understand nothing else: a person would see a bare error 500. */
	private static OAuth2AuthorizationException failure(OAuth2AuthorizationCodeGrantRequest request, Throwable cause) {
		if (cause instanceof OAuth2AuthorizationException failure) {
			return failure;
		}
		String tokenUri = request.getClientRegistration().getProviderDetails().getTokenUri();
		if (cause instanceof ForeignTokenException ex) {
			return failure(ex.problem(), String.valueOf(ex.getMessage()), ex);
		}
		if (cause instanceof DiscoveryException ex) {
			Problem problem = ex.isUnreachable() ? Problem.UNREACHABLE : Problem.DISCOVERY_FAILED;
			return failure(problem, String.valueOf(ex.getMessage()), ex);
		}
		if (cause instanceof TokenStoreException ex) {
			return failure(Problem.STORE_ERROR, ex.getMessage() + ". Log in again", ex);
		}
		if (cause instanceof AuthorizationServerUnreachableException ex) {
			return failure(Problem.UNREACHABLE, String.valueOf(ex.getMessage()), ex);
		}
		if (cause instanceof WebClientRequestException || cause instanceof TimeoutException) {
			return failure(Problem.UNREACHABLE, "There was no answer from " + tokenUri, cause);
		}
		return failure(Problem.INTERNAL_ERROR, "The code could not be redeemed at " + tokenUri, cause);
	}

	private static OAuth2AuthorizationException failure(Problem problem, String description, Throwable cause) {
		return new OAuth2AuthorizationException(new OAuth2Error(problem.code(), description, null), cause);
	}

	/** RFC 6749 section 4.1.3, RFC 7636 section 4.5. */
	private static MultiValueMap<String, String> parameters(OAuth2AuthorizationExchange exchange) {
		OAuth2AuthorizationRequest asked = exchange.getAuthorizationRequest();
		MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
		parameters.add(OAuth2ParameterNames.CODE, exchange.getAuthorizationResponse().getCode());
		String redirectUri = asked.getRedirectUri();
		if (redirectUri != null) {
			parameters.add(OAuth2ParameterNames.REDIRECT_URI, redirectUri);
		}
		String codeVerifier = asked.getAttribute(PkceParameterNames.CODE_VERIFIER);
		if (codeVerifier != null) {
			parameters.add(PkceParameterNames.CODE_VERIFIER, codeVerifier);
		}
		return parameters;
	}

	/**
	 * RFC 6749 section 5.1: no scope is the one that was asked for. What is configured is
	 * known to whoever needs it; a step-up asks for more.
	 */
	private static OAuth2AccessTokenResponse inSpringsTerms(TokenResponse response, Set<String> asked,
			Provider provider) {
		Set<String> unsaid = asked.equals(provider.request().scopes()) ? Set.of() : asked;
		return OAuth2AccessTokenResponse.withToken(response.accessToken())
			.tokenType(provider.tokens().dpop() ? TokenType.DPOP : TokenType.BEARER)
			.expiresIn((response.expiresIn() != null) ? response.expiresIn().toSeconds() : 0)
			.scopes((response.scopes() != null) ? response.scopes() : unsaid)
			.refreshToken(response.refreshToken())
			.additionalParameters(response.additionalParameters())
			.build();
	}

}
