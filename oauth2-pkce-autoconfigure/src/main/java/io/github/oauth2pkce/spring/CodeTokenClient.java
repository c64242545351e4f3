package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveAuthorizationCodeTokenResponseClient;
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

	private final WebLogins webLogins;

	private final WebClientReactiveAuthorizationCodeTokenResponseClient others = new WebClientReactiveAuthorizationCodeTokenResponseClient();

	/**
	 * Creates the client.
	 * @param providers the providers
	 * @param tokenEndpoint sends the requests
	 * @param discovery finds resource indicators
	 * @param webLogins is told how exchanges end
	 */
	public CodeTokenClient(Providers providers, TokenEndpoint tokenEndpoint, Discovery discovery, WebLogins webLogins) {
		this.providers = providers;
		this.tokenEndpoint = tokenEndpoint;
		this.discovery = discovery;
		this.webLogins = webLogins;
		this.others.setBodyExtractor(NonLoggingExtractor.ofTokenResponse());
	}

	@Override
	public Mono<OAuth2AccessTokenResponse> getTokenResponse(OAuth2AuthorizationCodeGrantRequest request) {
		Provider provider = this.providers.find(request.getClientRegistration().getRegistrationId());
		return (provider != null)
				? Mono.fromCallable(() -> exchange(provider, request)).subscribeOn(Schedulers.boundedElastic())
				: this.others.getTokenResponse(request);
	}

	/**
	 * Redeems a code of one of our providers. Blocking.
	 * @param request the request
	 * @return the tokens
	 * @throws OAuth2AuthorizationException when there are none
	 */
	public OAuth2AccessTokenResponse exchange(OAuth2AuthorizationCodeGrantRequest request) {
		Provider provider = this.providers.find(request.getClientRegistration().getRegistrationId());
		if (provider != null) {
			return exchange(provider, request);
		}
		return this.others.getTokenResponse(request)
			.blockOptional()
			.orElseThrow(() -> failure(OAuth2ErrorCodes.SERVER_ERROR, "There is no token response", null));
	}

	private OAuth2AccessTokenResponse exchange(Provider provider, OAuth2AuthorizationCodeGrantRequest request) {
		OAuth2AuthorizationExchange exchange = request.getAuthorizationExchange();
		OAuth2AuthorizationRequest asked = exchange.getAuthorizationRequest();
		String tokenUri = request.getClientRegistration().getProviderDetails().getTokenUri();
		try {
			TokenResponse response = this.tokenEndpoint.request(this.discovery.withResources(provider),
					URI.create(tokenUri), AuthorizationGrantType.AUTHORIZATION_CODE, parameters(exchange));
			if (!StringUtils.hasText(response.accessToken())) {
				throw failure(OAuth2ErrorCodes.INVALID_REQUEST, "The server issued no access token that can be sent",
						null);
			}
			this.webLogins.exchanged(asked.getState(), response.accessToken());
			return inSpringsTerms(response, asked.getScopes());
		}
		catch (OAuth2AuthorizationException ex) {
			this.webLogins.failed(asked.getState(), ex);
			throw ex;
		}
		catch (AuthorizationServerUnreachableException | DiscoveryException ex) {
			// Otherwise the person sees a bare error 500 instead of the login page.
			OAuth2AuthorizationException failure = failure(Problem.UNREACHABLE.code(), String.valueOf(ex.getMessage()),
					ex);
			this.webLogins.failed(asked.getState(), failure);
			throw failure;
		}
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

	private static OAuth2AccessTokenResponse inSpringsTerms(TokenResponse response, Set<String> asked) {
		return OAuth2AccessTokenResponse.withToken(response.accessToken())
			.tokenType(TokenType.BEARER)
			.expiresIn((response.expiresIn() != null) ? response.expiresIn().toSeconds() : 0)
			// RFC 6749 section 5.1: omitted when they are those that were asked for.
			.scopes((response.scopes() != null) ? response.scopes() : asked)
			.refreshToken(response.refreshToken())
			.additionalParameters(response.additionalParameters())
			.build();
	}

	private static OAuth2AuthorizationException failure(String code, String description, @Nullable Exception cause) {
		OAuth2Error error = new OAuth2Error(code, description, null);
		return (cause != null) ? new OAuth2AuthorizationException(error, cause)
				: new OAuth2AuthorizationException(error);
	}

}
