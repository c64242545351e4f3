package io.github.oauth2pkce.configuration;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties.Registration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientPropertiesMapper;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.Environment;
import org.springframework.security.config.oauth2.client.CommonOAuth2Provider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.StringUtils;

/**
 * Reads Spring's own properties; only loaded when Boot's OAuth2 client module is there.
 */
public final class SpringRegistrations {

	private static final String PREFIX = "spring.security.oauth2.client";

	private SpringRegistrations() {
	}

	/**
	 * Reads the registrations.
	 * @param ours what is configured in our own shape, by id: an issuer there counts here
	 */
	public static Map<String, SpringRegistration> read(Environment environment, Map<String, ProviderProperties> ours) {
		OAuth2ClientProperties properties = Binder.get(environment)
			.bind(PREFIX, OAuth2ClientProperties.class)
			.orElseGet(OAuth2ClientProperties::new);
		Map<String, SpringRegistration> registrations = new LinkedHashMap<>();
		properties.getRegistration()
			.forEach((id, registration) -> registrations.put(id,
					read(id, registration, properties, ProviderIds.find(ours, id))));
		return registrations;
	}

	private static SpringRegistration read(String id, Registration registration, OAuth2ClientProperties properties,
			@Nullable ProviderProperties ours) {
		String providerId = (registration.getProvider() != null) ? registration.getProvider() : id;
		OAuth2ClientProperties.Provider own = properties.getProvider().get(providerId);
		OAuth2ClientProperties.Provider provider = (own != null) ? own : new OAuth2ClientProperties.Provider();
		ClientRegistration builtIn = builtIn(providerId);
		if (registration.getProvider() != null && own == null && builtIn == null) {
			throw new InvalidPropertyException(PREFIX + ".registration." + id + ".provider", providerId,
					"names no provider: there is nothing below " + PREFIX + ".provider." + providerId,
					"Correct the name, or configure that provider.");
		}
		// As in Boot: an issuer takes the place of all that is built in.
		boolean issuer = StringUtils.hasText(provider.getIssuerUri())
				|| (ours != null && StringUtils.hasText(ours.issuerUri()));
		ClientRegistration common = issuer ? null : builtIn;
		Set<String> scopes = registration.getScope();
		if (scopes == null && common != null) {
			scopes = common.getScopes();
		}
		return new SpringRegistration(PREFIX + ".registration." + id, PREFIX + ".provider." + providerId,
				registration.getClientId(), registration.getClientSecret(),
				first(registration.getClientAuthenticationMethod(),
						(common != null) ? common.getClientAuthenticationMethod().getValue() : null),
				registration.getAuthorizationGrantType(), (scopes != null) ? scopes : Set.of(), provider.getIssuerUri(),
				first(provider.getAuthorizationUri(),
						(common != null) ? common.getProviderDetails().getAuthorizationUri() : null),
				first(provider.getTokenUri(), (common != null) ? tokenUri(common) : null),
				registration.getRedirectUri(), details(registration, provider, common),
				() -> complete(id, registration, properties));
	}

	private static Consumer<ClientRegistration.Builder> details(Registration registration,
			OAuth2ClientProperties.Provider provider, @Nullable ClientRegistration common) {
		return (builder) -> {
			PropertyMapper map = PropertyMapper.get();
			if (common != null) {
				map.from(common.getProviderDetails().getJwkSetUri()).to(builder::jwkSetUri);
				map.from(common.getProviderDetails().getUserInfoEndpoint().getUri()).to(builder::userInfoUri);
				map.from(common.getProviderDetails().getUserInfoEndpoint().getUserNameAttributeName())
					.to(builder::userNameAttributeName);
				map.from(common.getClientName()).to(builder::clientName);
			}
			map.from(provider::getUserInfoUri).to(builder::userInfoUri);
			map.from(provider::getJwkSetUri).to(builder::jwkSetUri);
			map.from(provider::getUserNameAttribute).to(builder::userNameAttributeName);
			map.from(provider::getUserInfoAuthenticationMethod)
				.as(org.springframework.security.oauth2.core.AuthenticationMethod::new)
				.to(builder::userInfoAuthenticationMethod);
			map.from(registration::getRedirectUri).to(builder::redirectUri);
			map.from(registration::getClientName).to(builder::clientName);
		};
	}

	/** Google, GitHub and the others that Spring Security knows by name. */
	private static @Nullable ClientRegistration builtIn(String providerId) {
		try {
			CommonOAuth2Provider provider = ApplicationConversionService.getSharedInstance()
				.convert(providerId, CommonOAuth2Provider.class);
			// A grant for which a registration needs no endpoint: Okta's are each
			// customer's own, so Spring has none of them.
			return (provider != null) ? provider.getBuilder(providerId)
				.clientId(providerId)
				.authorizationGrantType(AuthorizationGrantType.DEVICE_CODE)
				.build() : null;
		}
		catch (ConversionException ex) {
			return null;
		}
	}

	/** A registration without a token endpoint, such as Okta's, fails when asked. */
	private static @Nullable String tokenUri(ClientRegistration common) {
		ClientRegistration.ProviderDetails details = common.getProviderDetails();
		return (details.getAuthorizationUri() != null) ? details.getTokenUri() : null;
	}

	private static ClientRegistration complete(String id, Registration registration,
			OAuth2ClientProperties properties) {
		OAuth2ClientProperties single = new OAuth2ClientProperties();
		single.getRegistration().put(id, registration);
		single.getProvider().putAll(properties.getProvider());
		ClientRegistration complete = new OAuth2ClientPropertiesMapper(single).asClientRegistrations().get(id);
		if (complete == null) {
			throw new IllegalStateException("There is no client registration '" + id + "'");
		}
		return complete;
	}

	private static @Nullable String first(@Nullable String value, @Nullable String fallback) {
		return StringUtils.hasText(value) ? value : fallback;
	}

}
