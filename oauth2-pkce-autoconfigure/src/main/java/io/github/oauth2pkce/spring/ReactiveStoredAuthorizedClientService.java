package io.github.oauth2pkce.spring;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;

/**
 * The same authorized clients for the reactive stack. The store may block, so each call
 * leaves the event loop. Thread-safe.
 */
public final class ReactiveStoredAuthorizedClientService implements ReactiveOAuth2AuthorizedClientService {

	private final OAuth2AuthorizedClientService clients;

	/**
	 * Creates the service.
	 * @param clients the same clients for blocking callers
	 */
	public ReactiveStoredAuthorizedClientService(OAuth2AuthorizedClientService clients) {
		this.clients = clients;
	}

	@Override
	public <T extends OAuth2AuthorizedClient> Mono<T> loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		return NamedAsNobody.isPersonToSubscriber(principalName)
			.publishOn(Schedulers.boundedElastic())
			.mapNotNull((person) -> load(clientRegistrationId, principalName, person));
	}

	private <T extends OAuth2AuthorizedClient> @Nullable T load(String clientRegistrationId, String principalName,
			boolean person) {
		return (this.clients instanceof StoredAuthorizedClientService stored)
				? stored.load(clientRegistrationId, principalName, person)
				: this.clients.loadAuthorizedClient(clientRegistrationId, principalName);
	}

	@Override
	public Mono<Void> saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		return Mono.<Void>fromRunnable(() -> this.clients.saveAuthorizedClient(authorizedClient, principal))
			.subscribeOn(Schedulers.boundedElastic());
	}

	@Override
	public Mono<Void> removeAuthorizedClient(String clientRegistrationId, String principalName) {
		return NamedAsNobody.isPersonToSubscriber(principalName)
			.publishOn(Schedulers.boundedElastic())
			.doOnNext((person) -> remove(clientRegistrationId, principalName, person))
			.then();
	}

	private void remove(String clientRegistrationId, String principalName, boolean person) {
		if (this.clients instanceof StoredAuthorizedClientService stored) {
			stored.remove(clientRegistrationId, principalName, person);
		}
		else {
			this.clients.removeAuthorizedClient(clientRegistrationId, principalName);
		}
	}

}
