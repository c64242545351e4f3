package io.github.oauth2pkce.testing;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A client as registered at the server.
 */
public record FakeClient(String clientId, @Nullable String clientSecret, Set<String> authenticationMethods,
		boolean pkceRequired, boolean deviceGrantEnabled, @Nullable String redirectUri) {

	public static FakeClient publicClient(String clientId) {
		return new FakeClient(clientId, null, Set.of("none"), false, true, null);
	}

	/**
	 * A client that may send its secret either in a Basic header or in the form.
	 */
	public static FakeClient confidential(String clientId, String clientSecret) {
		return new FakeClient(clientId, clientSecret, Set.of("client_secret_basic", "client_secret_post"), false, true,
				null);
	}

	public FakeClient authenticatingWith(String... methods) {
		return new FakeClient(this.clientId, this.clientSecret, Set.of(methods), this.pkceRequired,
				this.deviceGrantEnabled, this.redirectUri);
	}

	/**
	 * Refuse device and authorization requests that carry no S256 challenge.
	 */
	public FakeClient requirePkce() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, true,
				this.deviceGrantEnabled, this.redirectUri);
	}

	public FakeClient withoutDeviceGrant() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired, false,
				this.redirectUri);
	}

	/**
	 * Redirect to this address only. RFC 8252 section 7.3: "The authorization server MUST
	 * allow any port to be specified at the time of the request for loopback IP redirect
	 * URIs".
	 */
	public FakeClient redirectingTo(String redirectUri) {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired,
				this.deviceGrantEnabled, redirectUri);
	}

	boolean isRegistered(String redirectUri) {
		return this.redirectUri == null || withoutPort(redirectUri).equals(withoutPort(this.redirectUri));
	}

	private static String withoutPort(String uri) {
		return uri.replaceFirst("^(http://(127\\.0\\.0\\.1|\\[::1\\])):\\d+/", "$1/");
	}

}
