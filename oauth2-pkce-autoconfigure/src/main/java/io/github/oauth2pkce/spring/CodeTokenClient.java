package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.token.TokenResponseExtractor;

import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Redeems the codes that Spring Security's filters receive, for both stacks: as its own
 * client does, plus the provider's TLS, time-out and resource indicators (RFC 8707
 * section 2.2). Thread-safe.
 */
public final class CodeTokenClient
		implements ReactiveOAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> {

	private final Providers providers;

	private final ResourceIndicators resources;

	private final Function<Provider, WebClient> webClients;

	private final Duration timeout;

	private final AnsweredLogins answered;

	private final WebClientReactiveAuthorizationCodeTokenResponseClient others = quiet();

	private final Map<String, WebClientReactiveAuthorizationCodeTokenResponseClient> clients = new ConcurrentHashMap<>();

	/**
	 * Creates the client.
	 * @param providers the providers
	 * @param resources their resource indicators
	 * @param webClients gives the client with the provider's TLS settings
	 * @param timeout the longest that one exchange may take
	 * @param answered is told how exchanges end
	 */
	public CodeTokenClient(Providers providers, ResourceIndicators resources, Function<Provider, WebClient> webClients,
			Duration timeout, AnsweredLogins answered) {
		this.providers = providers;
		this.resources = resources;
		this.webClients = webClients;
		this.timeout = timeout;
		this.answered = answered;
	}

	@Override
	public Mono<OAuth2AccessTokenResponse> getTokenResponse(OAuth2AuthorizationCodeGrantRequest request) {
		String tokenUri = request.getClientRegistration().getProviderDetails().getTokenUri();
		String state = request.getAuthorizationExchange().getAuthorizationRequest().getState();
		return exchange(request).timeout(this.timeout)
			// Otherwise the person sees a bare error 500 instead of the login page.
			.onErrorMap(WebClientRequestException.class, (ex) -> unreachable(tokenUri, ex))
			.onErrorMap(TimeoutException.class, (ex) -> unreachable(tokenUri, ex))
			.doOnNext((response) -> this.answered.exchanged(state, response.getAccessToken().getTokenValue()))
			.doOnError(OAuth2AuthorizationException.class, (ex) -> this.answered.failed(state, ex));
	}

	private Mono<OAuth2AccessTokenResponse> exchange(OAuth2AuthorizationCodeGrantRequest request) {
		String id = request.getClientRegistration().getRegistrationId();
		Mono<OAuth2AccessTokenResponse> exchange = client(id).getTokenResponse(request);
		// Reading metadata blocks.
		return this.resources.areDiscovered(id) ? exchange.subscribeOn(Schedulers.boundedElastic()) : exchange;
	}

	private WebClientReactiveAuthorizationCodeTokenResponseClient client(String registrationId) {
		Provider provider = this.providers.find(registrationId);
		return (provider != null) ? this.clients.computeIfAbsent(registrationId, (id) -> create(provider))
				: this.others;
	}

	private WebClientReactiveAuthorizationCodeTokenResponseClient create(Provider provider) {
		WebClientReactiveAuthorizationCodeTokenResponseClient client = quiet();
		client.setWebClient(this.webClients.apply(provider));
		client.setBodyExtractor(new TokenResponseExtractor(provider));
		client.addParametersConverter(this.resources::parameters);
		return client;
	}

	private static WebClientReactiveAuthorizationCodeTokenResponseClient quiet() {
		WebClientReactiveAuthorizationCodeTokenResponseClient client = new WebClientReactiveAuthorizationCodeTokenResponseClient();
		client.setBodyExtractor(QuietExtractor.ofTokenResponse());
		return client;
	}

	private static OAuth2AuthorizationException unreachable(String tokenUri, Throwable cause) {
		return new OAuth2AuthorizationException(
				new OAuth2Error("unreachable", "There was no answer from " + tokenUri, null), cause);
	}

}
