package io.github.oauth2pkce.spring;

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
	@SuppressWarnings("unchecked")
	public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		if (!this.logins.isOurs(clientRegistrationId)) {
			return this.others.loadAuthorizedClient(clientRegistrationId, principalName);
		}
		Credential credential = this.logins.find(clientRegistrationId, principalName);
		if (credential == null) {
			return null;
		}
		ClientRegistration registration = this.registrations.findByRegistrationId(clientRegistrationId);
		return (registration != null) ? (T) this.logins.client(registration, principalName, credential) : null;
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		if (this.logins.isOurs(authorizedClient.getClientRegistration().getRegistrationId())) {
			this.logins.save(authorizedClient, principal);
		}
		else {
			this.others.saveAuthorizedClient(authorizedClient, principal);
		}
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
		if (this.logins.isOurs(clientRegistrationId)) {
			this.logins.remove(clientRegistrationId, principalName);
		}
		else {
			this.others.removeAuthorizedClient(clientRegistrationId, principalName);
		}
	}

}
