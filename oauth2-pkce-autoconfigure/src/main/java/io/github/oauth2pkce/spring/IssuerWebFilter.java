package io.github.oauth2pkce.spring;

import java.util.List;

import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.code.CallbackPage;
import io.github.oauth2pkce.code.IssuerCheck;

import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.server.ServerAuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * The same as {@link IssuerFilter} for the reactive stack, which reads answers from the
 * query only.
 */
public final class IssuerWebFilter implements WebFilter, Ordered {

	private final ReactiveClientRegistrationRepository registrations;

	private final ServerAuthorizationRequestRepository<OAuth2AuthorizationRequest> pending;

	private final Providers providers;

	private final WebLogins webLogins;

	/**
	 * Creates the filter.
	 * @param registrations the registrations
	 * @param pending the repository that Spring Security's filters use
	 * @param providers the providers
	 * @param webLogins is told of each answer that passes
	 */
	public IssuerWebFilter(ReactiveClientRegistrationRepository registrations,
			ServerAuthorizationRequestRepository<OAuth2AuthorizationRequest> pending, Providers providers,
			WebLogins webLogins) {
		this.registrations = registrations;
		this.pending = pending;
		this.providers = providers;
		this.webLogins = webLogins;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE + 1000;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		MultiValueMap<String, String> parameters = exchange.getRequest().getQueryParams();
		boolean answer = parameters.containsKey(OAuth2ParameterNames.STATE)
				&& (parameters.containsKey(OAuth2ParameterNames.CODE)
						|| parameters.containsKey(OAuth2ParameterNames.ERROR));
		if (!answer) {
			return chain.filter(exchange);
		}
		return this.pending.loadAuthorizationRequest(exchange)
			.flatMap((pending) -> registration(pending)
				.map((registration) -> filter(exchange, chain, pending, registration)))
			// Nobody waits for it: Spring Security says so.
			.defaultIfEmpty(chain.filter(exchange))
			.flatMap((chosen) -> chosen);
	}

	private Mono<ClientRegistration> registration(OAuth2AuthorizationRequest pending) {
		return Mono.justOrEmpty(pending.<String>getAttribute(OAuth2ParameterNames.REGISTRATION_ID))
			.flatMap(this.registrations::findByRegistrationId);
	}

	private Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain, OAuth2AuthorizationRequest pending,
			ClientRegistration registration) {
		MultiValueMap<String, String> parameters = exchange.getRequest().getQueryParams();
		List<String> iss = parameters.get(IssuerCheck.PARAMETER);
		Provider provider = this.providers.find(registration.getRegistrationId());
		if (!RefusedAnswers.accepts(provider, registration, (iss != null) ? iss.toArray(String[]::new) : null)) {
			return refuse(exchange.getResponse());
		}
		return (provider != null) ? pass(exchange, chain, provider, pending) : chain.filter(exchange);
	}

	private Mono<Void> pass(ServerWebExchange exchange, WebFilterChain chain, Provider provider,
			OAuth2AuthorizationRequest pending) {
		MultiValueMap<String, String> parameters = exchange.getRequest().getQueryParams();
		WebLogin login = this.webLogins.open(provider, pending, parameters::getFirst);
		return chain.filter(exchange).doOnSuccess((done) -> {
			ServerHttpResponse response = exchange.getResponse();
			HttpStatusCode status = response.getStatusCode();
			login.close((status != null) ? status.value() : 200,
					RefusedAnswers.location(response.getHeaders().getFirst("Location")));
		}).doOnError((ex) -> login.close()).doOnCancel(login::close);
	}

	private static Mono<Void> refuse(ServerHttpResponse response) {
		CallbackPage page = CallbackPage.otherServer();
		response.setStatusCode(HttpStatusCode.valueOf(page.status()));
		page.headers().forEach(response.getHeaders()::set);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(page.body())));
	}

}
