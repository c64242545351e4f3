package io.github.oauth2pkce.testing;

import java.util.List;
import java.util.Set;

import com.nimbusds.jose.jwk.JWK;
import org.jspecify.annotations.Nullable;

/**
 * A client as registered at the server.
 */
public record FakeClient(String clientId, @Nullable String clientSecret, Set<String> authenticationMethods,
		boolean pkceRequired, boolean deviceGrantEnabled, @Nullable String redirectUri,
		@Nullable Registration registration, List<JWK> keys) {

	/** The header in which what ends TLS before the server names the client. */
	public static final String CERTIFICATE = "X-Client-Certificate";

	public static FakeClient publicClient(String clientId) {
		return new FakeClient(clientId, null, Set.of("none"), false, true, null, null, List.of());
	}

	/**
	 * A client that may send its secret either in a Basic header or in the form.
	 */
	public static FakeClient confidential(String clientId, String clientSecret) {
		return new FakeClient(clientId, clientSecret, Set.of("client_secret_basic", "client_secret_post"), false, true,
				null, null, List.of());
	}

	/**
	 * A client that signs by a key, whose id has to be in its assertions; by one
	 * algorithm where the key has one.
	 */
	public static FakeClient signing(String clientId, JWK... keys) {
		return new FakeClient(clientId, null, Set.of("private_key_jwt"), false, true, null, null, List.of(keys));
	}

	/**
	 * A client whose connections have a certificate for its id (RFC 8705 section 2.1.2).
	 */
	public static FakeClient certified(String clientId) {
		return publicClient(clientId).authenticatingWith("tls_client_auth");
	}

	public FakeClient authenticatingWith(String... methods) {
		return new FakeClient(this.clientId, this.clientSecret, Set.of(methods), this.pkceRequired,
				this.deviceGrantEnabled, this.redirectUri, this.registration, this.keys);
	}

	/**
	 * Refuse device and authorization requests that carry no S256 challenge.
	 */
	public FakeClient requirePkce() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, true,
				this.deviceGrantEnabled, this.redirectUri, this.registration, this.keys);
	}

	public FakeClient withoutDeviceGrant() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired, false,
				this.redirectUri, this.registration, this.keys);
	}

	/**
	 * Redirect to this address only. RFC 8252 section 7.3: "The authorization server MUST
	 * allow any port to be specified at the time of the request for loopback IP redirect
	 * URIs".
	 */
	public FakeClient redirectingTo(String redirectUri) {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired,
				this.deviceGrantEnabled, redirectUri, this.registration, this.keys);
	}

	/**
	 * Whether it has registered for a grant; a client that has not registered itself may
	 * use all.
	 */
	boolean mayUse(String grantType) {
		return this.registration == null || this.registration.list("grant_types").contains(grantType);
	}

	boolean isRegistered(String redirectUri) {
		if (this.registration != null) {
			return this.registration.list("redirect_uris")
				.stream()
				.map(String::valueOf)
				.anyMatch((registered) -> registered.equals(redirectUri) || this.registration.anyLoopbackPort()
						&& withoutPort(registered).equals(withoutPort(redirectUri)));
		}
		return this.redirectUri == null || withoutPort(redirectUri).equals(withoutPort(this.redirectUri));
	}

	private static String withoutPort(String uri) {
		return uri.replaceFirst("^(http://(127\\.0\\.0\\.1|\\[::1\\])):\\d+/", "$1/");
	}

}
