package io.github.oauth2pkce.testing;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.token.AuthorizationServerClient;

/** Who tests are to authorization servers. */
public final class TestClients {

	private TestClients() {
	}

	/** Those that are configured, and registrations that nobody else sees. */
	public static ClientIdentities identities(AuthorizationServerClient client, Discovery discovery,
			Provider... providers) {
		return new ClientIdentities(new Providers(List.of(providers)), client, discovery, new MemoryTokenStore(),
				Clock.systemUTC(), Duration.ofSeconds(10));
	}

}
