package io.github.oauth2pkce.configuration;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider.Registration;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.StringUtils;

/** Who the application is to the server, and how it proves that. */
final class ClientSettings {

	private static final Map<String, ClientAuthenticationMethod> METHODS = Stream
		.of(ClientAuthenticationMethod.NONE, ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
				ClientAuthenticationMethod.CLIENT_SECRET_POST, ClientAuthenticationMethod.CLIENT_SECRET_JWT,
				ClientAuthenticationMethod.PRIVATE_KEY_JWT, ClientAuthenticationMethod.TLS_CLIENT_AUTH,
				ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH)
		.collect(Collectors.toUnmodifiableMap(ClientAuthenticationMethod::getValue, Function.identity()));

	/** Spring's shape has no place for their keys. */
	private static final Set<ClientAuthenticationMethod> WITH_KEYS = Set.of(ClientAuthenticationMethod.PRIVATE_KEY_JWT,
			ClientAuthenticationMethod.TLS_CLIENT_AUTH, ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	private final ProviderKeys keys;

	private final ResourceSettings resource;

	ClientSettings(ProviderKeys keys, ResourceSettings resource) {
		this.keys = keys;
		this.resource = resource;
	}

	/** Whether only the application's own code can know the keys of a registration. */
	static boolean isForeign(SpringRegistration spring) {
		ClientAuthenticationMethod method = METHODS.get(String.valueOf(spring.clientAuthenticationMethod()));
		return spring.clientAuthenticationMethod() != null && (method == null || WITH_KEYS.contains(method));
	}

	/** {@code null} where it is found out at run time. */
	@Nullable String id() {
		String own = this.keys.own().clientId();
		String clientId = this.keys.text(own, SpringRegistration::clientId);
		if (clientId == null && this.resource.isClientOpen()) {
			return null;
		}
		if (clientId == null) {
			throw missingId();
		}
		PropertyText.checkPlaceholder(this.keys.whose(own, SpringRegistration::prefix) + ".client-id", clientId, false);
		return clientId;
	}

	private InvalidPropertyException missingId() {
		SpringRegistration spring = this.keys.spring();
		if (spring != null && this.keys.isOfSpringOnly()) {
			return new InvalidPropertyException(spring.prefix() + ".client-id", null, "is missing",
					"Set it to the id under which this application is registered with the provider.");
		}
		String property = this.keys.prefix() + ".client-id";
		String other = SpringRegistration.REGISTRATIONS + "." + this.keys.id() + ".client-id";
		if (spring == null && this.keys.isConfigured(other)) {
			return new InvalidPropertyException(property, null,
					"is missing, and nothing here reads " + other
							+ ": Spring Boot's OAuth2 client module is not on the class path",
					"Add spring-boot-starter-security-oauth2-client, or set " + property + ".");
		}
		return new InvalidPropertyException(property, null, "is missing, and there is no " + other + " either",
				"Set one of them to the id under which this application is registered with the provider, or remove "
						+ this.keys.prefix() + ".");
	}

	Registration registration(@Nullable String clientId) {
		return this.resource.registration(clientId, this.keys.application("spring.application.name"));
	}

	@Nullable String secret() {
		String own = this.keys.own().clientSecret();
		String secret = this.keys.text(own, SpringRegistration::clientSecret);
		PropertyText.checkPlaceholder(this.keys.whose(own, SpringRegistration::prefix) + ".client-secret", secret,
				true);
		return secret;
	}

	@Nullable String sslBundle() {
		String bundle = this.keys.own().sslBundle();
		PropertyText.checkPlaceholder(this.keys.prefix() + ".ssl-bundle", bundle, false);
		return ProviderKeys.text(bundle);
	}

	/** {@code null} where nobody has written one down. */
	@Nullable ClientAuthenticationMethod writtenMethod() {
		ProviderProperties.AuthenticationMethod own = this.keys.own().clientAuthenticationMethod();
		String value = (own != null) ? own.toString()
				: this.keys.text(null, SpringRegistration::clientAuthenticationMethod);
		if (value == null) {
			return null;
		}
		ClientAuthenticationMethod method = METHODS.get(value);
		if (method == null) {
			throw wrongMethod(this.keys.whose(null, SpringRegistration::prefix) + ".client-authentication-method",
					value);
		}
		return method;
	}

	static InvalidPropertyException wrongMethod(String property, String value) {
		return new InvalidPropertyException(property, value, "is not supported",
				"Use client_secret_basic, client_secret_post or none; or, so that no secret is sent,"
						+ " private_key_jwt, client_secret_jwt, tls_client_auth or self_signed_tls_client_auth.");
	}

	/**
	 * What the profile demands is written, even if nobody has: no server may weaken it.
	 */
	@Nullable ClientAuthenticationMethod method(boolean fapi2) {
		ClientAuthenticationMethod written = writtenMethod();
		ProviderProperties.ClientAssertion assertion = this.keys.own().clientAssertion();
		boolean key = assertion != null && StringUtils.hasText(assertion.key());
		return (written == null && fapi2 && key) ? ClientAuthenticationMethod.PRIVATE_KEY_JWT : written;
	}

}
