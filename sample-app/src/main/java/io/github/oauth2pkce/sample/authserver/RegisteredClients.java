package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;

/**
 * The configured clients, and those that have registered themselves. All have the
 * lifetimes of this start.
 */
final class RegisteredClients implements RegisteredClientRepository {

	private final RegisteredClientRepository configured;

	private final RegisteredClientRepository registered;

	private final DemoSettings settings;

	RegisteredClients(RegisteredClientRepository configured, RegisteredClientRepository registered,
			DemoSettings settings) {
		this.configured = configured;
		this.registered = registered;
		this.settings = settings;
	}

	@Override
	public void save(RegisteredClient client) {
		this.registered.save(client);
	}

	@Override
	public @Nullable RegisteredClient findById(String id) {
		RegisteredClient client = this.configured.findById(id);
		return (client != null) ? client : withLifetimes(this.registered.findById(id));
	}

	@Override
	public @Nullable RegisteredClient findByClientId(String clientId) {
		RegisteredClient client = this.configured.findByClientId(clientId);
		return (client != null) ? client : withLifetimes(this.registered.findByClientId(clientId));
	}

	private @Nullable RegisteredClient withLifetimes(@Nullable RegisteredClient client) {
		return (client != null)
				? RegisteredClient.from(client).tokenSettings(ClientsConfiguration.tokenSettings(this.settings)).build()
				: null;
	}

}
