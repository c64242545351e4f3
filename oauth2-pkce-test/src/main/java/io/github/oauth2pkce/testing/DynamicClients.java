package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * The clients that have registered themselves, and where each looks after its
 * registration.
 */
final class DynamicClients {

	private final RegistrationSettings settings;

	private final RegisteredClients clients;

	private final InstantSource clock;

	private final Secrets secrets;

	private final Supplier<String> origin;

	private final Map<String, Managed> byPath = new LinkedHashMap<>();

	private int count;

	private record Managed(String clientId, String accessToken) {
	}

	DynamicClients(RegistrationSettings settings, RegisteredClients clients, InstantSource clock, Secrets secrets,
			Supplier<String> origin) {
		this.settings = settings;
		this.clients = clients;
		this.clock = clock;
		this.secrets = secrets;
		this.origin = origin;
	}

	/**
	 * A new client, and the members of the answer to it.
	 */
	synchronized Map<String, Object> register(Map<String, Object> metadata) {
		Map<String, Object> registered = new LinkedHashMap<>(metadata);
		String method = this.settings.authenticationMethod();
		if (method != null) {
			registered.put("token_endpoint_auth_method", method);
		}
		boolean secret = this.settings.isSecretAlwaysIssued()
				|| !List.of("none", "private_key_jwt").contains(registered.get("token_endpoint_auth_method"));
		Duration lifetime = this.settings.secretLifetime();
		Instant expiresAt = (secret && lifetime != null) ? this.clock.instant().plus(lifetime) : null;
		String clientId = this.settings.nextClientId();
		String id = (clientId != null) ? clientId : "dynamic-" + ++this.count;
		this.clients.register(client(id, secret ? this.secrets.next("cs") : null,
				new Registration(registered, expiresAt, this.settings.isAnyLoopbackPort())));
		String path = Endpoint.CLIENT_CONFIGURATION.path() + "/" + this.secrets.next("path");
		if (this.settings.isManaged()) {
			this.byPath.put(path, new Managed(id, this.secrets.next("rat")));
		}
		return answer(path, id);
	}

	/**
	 * The id of the client that may use its configuration endpoint with this token.
	 */
	synchronized @Nullable String find(String path, @Nullable String accessToken) {
		Managed managed = this.byPath.get(path);
		return (managed != null && managed.accessToken().equals(accessToken)
				&& this.clients.find(managed.clientId()) != null) ? managed.clientId() : null;
	}

	/**
	 * The members of an answer about a registration (RFC 7591 section 3.2.1, RFC 7592
	 * section 3).
	 */
	synchronized Map<String, Object> answer(String path, String clientId) {
		FakeClient client = this.clients.get(clientId);
		Registration registration = client.registration();
		Map<String, Object> members = new LinkedHashMap<>();
		if (registration != null) {
			members.putAll(registration.metadata());
		}
		members.put("client_id", clientId);
		members.put("client_id_issued_at", this.clock.instant().getEpochSecond());
		if (client.clientSecret() != null) {
			Instant expiresAt = (registration != null) ? registration.secretExpiresAt() : null;
			members.put("client_secret", client.clientSecret());
			members.put("client_secret_expires_at", (expiresAt != null) ? expiresAt.getEpochSecond() : 0);
		}
		Managed managed = this.byPath.get(path);
		if (managed != null && this.settings.isAccessTokenRotated()) {
			managed = new Managed(clientId, this.secrets.next("rat"));
			this.byPath.put(path, managed);
		}
		if (managed != null) {
			members.put("registration_client_uri", this.origin.get() + path);
			members.put("registration_access_token", managed.accessToken());
		}
		return members;
	}

	synchronized void replace(String clientId, Map<String, Object> metadata) {
		FakeClient client = this.clients.get(clientId);
		Registration registration = client.registration();
		this.clients.register(client(clientId, client.clientSecret(), new Registration(metadata,
				(registration != null) ? registration.secretExpiresAt() : null, this.settings.isAnyLoopbackPort())));
	}

	void delete(String clientId) {
		this.clients.forget(clientId);
	}

	private static FakeClient client(String id, @Nullable String secret, Registration registration) {
		String method = String.valueOf(registration.metadata().get("token_endpoint_auth_method"));
		return FakeClient.registered(id, secret, method, registration, keys(registration.metadata().get("jwks")));
	}

	/** RFC 7517 section 5. */
	private static List<Map<String, Object>> keys(@Nullable Object jwks) {
		List<Map<String, Object>> keys = new ArrayList<>();
		if (jwks instanceof Map<?, ?> set && set.get("keys") instanceof List<?> members) {
			for (Object member : members) {
				Map<String, Object> key = new LinkedHashMap<>();
				if (member instanceof Map<?, ?> jwk) {
					jwk.forEach((name, value) -> key.put(String.valueOf(name), value));
				}
				keys.add(key);
			}
		}
		return keys;
	}

}
