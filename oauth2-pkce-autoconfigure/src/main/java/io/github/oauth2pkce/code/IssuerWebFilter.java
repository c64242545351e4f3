package io.github.oauth2pkce.code;

import java.util.List;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
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

	/**
	 * Creates the filter.
	 * @param registrations the registrations
	 * @param pending the repository that Spring Security's filters use
	 */
	public IssuerWebFilter(ReactiveClientRegistrationRepository registrations,
			ServerAuthorizationRequestRepository<OAuth2AuthorizationRequest> pending) {
		this.registrations = registrations;
		this.pending = pending;
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
		return isAccepted(exchange, parameters.get(IssuerCheck.PARAMETER))
			.flatMap((accepted) -> accepted ? chain.filter(exchange) : refuse(exchange.getResponse()));
	}

	private Mono<Boolean> isAccepted(ServerWebExchange exchange, @Nullable List<String> iss) {
		return this.pending.loadAuthorizationRequest(exchange)
			.mapNotNull((pending) -> pending.<String>getAttribute(OAuth2ParameterNames.REGISTRATION_ID))
			.flatMap(this.registrations::findByRegistrationId)
			.map((registration) -> RefusedAnswers.accepts(registration,
					(iss != null) ? iss.toArray(String[]::new) : null))
			.defaultIfEmpty(true);
	}

	private static Mono<Void> refuse(ServerHttpResponse response) {
		CallbackPage page = RefusedAnswers.page();
		response.setStatusCode(HttpStatusCode.valueOf(page.status()));
		page.headers().forEach(response.getHeaders()::set);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(page.body())));
	}

}
