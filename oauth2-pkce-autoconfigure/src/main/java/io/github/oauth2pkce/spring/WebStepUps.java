package io.github.oauth2pkce.spring;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.web.server.ServerWebExchange;

/**
 * Makes the next login of a user who is signed in bring what resources demand, and not
 * less than their present one. Reads memory only. Thread-safe.
 */
public final class WebStepUps {

	private final Providers providers;

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
		this.providers = providers;
		this.owners = new CredentialOwners(providers);
		this.demands = demands;
		this.credentials = credentials;
	}

	/**
	 * Has an authorization request ask for more, unless the user's present login has all
	 * that is demanded: then it was another's that lacked something.
	 * @param provider the provider
	 * @param user who is signed in, {@code null} for a stranger: they have no login that
	 * could lack something, and must not be kept out by what others lack
	 */
	void ask(Provider provider, @Nullable String user, OAuth2AuthorizationRequest.Builder builder) {
		if (user == null) {
			return;
		}
		Set<String> granted = granted(provider.id(), user);
		if (this.demands.missing(provider.id()).isMetBy(granted)) {
			return;
		}
		Provider asked = this.demands.asked(provider, granted);
		if (asked == provider) {
			return;
		}
		Set<String> more = new LinkedHashSet<>(asked.request().scopes());
		more.removeAll(provider.request().scopes());
		Map<String, String> configured = provider.request().additionalParameters();
		builder.scopes(union(builder.build().getScopes(), more))
			.attributes((all) -> all.put(WebLogin.STEP_UP, true))
			// What the application has set for this one request is what it wants.
			.additionalParameters((parameters) -> asked.request().additionalParameters().forEach((name, value) -> {
				Object set = parameters.putIfAbsent(name, value);
				if (set != null && set.equals(configured.get(name))) {
					parameters.put(name, value);
				}
			}));
	}

	/**
	 * The same where the Reactor context, and no thread, knows who is signed in.
	 * @param resolver makes the requests
	 * @return makes requests that ask for more
	 */
	public ServerOAuth2AuthorizationRequestResolver asking(ServerOAuth2AuthorizationRequestResolver resolver) {
		return new ServerOAuth2AuthorizationRequestResolver() {

			@Override
			public Mono<OAuth2AuthorizationRequest> resolve(ServerWebExchange exchange) {
				return resolver.resolve(exchange).flatMap(WebStepUps.this::ask);
			}

			@Override
			public Mono<OAuth2AuthorizationRequest> resolve(ServerWebExchange exchange, String registrationId) {
				return resolver.resolve(exchange, registrationId).flatMap(WebStepUps.this::ask);
			}

		};
	}

	private Mono<OAuth2AuthorizationRequest> ask(OAuth2AuthorizationRequest request) {
		String registrationId = request.getAttribute(OAuth2ParameterNames.REGISTRATION_ID);
		Provider provider = (registrationId != null) ? this.providers.find(registrationId) : null;
		if (provider == null) {
			return Mono.just(request);
		}
		return CurrentUser.name().map((user) -> {
			OAuth2AuthorizationRequest.Builder builder = OAuth2AuthorizationRequest.from(request);
			ask(provider, user, builder);
			return builder.build();
		}).defaultIfEmpty(request);
	}

	private Set<String> granted(String registrationId, String user) {
		CredentialId id = this.owners.named(registrationId, user, true);
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
