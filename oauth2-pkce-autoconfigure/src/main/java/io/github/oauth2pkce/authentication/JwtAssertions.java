package io.github.oauth2pkce.authentication;

import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.ServerText;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/**
 * The assertions that clients sign themselves (RFC 7523 section 3): each has an id of its
 * own, because a server that has seen one refuses it. Thread-safe.
 */
final class JwtAssertions {

	private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

	private static final String SUPPORTED = "token_endpoint_auth_signing_alg_values_supported";

	private final Function<Provider, AuthorizationServerMetadata> metadata;

	private final InstantSource clock;

	JwtAssertions(Function<Provider, AuthorizationServerMetadata> metadata, InstantSource clock) {
		this.metadata = metadata;
		this.clock = clock;
	}

	JWTClaimsSet claims(Provider provider, URI endpoint) {
		Instant now = this.clock.instant();
		return new JWTClaimsSet.Builder().issuer(provider.client().id())
			.subject(provider.client().id())
			.audience(audience(provider, endpoint))
			.jwtID(UUID.randomUUID().toString())
			.issueTime(Date.from(now))
			.expirationTime(Date.from(now.plus(provider.client().assertion().lifetime())))
			.build();
	}

	/**
	 * The issuer, as draft-ietf-oauth-rfc7523bis demands: an address that one server
	 * names could be another server's.
	 */
	private static String audience(Provider provider, URI endpoint) {
		String configured = provider.client().assertion().audience();
		if (configured != null) {
			return configured;
		}
		URI token = provider.endpoints().token();
		return (provider.issuerUri() != null) ? provider.issuerUri() : ((token != null) ? token : endpoint).toString();
	}

	/**
	 * Chooses an algorithm.
	 * @param possible what the key can, the preferred one first
	 * @return the configured one, or the first that the server takes
	 * @throws DiscoveryException when the server takes none of them
	 */
	JWSAlgorithm algorithm(Provider provider, List<String> possible) {
		String configured = provider.client().assertion().algorithm();
		List<String> candidates = (configured != null) ? List.of(configured) : possible;
		Set<String> supported = this.metadata.apply(provider).list(SUPPORTED);
		return candidates.stream()
			.filter((candidate) -> supported.isEmpty() || supported.contains(candidate))
			.findFirst()
			.map(JWSAlgorithm::parse)
			.orElseThrow(() -> new DiscoveryException("The authorization server " + provider.issuerUri()
					+ " takes no client assertion that is signed with " + String.join(", ", candidates) + ", but with "
					+ ServerText.printable(String.join(", ", supported), 200) + ": set "
					+ provider.property("client-assertion.algorithm") + " to one of them, or "
					+ provider.property((provider.client().secret() != null) ? "client-secret" : "client-assertion.key")
					+ " to a key that fits one", false, null));
	}

	static void add(MultiValueMap<String, String> form, String clientId, String assertion) {
		// RFC 7521 section 4.2: not needed, and there are servers that look for it.
		form.set(OAuth2ParameterNames.CLIENT_ID, clientId);
		form.set(OAuth2ParameterNames.CLIENT_ASSERTION_TYPE, TYPE);
		form.set(OAuth2ParameterNames.CLIENT_ASSERTION, assertion);
	}

}
