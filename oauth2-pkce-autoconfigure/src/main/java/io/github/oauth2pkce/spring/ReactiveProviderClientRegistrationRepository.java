package io.github.oauth2pkce.spring;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

/**
 * The same registrations for the reactive stack. The first call for a provider may read
 * its metadata, so it leaves the event loop. Thread-safe.
 */
public final class ReactiveProviderClientRegistrationRepository implements ReactiveClientRegistrationRepository {

	private final ClientRegistrationRepository registrations;

	/**
	 * Creates the repository.
	 * @param registrations the same registrations for blocking callers
	 */
	public ReactiveProviderClientRegistrationRepository(ClientRegistrationRepository registrations) {
		this.registrations = registrations;
	}

	@Override
	public Mono<ClientRegistration> findByRegistrationId(String registrationId) {
		return Mono.fromCallable(() -> this.registrations.findByRegistrationId(registrationId))
			.subscribeOn(Schedulers.boundedElastic());
	}

}
