package io.github.oauth2pkce.spring;

import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.OidcScopes;

/**
 * Makes the next login of a user bring what resources demand, and not less than their
 * present one. Reads memory only. Thread-safe.
 */
public final class WebStepUps {

	private final CredentialOwners owners;

	private final ResourceDemands demands;

	private final Credentials credentials;

	/**
	 * Creates the view.
	 * @param providers the providers
	 * @param demands what resources demand
	 * @param credentials the present logins
	 */
	public WebStepUps(Providers providers, ResourceDemands demands, Credentials credentials) {
		this.owners = new CredentialOwners(providers);
		this.demands = demands;
		this.credentials = credentials;
	}

	/**
	 * Adds the scopes to an authorization request.
	 * @return the provider as this login asks, for its additional parameters
	 */
	Provider ask(Provider provider, OAuth2AuthorizationRequest.Builder builder) {
		Provider asked = this.demands.asked(provider, granted(provider.id(), CurrentUser.nameOnThread()));
		if (asked != provider) {
			Set<String> more = new LinkedHashSet<>(asked.request().scopes());
			more.removeAll(provider.request().scopes());
			builder.scopes(union(builder.build().getScopes(), more));
		}
		return asked;
	}

	/**
	 * The registration by which a user of a reactive application logs in: its scopes, and
	 * those that the present login has, if something is missing from that.
	 * @param registration the registration
	 * @return exactly one value
	 */
	public Mono<ClientRegistration> withGranted(ClientRegistration registration) {
		String id = registration.getRegistrationId();
		if (!this.owners.isOurs(registration) || !this.demands.missing(id).insufficient()) {
			return Mono.just(registration);
		}
		return CurrentUser.name()
			.map((name) -> ClientRegistration.withClientRegistration(registration)
				.scope(union(registration.getScopes(), granted(id, name)))
				.build())
			.defaultIfEmpty(registration);
	}

	private Set<String> granted(String registrationId, @Nullable String user) {
		CredentialId id = (user != null && this.demands.missing(registrationId).insufficient())
				? this.owners.named(registrationId, user, true) : null;
		Credential known = (id != null) ? this.credentials.known(id) : null;
		return (known != null) ? known.scopes() : Set.of();
	}

	/**
	 * No resource makes an OpenID Connect login of another one: Spring Security would
	 * want an ID token, and a nonce that it has not sent.
	 */
	private static Set<String> union(Set<String> scopes, Set<String> more) {
		Set<String> all = new LinkedHashSet<>(scopes);
		all.addAll(more);
		if (!scopes.contains(OidcScopes.OPENID)) {
			all.remove(OidcScopes.OPENID);
		}
		return all;
	}

}
