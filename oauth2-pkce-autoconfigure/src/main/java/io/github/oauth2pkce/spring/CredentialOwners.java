package io.github.oauth2pkce.spring;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * Whose credential Spring Security means by a registration and a principal. Immutable.
 *
 * @param providers the providers
 */
record CredentialOwners(Providers providers) {

	/** Spring Security's name for nobody, which all strangers share. */
	private static final String NOBODY = "anonymousUser";

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	/** Whether a registration is one of our providers. */
	boolean isOurs(String registrationId) {
		return this.providers.find(registrationId) != null;
	}

	/**
	 * Whose credential a name means. Nobody is the application where the provider's
	 * credential is the application's, and has none elsewhere; a machine's token is the
	 * application's whoever asks.
	 */
	@Nullable CredentialId named(String registrationId, String principalName) {
		Provider provider = this.providers.get(registrationId);
		if (!provider.isUserGrant()) {
			return CredentialId.ofApplication(registrationId);
		}
		boolean nobody = NOBODY.equals(principalName);
		if (provider.principal() == PrincipalKind.APPLICATION) {
			return nobody ? CredentialId.ofApplication(registrationId)
					: new CredentialId(registrationId, principalName);
		}
		// A user who is called as the application has no login: it could be its own.
		return (nobody || CredentialId.APPLICATION.equals(principalName)) ? null
				: new CredentialId(registrationId, principalName);
	}

	/**
	 * Whose credential a new login is. A person may be called anything, but not be taken
	 * for the application: their login would replace its own.
	 */
	@Nullable CredentialId loggedIn(String registrationId, Authentication principal) {
		boolean person = TRUST.isAuthenticated(principal);
		CredentialId id = named(registrationId, person || !TRUST.isAnonymous(principal) ? principal.getName() : NOBODY);
		Provider provider = this.providers.get(registrationId);
		boolean application = CredentialId.ofApplication(registrationId).equals(id);
		return (person && application && provider.isUserGrant() && provider.principal() == PrincipalKind.APPLICATION)
				? null : id;
	}

	/**
	 * Whose token a machine's request is for.
	 * @return {@code null} when it is not one of ours, by its name or by its client: what
	 * one client was granted is not another's
	 */
	@Nullable CredentialId machine(ClientRegistration registration) {
		Provider provider = this.providers.find(registration.getRegistrationId());
		boolean ours = provider != null && !provider.isUserGrant()
				&& provider.clientId().equals(registration.getClientId());
		return ours ? CredentialId.ofApplication(registration.getRegistrationId()) : null;
	}

}
