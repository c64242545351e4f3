package io.github.oauth2pkce.configuration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSAlgorithm.Family;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.authentication.ClientSecretJwt;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.StringUtils;

/** How a client signs, and whether that fits the way in which it authenticates. */
final class ClientAssertionSettings {

	private static final String GROUP = "client-assertion.";

	/** Servers that compare times want to see it in minutes (RFC 7523 section 3). */
	private static final Duration LONGEST = Duration.ofHours(24);

	private static final Set<ClientAuthenticationMethod> OF_CERTIFICATES = Set
		.of(ClientAuthenticationMethod.TLS_CLIENT_AUTH, ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	private final String prefix;

	private final ProviderProperties.ClientAssertion own;

	ClientAssertionSettings(String prefix, ProviderProperties.ClientAssertion own) {
		this.prefix = prefix;
		this.own = own;
	}

	/**
	 * Reads the settings.
	 * @param source where the assertion of somebody else is read, {@code null} for none
	 */
	Assertion assertion(@Nullable ForeignToken source) {
		Duration lifetime = this.own.lifetime();
		if (lifetime.toSeconds() < 1 || lifetime.compareTo(LONGEST) > 0) {
			throw wrong("lifetime", lifetime.toString(), "is not the lifetime of an assertion",
					"Use a time such as 60s, at most 24h.");
		}
		return new Assertion(text("key", this.own.key(), true), text("key-password", this.own.keyPassword(), true),
				text("algorithm", this.own.algorithm(), false), text("key-id", this.own.keyId(), false),
				text("audience", this.own.audience(), false), lifetime, source, null);
	}

	private @Nullable String text(String key, @Nullable String value, boolean secret) {
		PropertyText.checkPlaceholder(this.prefix + "." + GROUP + key, value, secret);
		return StringUtils.hasText(value) ? value.strip() : null;
	}

	/**
	 * Checks that the client has what it is to authenticate by.
	 * @param provider the provider
	 * @param configured how it is to authenticate, {@code null} when nothing says so
	 */
	void check(Provider provider, @Nullable ClientAuthenticationMethod configured) {
		Assertion assertion = provider.client().assertion();
		ClientAuthenticationMethod method = provider.client().authenticationMethod();
		if (ClientAuthenticationMethod.CLIENT_SECRET_JWT.equals(configured)) {
			checkSecret(provider);
		}
		else if (ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(method)) {
			checkKey(provider);
		}
		else if (OF_CERTIFICATES.contains(method) && provider.client().sslBundle() == null) {
			throw new InvalidPropertyException(this.prefix + ".ssl-bundle", null,
					"is missing: " + method.getValue() + " needs the certificate of the client",
					"Set it to an SSL bundle with a key and its certificate (spring.ssl.bundle).");
		}
		checkUsed(provider, method, assertion);
	}

	/** What is set and does nothing is a mistake. */
	private void checkUsed(Provider provider, ClientAuthenticationMethod method, Assertion assertion) {
		boolean key = ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(method);
		boolean signs = key || ClientAuthenticationMethod.CLIENT_SECRET_JWT.equals(method);
		Map<String, Boolean> unused = new LinkedHashMap<>();
		ForeignToken source = assertion.source();
		if (source != null) {
			unused.put(source.property().substring(this.prefix.length() + 1 + GROUP.length()), !key);
		}
		unused.put("key", assertion.key() != null && !key);
		unused.put("key-password", assertion.keyPassword() != null && !key);
		unused.put("algorithm", assertion.algorithm() != null && !signs);
		unused.put("key-id", assertion.keyId() != null && !signs);
		unused.put("audience", assertion.audience() != null && !signs);
		unused.forEach((name, set) -> {
			if (set) {
				throw wrong(name, null, "is never used, because " + provider.property("client-authentication-method")
						+ " is " + method.getValue(), "Set that to private_key_jwt, or remove " + name + ".");
			}
		});
	}

	private void checkKey(Provider provider) {
		Assertion assertion = provider.client().assertion();
		if (assertion.source() != null) {
			checkForeign(assertion, assertion.source());
			return;
		}
		if (assertion.key() == null && provider.client().sslBundle() == null) {
			throw wrong("key", null, "is missing: private_key_jwt signs with a private key",
					"Set it to the location of a PEM or JWK file, or set " + this.prefix
							+ ".ssl-bundle to an SSL bundle with a key.");
		}
		if (assertion.algorithm() != null && !Family.SIGNATURE.contains(JWSAlgorithm.parse(assertion.algorithm()))) {
			throw wrong("algorithm", assertion.algorithm(), "is no algorithm of private_key_jwt",
					"Use one that fits the key, such as ES256 or PS256, or remove it.");
		}
	}

	/** What somebody else has signed is not signed here. */
	private void checkForeign(Assertion assertion, ForeignToken source) {
		Map<String, Boolean> own = new LinkedHashMap<>();
		own.put("key", assertion.key() != null);
		own.put("key-password", assertion.keyPassword() != null);
		own.put("algorithm", assertion.algorithm() != null);
		own.put("key-id", assertion.keyId() != null);
		own.put("audience", assertion.audience() != null);
		own.forEach((key, set) -> {
			if (set) {
				throw wrong(key, null,
						"is set beside " + source.property() + ", where an assertion is complete already",
						"Remove one of the two.");
			}
		});
	}

	private void checkSecret(Provider provider) {
		String secret = provider.client().secret();
		if (secret == null) {
			throw new InvalidPropertyException(provider.property("client-secret"), null,
					"is missing: client_secret_jwt signs with it", "Set it to the secret of this client.");
		}
		List<String> possible = ClientSecretJwt.algorithms(secret);
		if (possible.isEmpty()) {
			// RFC 7518 section 3.2.
			throw new InvalidPropertyException(provider.property("client-secret"), null,
					"is too short for client_secret_jwt: HS256 needs 32 bytes at least",
					"Use a longer secret, or another " + provider.property("client-authentication-method") + ".");
		}
		String algorithm = provider.client().assertion().algorithm();
		if (algorithm != null && !possible.contains(algorithm)) {
			throw wrong("algorithm", algorithm, "does not fit client_secret_jwt with this secret",
					"Use " + String.join(" or ", possible) + ", or remove it.");
		}
	}

	private InvalidPropertyException wrong(String key, @Nullable String value, String problem, String action) {
		return new InvalidPropertyException(this.prefix + "." + GROUP + key, value, problem, action);
	}

}
