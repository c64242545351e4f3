package io.github.oauth2pkce.authentication;

import java.net.URI;
import java.time.InstantSource;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.source.SubjectTokenSource;
import io.github.oauth2pkce.token.ClientAuthentication;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.MultiValueMap;

/**
 * A client that signs with its private key (OpenID Connect Core section 9,
 * {@code private_key_jwt}), or for which a platform has signed. Thread-safe.
 */
public final class PrivateKeyJwt implements ClientAuthentication {

	/** The client is the application, whoever is signed in. */
	private static final String APPLICATION = "application";

	private final ClientKeys keys;

	private final JwtAssertions assertions;

	private final Supplier<ForeignTokens> foreignTokens;

	/**
	 * Creates the authentication.
	 * @param keys the keys
	 * @param metadata what is known of a provider's server, without asking it
	 * @param clock the time of assertions
	 * @param foreignTokens reads the assertions of others, by requests of its own at
	 * times
	 */
	public PrivateKeyJwt(ClientKeys keys, Function<Provider, AuthorizationServerMetadata> metadata, InstantSource clock,
			Supplier<ForeignTokens> foreignTokens) {
		this.keys = keys;
		this.foreignTokens = foreignTokens;
		this.assertions = new JwtAssertions(metadata, clock);
	}

	@Override
	public ClientAuthenticationMethod method() {
		return ClientAuthenticationMethod.PRIVATE_KEY_JWT;
	}

	@Override
	public Provider prepared(Provider provider) {
		Assertion assertion = provider.client().assertion();
		// A key that was read once signs as often as it is needed.
		return (assertion.prepared() != null && assertion.source() == null) ? provider
				: provider.withAssertion(read(provider));
	}

	@Override
	public void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form) {
		JwtAssertions.add(form, provider.client().id(), assertion(provider, endpoint));
	}

	private String assertion(Provider provider, URI endpoint) {
		BiFunction<Provider, URI, String> prepared = provider.client().assertion().prepared();
		return ((prepared != null) ? prepared : read(provider)).apply(provider, endpoint);
	}

	/** Who a provider is may be known later than by which key it signs. */
	private BiFunction<Provider, URI, String> read(Provider provider) {
		ForeignToken source = provider.client().assertion().source();
		if (source != null) {
			String presented = this.foreignTokens.get()
				.read(source, new SubjectTokenSource.Context(provider.id(), APPLICATION));
			return (client, endpoint) -> presented;
		}
		ClientKey key = this.keys.of(provider);
		return (client, endpoint) -> key.sign(this.assertions.algorithm(client, key.algorithms()),
				this.assertions.claims(client, endpoint));
	}

}
