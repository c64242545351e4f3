package io.github.oauth2pkce.spring;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.TokenChains;
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

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	/** Whether a registration is one of our providers. */
	boolean isOurs(String registrationId) {
		return this.providers.find(registrationId) != null;
	}

	/**
	 * Whether a registration is one of our providers by its client, too: what one client
	 * was granted is not another's, and a repository of the application's own may have
	 * another one by that name.
	 */
	boolean isOurs(ClientRegistration registration) {
		Provider provider = this.providers.find(registration.getRegistrationId());
		return provider != null && provider.client().id().equals(registration.getClientId());
	}

	/**
	 * Whose credential a name means. Nobody is the application where the provider's
	 * credential is the application's, and has none elsewhere; a machine's token is the
	 * application's whoever asks.
	 * @param person whether it is known to be a person's name: a person may be called
	 * anything, but not be taken for the application
	 */
	@Nullable CredentialId named(String registrationId, String principalName, boolean person) {
		Provider provider = this.providers.get(registrationId);
		boolean nobody = NamedAsNobody.NOBODY.equals(principalName);
		if (new TokenChains(this.providers).isOnBehalf(registrationId)) {
			// Whose bearer it is made from, a name does not say.
			return null;
		}
		boolean machine = !provider.grant().needsPerson()
				&& (!provider.grant().needsForeignToken() || provider.principal() == PrincipalKind.APPLICATION);
		if (machine || (nobody && !person && provider.principal() == PrincipalKind.APPLICATION)) {
			return CredentialId.ofApplication(registrationId);
		}
		// The application has no need to call itself by its name.
		return (nobody || CredentialId.isReserved(principalName)) ? null
				: new CredentialId(registrationId, principalName);
	}

	/** Whose credential a new login is. */
	@Nullable CredentialId loggedIn(String registrationId, Authentication principal) {
		String name = TRUST.isAnonymous(principal) ? NamedAsNobody.NOBODY : principal.getName();
		return named(registrationId, name, TRUST.isAuthenticated(principal));
	}

	/**
	 * Whose token a machine's request is for.
	 * @return {@code null} when it is not one of ours
	 */
	@Nullable CredentialId machine(ClientRegistration registration) {
		String id = registration.getRegistrationId();
		return (isOurs(registration) && !this.providers.get(id).grant().needsPerson()) ? CredentialId.ofApplication(id)
				: null;
	}

}
