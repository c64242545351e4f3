package io.github.oauth2pkce.authentication;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.SignedJWT;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.token.ClientAuthentication;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.MultiValueMap;

/**
 * A client that signs with its secret instead of sending it (OpenID Connect Core section
 * 9, {@code client_secret_jwt}). Thread-safe.
 */
public final class ClientSecretJwt implements ClientAuthentication {

	private final JwtAssertions assertions;

	/**
	 * Creates the authentication.
	 * @param metadata what is known of a provider's server, without asking it
	 * @param clock the time of assertions
	 */
	public ClientSecretJwt(Function<Provider, AuthorizationServerMetadata> metadata, InstantSource clock) {
		this.assertions = new JwtAssertions(metadata, clock);
	}

	/**
	 * The algorithms for which a secret is long enough (RFC 7518 section 3.2).
	 * @param secret the secret
	 * @return their names, the strongest first; none for fewer than 32 bytes
	 */
	public static List<String> algorithms(String secret) {
		int length = secret.getBytes(StandardCharsets.UTF_8).length;
		return List.of(512, 384, 256)
			.stream()
			.filter((bits) -> length >= bits / Byte.SIZE)
			.map((bits) -> "HS" + bits)
			.toList();
	}

	@Override
	public ClientAuthenticationMethod method() {
		return ClientAuthenticationMethod.CLIENT_SECRET_JWT;
	}

	@Override
	public void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form) {
		String secret = Objects.requireNonNull(provider.client().secret());
		SignedJWT assertion = new SignedJWT(
				new JWSHeader.Builder(this.assertions.algorithm(provider, algorithms(secret))).type(JOSEObjectType.JWT)
					.keyID(provider.client().assertion().keyId())
					.build(),
				this.assertions.claims(provider, endpoint));
		Signer.sign(assertion, secret, provider);
		JwtAssertions.add(form, provider.client().id(), assertion.serialize());
	}

	/** Loaded when something is signed, and the JOSE library with it. */
	private static final class Signer {

		static void sign(SignedJWT assertion, String secret, Provider provider) {
			try {
				assertion.sign(new MACSigner(secret));
			}
			catch (JOSEException ex) {
				throw new IllegalStateException("The secret of '" + provider.id() + "' cannot sign", ex);
			}
		}

	}

}
