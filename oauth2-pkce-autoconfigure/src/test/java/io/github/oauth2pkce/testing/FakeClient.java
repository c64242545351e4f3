package io.github.oauth2pkce.testing;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A client as registered at the server.
 */
public record FakeClient(String clientId, @Nullable String clientSecret, Set<String> authenticationMethods,
		boolean pkceRequired, boolean deviceGrantEnabled) {

	public static FakeClient publicClient(String clientId) {
		return new FakeClient(clientId, null, Set.of("none"), false, true);
	}

	/**
	 * A client that may send its secret either in a Basic header or in the form.
	 */
	public static FakeClient confidential(String clientId, String clientSecret) {
		return new FakeClient(clientId, clientSecret, Set.of("client_secret_basic", "client_secret_post"), false, true);
	}

	public FakeClient authenticatingWith(String... methods) {
		return new FakeClient(this.clientId, this.clientSecret, Set.of(methods), this.pkceRequired,
				this.deviceGrantEnabled);
	}

	/**
	 * Refuse device and authorization requests that carry no S256 challenge.
	 */
	public FakeClient requirePkce() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, true,
				this.deviceGrantEnabled);
	}

	public FakeClient withoutDeviceGrant() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired, false);
	}

}
