package io.github.oauth2pkce.testing;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The resource and the clients that come without an introduction. */
@Timeout(30)
class FakeRegistrationTests {

	private static final String REDIRECT_URI = "http://127.0.0.1:4711/cb";

	private static final Map<String, Object> NATIVE = Map.of("application_type", "native", "redirect_uris",
			List.of(REDIRECT_URI), "grant_types", List.of("authorization_code", "refresh_token"),
			"token_endpoint_auth_method", "none");

	private final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start("", this.clock);

	private final FakeResource mcp = this.api.protectedResource("/mcp").authorizedBy(this.server);

	private final Browser http = new Browser();

	@BeforeEach
	void open() {
		this.server.registration().open();
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.api.close();
	}

	/**
	 * What is not said counts as OpenID Connect's default, and that is no native client.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			application_type           |                                 | invalid_redirect_uri
			application_type           | desktop                         | invalid_client_metadata
			redirect_uris              | http://example.org/cb           | invalid_redirect_uri
			redirect_uris              | http://127.0.0.1:4711/cb#part   | invalid_redirect_uri
			redirect_uris              | /cb                             | invalid_redirect_uri
			token_endpoint_auth_method | private_key_jwt                 | invalid_client_metadata
			grant_types                | urn:unheard                     | invalid_client_metadata
			""")
	void refusesMetadataThatNativeClientsGetWrong(String member, String value, String error) {
		Map<String, Object> metadata = new LinkedHashMap<>(NATIVE);
		metadata.remove(member);
		if (value != null) {
			metadata.put(member, member.endsWith("s") ? List.of(value) : value);
		}
		HttpResponse<String> response = register(metadata);
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(Json.readLeniently(response.body()).path("error").asString()).isEqualTo(error);
	}

	@Test
	void registeredClientIsHeldToItsPortItsMethodAndItsGrants() {
		this.server.registration().nextClientIds("a b:c").alwaysIssueSecret(true);
		Map<String, Object> client = registered(NATIVE);
		assertThat(client).containsEntry("client_id", "a b:c").containsEntry("client_secret_expires_at", 0);
		assertThat(authorize("a b:c", "http://127.0.0.1:4712/cb").statusCode()).isEqualTo(400);
		String code = code("a b:c");
		String secret = String.valueOf(client.get("client_secret"));
		assertThat(token("a b:c", code, "client_secret", secret).body()).contains("invalid_client");
		assertThat(json(token("a b:c", code)).get("refresh_token")).isNotNull();
		assertThat(post(this.server.uri(Endpoint.DEVICE_AUTHORIZATION), Map.of("client_id", "a b:c")).body())
			.contains("unauthorized_client");
		assertThat(this.server.requests(Endpoint.TOKEN, "a b:c")).hasSize(2);
		assertThat(this.server.requestsWith(secret)).hasSize(1);
		assertThat(this.server.issuedSecrets()).contains(secret);
	}

	@Test
	void clientThatHasNotRegisteredForRefreshTokensGetsNone() {
		Map<String, Object> metadata = new LinkedHashMap<>(NATIVE);
		metadata.remove("grant_types");
		registered(metadata);
		assertThat(json(token("dynamic-1", code("dynamic-1")))).doesNotContainKey("refresh_token");
	}

	@Test
	void secretEndsByTheServersClock() {
		this.server.registration().authenticationMethod("client_secret_post").secretLifetime(Duration.ofHours(1));
		Map<String, Object> client = registered(NATIVE);
		assertThat(client).containsEntry("token_endpoint_auth_method", "client_secret_post")
			.containsEntry("client_secret_expires_at", (int) this.clock.instant().plusSeconds(3600).getEpochSecond());
		String secret = String.valueOf(client.get("client_secret"));
		String refreshToken = String
			.valueOf(json(token("dynamic-1", code("dynamic-1"), "client_secret", secret)).get("refresh_token"));
		this.clock.advance(Duration.ofHours(1));
		assertThat(post(this.server.uri(Endpoint.TOKEN), Map.of("grant_type", "refresh_token", "client_id", "dynamic-1",
				"client_secret", secret, "refresh_token", refreshToken))
			.body()).contains("invalid_client");
	}

	@Test
	void forgottenClientIsUnknownEverywhere() {
		this.server.registration().manage(true);
		Map<String, Object> client = registered(NATIVE);
		String code = code("dynamic-1");
		this.server.forgetClients();
		assertThat(token("dynamic-1", code).body()).contains("invalid_client");
		assertThat(authorize("dynamic-1", REDIRECT_URI).statusCode()).isEqualTo(400);
		assertThat(manage("GET", client, "").statusCode()).isEqualTo(401);
	}

	@Test
	void clientLooksAfterItsRegistration() {
		this.server.registration().manage(true);
		Map<String, Object> client = registered(NATIVE);
		assertThat(json(manage("GET", client, ""))).isEqualTo(client);
		Map<String, Object> moved = new LinkedHashMap<>(NATIVE);
		moved.put("redirect_uris", List.of("http://127.0.0.1:1/cb"));
		assertThat(manage("PUT", client, Json.write(moved)).statusCode()).isEqualTo(400);
		moved.put("client_id", client.get("client_id"));
		assertThat(manage("PUT", client, Json.write(moved)).statusCode()).isEqualTo(200);
		assertThat(authorize("dynamic-1", REDIRECT_URI).statusCode()).isEqualTo(400);
		assertThat(manage("DELETE", client, "").statusCode()).isEqualTo(204);
		assertThat(manage("DELETE", client, "").statusCode()).isEqualTo(401);
	}

	@Test
	void initialAccessTokenIsDemanded() {
		this.server.registration().initialAccessToken("initial-token");
		assertThat(register(NATIVE).statusCode()).isEqualTo(401);
		assertThat(this.http
			.send("POST", this.server.uri(Endpoint.REGISTRATION), BodyPublishers.ofString(Json.write(NATIVE)),
					"Content-Type", "application/json", "Authorization", "Bearer initial-token")
			.statusCode()).isEqualTo(201);
	}

	@Test
	void metadataDocumentIsAClientIdOnlyWhereItIsAnnounced() {
		String clientId = "https://app.example/client.json";
		assertThat(authorize(clientId, REDIRECT_URI).statusCode()).isEqualTo(400);
		this.server.registration().acceptMetadataDocuments(true);
		assertThat(json(this.http.get(this.server.uri("/.well-known/openid-configuration"))))
			.containsEntry("client_id_metadata_document_supported", true);
		assertThat(json(token(clientId, code(clientId)))).containsKey("refresh_token");
		assertThat(authorize("https://app.example", REDIRECT_URI).statusCode()).isEqualTo(400);
	}

	@Test
	void resourceTakesTokensOfItsServersOnlyAndDemandsMoreOfThem() {
		this.server.register(FakeClient.publicClient("cli"));
		this.mcp.requireScopes("write").challenge("scope", "read");
		assertThat(challenge(null))
			.isEqualTo("401 Bearer resource_metadata=\"" + this.api.uri(this.mcp.pathForm()) + "\", scope=\"read\"");
		assertThat(challenge(login())).startsWith("403 Bearer ").contains("error=\"insufficient_scope\"");
		this.mcp.challenge("scope", "");
		this.mcp.demandAuthentication("acr_values", "gold").demandClaims("{}");
		assertThat(challenge(login("scope", "read write"))).startsWith("401 ")
			.contains("acr_values=\"gold\"", "claims=\"e30=\"", "error=\"insufficient_claims\"");
		String token = login("scope", "read write", "acr_values", "gold", "claims", "{}");
		assertThat(challenge(token)).startsWith("200 ");
		this.mcp.authorizedBy(this.api);
		assertThat(challenge(token)).startsWith("401 ").contains("error=\"invalid_token\"");
	}

	@Test
	void metadataIsOnlyWhereItIsSaidToBe() {
		List<String> places = List.of(this.mcp.pathForm(), this.mcp.rootForm(), "/custom.json");
		for (String served : places) {
			this.mcp.metadataAt(served);
			assertThat(places).filteredOn((place) -> this.http.get(this.api.uri(place)).statusCode() == 200)
				.containsExactly(served);
			assertThat(json(this.http.get(this.api.uri(served)))).containsEntry("resource", this.mcp.uri().toString())
				.containsEntry("authorization_servers", List.of(this.server.issuer()));
			assertThat(challenge(null)).contains(this.api.uri(served).toString());
		}
		this.mcp.metadataAt();
		assertThat(challenge(null)).isEqualTo("401 Bearer");
	}

	@Test
	void requiredResourceIsComparedByteForByte() {
		this.server.register(FakeClient.publicClient("cli"));
		this.server.requireResource("http://127.0.0.1:1");
		assertThat(authorize("cli", REDIRECT_URI, "resource", "http://127.0.0.1:1/").headers().firstValue("Location"))
			.hasValueSatisfying((location) -> assertThat(location).contains("error=invalid_target"));
		String code = Browser.query(location(authorize("cli", REDIRECT_URI, "resource", "http://127.0.0.1:1")))
			.getOrDefault("code", "");
		assertThat(token("cli", code).body()).contains("invalid_target");
		assertThat(token("cli", code, "resource", "http://127.0.0.1:1").statusCode()).isEqualTo(200);
	}

	private String login(String... more) {
		String code = Browser.query(location(authorize("cli", REDIRECT_URI, more))).getOrDefault("code", "");
		return String.valueOf(json(token("cli", code)).get("access_token"));
	}

	private String challenge(String token) {
		String[] headers = (token != null) ? new String[] { "Authorization", "Bearer " + token } : new String[0];
		HttpResponse<String> response = this.http.send("POST", this.mcp.uri(), headers);
		return response.statusCode() + " " + response.headers().firstValue("WWW-Authenticate").orElse("");
	}

	private HttpResponse<String> register(Map<String, Object> metadata) {
		return this.http.send("POST", this.server.uri(Endpoint.REGISTRATION),
				BodyPublishers.ofString(Json.write(metadata)), "Content-Type", "application/json");
	}

	private Map<String, Object> registered(Map<String, Object> metadata) {
		HttpResponse<String> response = register(metadata);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
		return json(response);
	}

	private HttpResponse<String> manage(String method, Map<String, Object> client, String body) {
		return this.http.send(method, URI.create(String.valueOf(client.get("registration_client_uri"))),
				BodyPublishers.ofString(body), "Content-Type", "application/json", "Authorization",
				"Bearer " + client.get("registration_access_token"));
	}

	private HttpResponse<String> authorize(String clientId, String redirectUri, String... more) {
		Map<String, String> query = parameters(more);
		query.putAll(Map.of("response_type", "code", "client_id", clientId, "redirect_uri", redirectUri));
		return this.http.get(Browser.with(this.server.uri(Endpoint.AUTHORIZATION), Parameters.format(query)));
	}

	private String code(String clientId) {
		return Browser.query(location(authorize(clientId, REDIRECT_URI))).getOrDefault("code", "");
	}

	private static URI location(HttpResponse<String> response) {
		return URI.create(response.headers().firstValue("Location").orElseThrow());
	}

	private HttpResponse<String> token(String clientId, String code, String... more) {
		Map<String, String> form = parameters(more);
		form.putAll(Map.of("grant_type", "authorization_code", "client_id", clientId, "code", code, "redirect_uri",
				REDIRECT_URI));
		return post(this.server.uri(Endpoint.TOKEN), form);
	}

	private HttpResponse<String> post(URI uri, Map<String, String> form) {
		return this.http.send("POST", uri, BodyPublishers.ofString(Parameters.format(form)), "Content-Type",
				"application/x-www-form-urlencoded");
	}

	private static Map<String, String> parameters(String... pairs) {
		Map<String, String> parameters = new LinkedHashMap<>();
		for (int index = 0; index < pairs.length; index += 2) {
			parameters.put(pairs[index], pairs[index + 1]);
		}
		return parameters;
	}

	private static Map<String, Object> json(HttpResponse<String> response) {
		Map<String, Object> members = Json.readObject(response.body());
		return (members != null) ? members : Map.of();
	}

}
