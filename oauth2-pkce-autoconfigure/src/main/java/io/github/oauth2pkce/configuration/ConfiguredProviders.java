package io.github.oauth2pkce.configuration;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.target.BearerPolicies;

import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * Everything that the properties say of providers.
 *
 * @param providers the providers
 * @param policies where their bearers may go
 * @param details what only a browser login needs
 * @param others Spring registrations of grants that are not ours
 */
public record ConfiguredProviders(Providers providers, BearerPolicies policies,
		BiConsumer<Provider, ClientRegistration.Builder> details, Map<String, Supplier<ClientRegistration>> others) {

}
