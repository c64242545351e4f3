package io.github.oauth2pkce.spring;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/**
 * Spring Security's authorized clients over the one store; those of registrations that
 * are not our providers stay in memory, as with Boot's default. A login that is good for
 * nothing any more is not found. Removing is what Spring Security does after a failure
 * and never ends a login that can be refreshed: use {@code Logout} for that. Thread-safe;
 * may block.
 */
public final class StoredAuthorizedClientService implements OAuth2AuthorizedClientService {

	private final StoredLogins logins;

	private final ClientRegistrationRepository registrations;

	private final OAuth2AuthorizedClientService others;

	/** Registrations with the name of a provider and another client. */
	private final Set<String> otherClients = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the service.
	 * @param logins the stored logins
	 * @param registrations the registrations
	 */
	public StoredAuthorizedClientService(StoredLogins logins, ClientRegistrationRepository registrations) {
		this.logins = logins;
		this.registrations = registrations;
		this.others = new InMemoryOAuth2AuthorizedClientService(registrations);
	}

	/**
	 * Finds a client.
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store cannot be
	 * read: that is not "no login", which would send a person to the login page
	 */
	@Override
	public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		return load(clientRegistrationId, principalName, NamedAsNobody.isPerson(principalName));
	}

	@SuppressWarnings("unchecked")
	<T extends OAuth2AuthorizedClient> @Nullable T load(String clientRegistrationId, String principalName,
			boolean person) {
		if (!isOurs(clientRegistrationId)) {
			return this.others.loadAuthorizedClient(clientRegistrationId, principalName);
		}
		Credential credential = this.logins.find(clientRegistrationId, principalName, person);
		if (credential == null) {
			return null;
		}
		ClientRegistration registration = this.registrations.findByRegistrationId(clientRegistrationId);
		return (registration != null && this.logins.isOurs(registration))
				? (T) this.logins.client(registration, principalName, credential) : null;
	}

	private boolean isOurs(String registrationId) {
		return this.logins.isOurs(registrationId) && !this.otherClients.contains(registrationId);
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		ClientRegistration registration = authorizedClient.getClientRegistration();
		if (this.logins.isOurs(registration)) {
			this.logins.save(authorizedClient, principal);
			return;
		}
		if (this.logins.isOurs(registration.getRegistrationId())) {
			this.otherClients.add(registration.getRegistrationId());
		}
		this.others.saveAuthorizedClient(authorizedClient, principal);
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
		remove(clientRegistrationId, principalName, NamedAsNobody.isPerson(principalName));
	}

	void remove(String clientRegistrationId, String principalName, boolean person) {
		if (isOurs(clientRegistrationId)) {
			this.logins.remove(clientRegistrationId, principalName, person);
		}
		else {
			this.others.removeAuthorizedClient(clientRegistrationId, principalName);
		}
	}

}
