package io.github.oauth2pkce.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * Makes providers from both shapes of configuration: our own properties, and Spring's own
 * with our extras. A value in ours wins, key by key. Whatever is wrong stops the start
 * with a sentence that names the property.
 */
public final class ProvidersFactory {

	private final Map<String, ProviderProperties> properties;

	private final Map<String, SpringRegistration> registrations;

	private final Binder binder;

	private final ProviderIds distinctIds;

	public ProvidersFactory(Map<String, ProviderProperties> properties, Map<String, SpringRegistration> registrations,
			Environment environment) {
		this.properties = properties;
		this.registrations = registrations;
		this.binder = Binder.get(environment);
		this.distinctIds = new ProviderIds(environment);
	}

	public ConfiguredProviders create() {
		List<Provider> providers = new ArrayList<>();
		List<BearerPolicy> policies = new ArrayList<>();
		Map<String, Supplier<ClientRegistration>> others = new LinkedHashMap<>();
		Set<String> ids = new LinkedHashSet<>(this.properties.keySet());
		ids.addAll(this.registrations.keySet());
		for (String id : this.distinctIds.distinct(ids)) {
			ProviderProperties own = ProviderIds.find(this.properties, id);
			SpringRegistration spring = ProviderIds.find(this.registrations, id);
			if (own == null && spring != null && ProviderSettings.isForeign(spring)) {
				// Somebody else's business, such as token exchange or a client that signs
				// its requests: Spring's, as it was.
				others.put(id, spring.complete());
				continue;
			}
			ProviderSettings settings = new ProviderSettings(id, own, spring, this.binder);
			Provider provider = settings.provider();
			settings.warn(provider);
			providers.add(provider);
			policies.add(settings.policy());
		}
		BearerPolicies selection = new BearerPolicies(policies);
		ProviderWarnings.check(policies, selection);
		return new ConfiguredProviders(new Providers(ForeignTokenChains.of(providers)), selection, this::details,
				others);
	}

	private void details(Provider provider, ClientRegistration.Builder builder) {
		SpringRegistration spring = ProviderIds.find(this.registrations, provider.id());
		if (spring != null) {
			spring.details().accept(builder);
			return;
		}
		// Ours has no such property, and a server with typed-in endpoints may need it.
		this.binder
			.bind(ConfigurationPropertyName.adapt(provider.property("jwk-set-uri"), '.'), Bindable.of(String.class))
			.ifBound(builder::jwkSetUri);
	}

}
