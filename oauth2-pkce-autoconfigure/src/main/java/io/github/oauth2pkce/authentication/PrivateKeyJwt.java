package io.github.oauth2pkce.authentication;

import java.net.URI;
import java.time.InstantSource;
import java.util.function.Function;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.token.ClientAuthentication;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.MultiValueMap;

/**
 * A client that signs with its private key (OpenID Connect Core section 9,
 * {@code private_key_jwt}). Thread-safe.
 */
public final class PrivateKeyJwt implements ClientAuthentication {

	private final ClientKeys keys;

	private final JwtAssertions assertions;

	/**
	 * Creates the authentication.
	 * @param keys the keys
	 * @param metadata what is known of a provider's server, without asking it
	 * @param clock the time of assertions
	 */
	public PrivateKeyJwt(ClientKeys keys, Function<Provider, AuthorizationServerMetadata> metadata,
			InstantSource clock) {
		this.keys = keys;
		this.assertions = new JwtAssertions(metadata, clock);
	}

	@Override
	public ClientAuthenticationMethod method() {
		return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
	}

	@Override
	public void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form) {
		ClientKey key = this.keys.of(provider);
		JwtAssertions.add(form, provider.client().id(), key.sign(this.assertions.algorithm(provider, key.algorithms()),
				provider.client().assertion().keyId(), this.assertions.claims(provider, endpoint)));
	}

}
