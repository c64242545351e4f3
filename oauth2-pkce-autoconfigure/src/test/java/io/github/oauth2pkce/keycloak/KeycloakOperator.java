package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whoever runs the realm, at its admin API.
 */
final class KeycloakOperator {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private static final String POLICY = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

	private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

	private final String issuer;

	private final String token;

	KeycloakOperator(KeycloakServer keycloak) {
		this(keycloak.issuer());
	}

	KeycloakOperator(String issuer) {
		this.issuer = issuer;
		String form = "grant_type=password&client_id=admin-cli&username=operator&password=operator-pw";
		this.token = MAPPER
			.readTree(send(HttpRequest.newBuilder(URI.create(issuer + "/protocol/openid-connect/token"))
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(BodyPublishers.ofString(form))))
			.path("access_token")
			.stringValue();
	}

	/**
	 * Change a policy for registrations (Clients → Client registration).
	 * @param subType {@code anonymous} or {@code authenticated}, with an initial access
	 * token
	 */
	void policy(String providerId, String subType, String setting, String... values) {
		for (JsonNode policy : MAPPER.readTree(call("GET", "/components?type=" + POLICY, null))) {
			if (policy.path("providerId").stringValue("").equals(providerId)
					&& policy.path("subType").stringValue("").equals(subType)) {
				((ObjectNode) policy).withObject("/config").set(setting, MAPPER.valueToTree(List.of(values)));
				call("PUT", "/components/" + policy.path("id").stringValue(), policy);
			}
		}
	}

	/**
	 * Let anybody register whose redirect URI is at the loopback address.
	 */
	void trustLoopback() {
		policy("trusted-hosts", "anonymous", "host-sending-registration-request-must-match", "false");
		policy("trusted-hosts", "anonymous", "trusted-hosts", "127.0.0.1");
	}

	/** Let nobody register without an initial access token, as in a new realm. */
	void trustNobody() {
		policy("trusted-hosts", "anonymous", "host-sending-registration-request-must-match", "true");
		policy("trusted-hosts", "anonymous", "trusted-hosts");
	}

	/**
	 * Let people log in as what a client id metadata document says, if it and all of its
	 * redirect URIs are on this machine.
	 */
	void trustDocumentsOfLoopback() {
		policies(
				List.of(Map.of("name", "documents", "executors",
						List.of(Map.of("executor", "client-id-metadata-document", "configuration",
								Map.of("cimd-allow-permitted-domains", List.of("127.0.0.1", "localhost", "[::1]")))))),
				List.of(Map.of("name", "documents", "enabled", true, "profiles", List.of("documents"), "conditions",
						List.of(Map.of("condition", "client-id-uri", "configuration", Map.of("client-id-uri-scheme",
								List.of("https"), "client-id-uri-allow-permitted-domains", List.of("127.0.0.1")))))));
	}

	/**
	 * Hold every client to a profile that Keycloak brings along, as it is.
	 */
	void demand(String profile) {
		policies(List.of(), List.of(everyClient(profile)));
	}

	/**
	 * Hold every client to such a profile, but for redirect URIs: those of programs on
	 * people's machines are not https (RFC 8252 section 7.3).
	 */
	void demandButAllowLoopback(String profile) {
		JsonNode profiles = MAPPER.readTree(call("GET", "/client-policies/profiles?include-global-profiles=true", null))
			.path("globalProfiles");
		List<Object> executors = new ArrayList<>();
		for (JsonNode known : profiles) {
			if (known.path("name").stringValue("").equals(profile)) {
				known.path("executors").forEach(executors::add);
			}
		}
		executors.removeIf(
				(executor) -> ((JsonNode) executor).path("executor").stringValue("").equals("secure-client-uris"));
		policies(List.of(Map.of("name", "loopback-" + profile, "executors", executors)),
				List.of(everyClient("loopback-" + profile)));
	}

	/** Demand nothing special of clients, and take no documents, as in a new realm. */
	void withdrawPolicies() {
		policies(List.of(), List.of());
	}

	private static Map<String, Object> everyClient(String profile) {
		return Map.of("name", profile, "enabled", true, "profiles", List.of(profile), "conditions",
				List.of(Map.of("condition", "any-client", "configuration", Map.of())));
	}

	private void policies(List<Map<String, Object>> profiles, List<Map<String, Object>> policies) {
		if (!policies.isEmpty()) {
			call("PUT", "/client-policies/profiles", MAPPER.valueToTree(Map.of("profiles", profiles)));
		}
		call("PUT", "/client-policies/policies", MAPPER.valueToTree(Map.of("policies", policies)));
		if (policies.isEmpty()) {
			call("PUT", "/client-policies/profiles", MAPPER.valueToTree(Map.of("profiles", profiles)));
		}
	}

	String initialAccessToken() {
		return MAPPER
			.readTree(
					call("POST", "/clients-initial-access", MAPPER.valueToTree(Map.of("count", 1, "expiration", 600))))
			.path("token")
			.stringValue();
	}

	/**
	 * Make a client scope that clients may ask for, also those that register later. Its
	 * tokens are for that audience, and the client {@code machine} may introspect them.
	 */
	void offerScope(String name, String audience) {
		// Keycloak introspects tokens only for a client that is in their audience.
		List<Map<String, Object>> mappers = List.of(audience("included.custom.audience", audience),
				audience("included.client.audience", "machine"));
		call("POST", "/client-scopes", MAPPER.valueToTree(Map.of("name", name, "protocol", "openid-connect",
				"attributes", Map.of("include.in.token.scope", "true"), "protocolMappers", mappers)));
		for (JsonNode scope : MAPPER.readTree(call("GET", "/client-scopes", null))) {
			if (scope.path("name").stringValue("").equals(name)) {
				call("PUT", "/default-optional-client-scopes/" + scope.path("id").stringValue(), null);
			}
		}
	}

	/**
	 * Make a confidential client that logs nobody in by a browser.
	 * @param settings the others, and those that differ
	 */
	void createClient(String clientId, Map<String, Object> settings) {
		Map<String, Object> client = new HashMap<>(
				Map.of("clientId", clientId, "publicClient", false, "standardFlowEnabled", false));
		client.putAll(settings);
		call("POST", "/clients", MAPPER.valueToTree(client));
	}

	/**
	 * Let the access tokens of a client be for somebody else as well.
	 * @param setting {@code included.client.audience} for a client of this realm, else
	 * {@code included.custom.audience}
	 */
	void addAudience(String clientId, String setting, String audience) {
		call("POST", "/clients/" + id("/clients?clientId=" + clientId) + "/protocol-mappers/models",
				MAPPER.valueToTree(audience(setting, audience)));
	}

	/**
	 * Believe what the issuer says in assertions: of its users, and of its own clients.
	 */
	void trustIssuer(String alias, String issuer, Map<String, String> settings) {
		Map<String, String> config = new HashMap<>(Map.of("issuer", issuer, "validateSignature", "true", "useJwksUrl",
				"true", "jwksUrl", issuer + "/protocol/openid-connect/certs", "hideOnLoginPage", "true", "clientId",
				"unused", "clientSecret", "unused", "authorizationUrl", issuer + "/protocol/openid-connect/auth",
				"tokenUrl", issuer + "/protocol/openid-connect/token"));
		config.putAll(settings);
		call("POST", "/identity-provider/instances", MAPPER.valueToTree(
				Map.of("alias", alias, "providerId", "oidc", "enabled", true, "hideOnLogin", true, "config", config)));
	}

	void distrustIssuer(String alias) {
		call("DELETE", "/identity-provider/instances/" + alias, null);
	}

	/** Say which user of the issuer is which one here. */
	void link(String username, String alias, String subject) {
		call("POST", "/users/" + id("/users?username=" + username) + "/federated-identity/" + alias,
				MAPPER.valueToTree(Map.of("identityProvider", alias, "userId", subject, "userName", subject)));
	}

	/** The subject of the tokens that a client gets for itself. */
	String serviceAccount(String clientId) {
		return MAPPER
			.readTree(call("GET", "/clients/" + id("/clients?clientId=" + clientId) + "/service-account-user", null))
			.path("id")
			.stringValue();
	}

	private String id(String query) {
		return MAPPER.readTree(call("GET", query, null)).path(0).path("id").stringValue();
	}

	/**
	 * {@return the client, {@code null} if there is none}
	 */
	@Nullable JsonNode client(String clientId) {
		return MAPPER
			.readTree(call("GET", "/clients?clientId=" + URLEncoder.encode(clientId, StandardCharsets.UTF_8), null))
			.get(0);
	}

	private static Map<String, Object> audience(String setting, String value) {
		return Map.of("name", setting, "protocol", "openid-connect", "protocolMapper", "oidc-audience-mapper", "config",
				Map.of(setting, value, "access.token.claim", "true"));
	}

	void deleteClient(String clientId) {
		JsonNode client = client(clientId);
		if (client != null) {
			call("DELETE", "/clients/" + client.path("id").stringValue(), null);
		}
	}

	private String call(String method, String path, @Nullable JsonNode body) {
		URI uri = URI.create(this.issuer.replace("/realms/", "/admin/realms/") + path);
		return send(HttpRequest.newBuilder(uri)
			.header("Authorization", "Bearer " + this.token)
			.header("Content-Type", "application/json")
			.method(method, BodyPublishers.ofString((body != null) ? body.toString() : "")));
	}

	private String send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.http.send(request.timeout(Duration.ofSeconds(30)).build(),
					BodyHandlers.ofString());
			if (response.statusCode() / 100 != 2) {
				throw new IllegalStateException(response + ": " + response.body());
			}
			return response.body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
