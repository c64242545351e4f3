package io.github.oauth2pkce.configuration;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * What {@code spring.security.oauth2.client} says of one registration, so that nothing
 * else here needs Boot's OAuth2 client module.
 *
 * @param prefix full path of the registration's properties
 * @param providerPrefix full path of its provider's properties
 * @param grant the grant as configured
 * @param redirectUri the redirect URI as configured, mostly a template
 * @param details what only a browser login needs
 * @param complete the registration as Boot makes it, for grants that are not ours
 */
public record SpringRegistration(String prefix, String providerPrefix, @Nullable String clientId,
		@Nullable String clientSecret, @Nullable String clientAuthenticationMethod, @Nullable String grant,
		Set<String> scopes, @Nullable String issuerUri, @Nullable String authorizationUri, @Nullable String tokenUri,
		@Nullable String redirectUri, Consumer<ClientRegistration.Builder> details,
		Supplier<ClientRegistration> complete) {

	/** Where registrations are configured. */
	static final String REGISTRATIONS = "spring.security.oauth2.client.registration";

	/** Where their providers are. */
	static final String PROVIDERS = "spring.security.oauth2.client.provider";

	@Override
	public String toString() {
		return "SpringRegistration[" + this.prefix + "]";
	}

}
