package io.github.oauth2pkce.spring;

import reactor.core.publisher.Mono;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.web.server.AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.WebSessionServerOAuth2AuthorizedClientRepository;
import org.springframework.web.server.ServerWebExchange;

/** {@link SessionClientRepository} for reactive applications. Thread-safe. */
public final class ReactiveSessionClientRepository implements ServerOAuth2AuthorizedClientRepository {

	private final ServerOAuth2AuthorizedClientRepository session = new WebSessionServerOAuth2AuthorizedClientRepository();

	private final WebLogins logins;

	private ReactiveSessionClientRepository(WebLogins logins) {
		this.logins = logins;
	}

	/**
	 * Spring Security's own repository, with this one for those who are not signed in.
	 * @param clients keeps the tokens of all others
	 * @param logins is told of tokens that are not kept
	 * @return the repository of an application
	 */
	public static ServerOAuth2AuthorizedClientRepository beside(ReactiveOAuth2AuthorizedClientService clients,
			WebLogins logins) {
		AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository repository = new AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository(
				clients);
		repository.setAnonymousAuthorizedClientRepository(new ReactiveSessionClientRepository(logins));
		return repository;
	}

	@Override
	public <T extends OAuth2AuthorizedClient> Mono<T> loadAuthorizedClient(String clientRegistrationId,
			Authentication principal, ServerWebExchange exchange) {
		return this.session.loadAuthorizedClient(clientRegistrationId, principal, exchange);
	}

	@Override
	public Mono<Void> saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal,
			ServerWebExchange exchange) {
		return Mono.fromRunnable(() -> this.logins.checkUnbound(authorizedClient))
			.then(this.session.saveAuthorizedClient(authorizedClient, principal, exchange));
	}

	@Override
	public Mono<Void> removeAuthorizedClient(String clientRegistrationId, Authentication principal,
			ServerWebExchange exchange) {
		return this.session.removeAuthorizedClient(clientRegistrationId, principal, exchange);
	}

}
