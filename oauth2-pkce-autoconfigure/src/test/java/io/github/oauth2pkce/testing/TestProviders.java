package io.github.oauth2pkce.testing;

import java.net.URI;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;

/**
 * Providers in which only what a test names is remarkable.
 */
public final class TestProviders {

	private static final URI TOKEN_URI = URI.create("https://auth.example/token");

	private TestProviders() {
	}

	/**
	 * A public device client of a server that nobody will call.
	 */
	public static ProviderBuilder offline() {
		return Provider.withId("demo", "cli")
			.issuerUri("https://auth.example")
			.endpoints(new Endpoints(null, null, TOKEN_URI, null));
	}

	/**
	 * A public device client, registered at the server, with all endpoints given.
	 */
	public static ProviderBuilder device(FakeAuthorizationServer server) {
		server.register(FakeClient.publicClient("cli"));
		return Provider.withId("demo", "cli").issuerUri(server.issuer()).endpoints(endpoints(server));
	}

	/**
	 * A confidential machine client, registered at the server, with all endpoints given.
	 */
	public static ProviderBuilder machine(FakeAuthorizationServer server) {
		server.register(FakeClient.confidential("machine", "machine-secret"));
		return Provider.withId("machine", "machine")
			.clientSecret("machine-secret")
			.grant(Grant.CLIENT_CREDENTIALS)
			.endpoints(endpoints(server));
	}

	public static Endpoints endpoints(FakeAuthorizationServer server) {
		return new Endpoints(server.uri(Endpoint.AUTHORIZATION), server.uri(Endpoint.DEVICE_AUTHORIZATION),
				server.uri(Endpoint.TOKEN), server.uri(Endpoint.REVOCATION));
	}

}
