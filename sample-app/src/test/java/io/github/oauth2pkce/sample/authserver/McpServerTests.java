package io.github.oauth2pkce.sample.authserver;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.oauth2pkce.sample.headless.Person;
import io.github.oauth2pkce.sample.wire.WireAccount;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The MCP server as a protected resource, and what its authorization server offers to a
 * client that nobody has registered.
 */
@Timeout(60)
class McpServerTests {

	private static final String PUBLIC_CLIENT = """
			{"client_name": "test", "redirect_uris": ["http://127.0.0.1:4711/callback"], "response_types": ["code"],
			"grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
			"token_endpoint_auth_method": "none", "scope": "models.read"}
			""";

	@TempDir
	static Path directory;

	private static DemoSettings settings;

	private static ConfigurableApplicationContext server;

	private final HttpClient http = HttpClient.newHttpClient();

	@BeforeAll
	static void start() {
		settings = new DemoSettings(TestSocketUtils.findAvailableTcpPort(), directory, Duration.ofSeconds(30),
				Duration.ZERO, true);
		server = DemoAuthorizationServer.start(settings, new WireAccount());
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void challengeLeadsToTheMetadataAndThatToTheAuthorizationServer() throws Exception {
		HttpResponse<String> refused = call("none");
		assertThat(refused.statusCode()).isEqualTo(401);
		String address = settings.issuer() + "/.well-known/oauth-protected-resource/mcp";
		assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer ")
			.contains("resource_metadata=\"" + address + "\"");
		JsonNode metadata = json(send(HttpRequest.newBuilder(URI.create(address))));
		assertThat(metadata.path("resource").asString()).isEqualTo(settings.issuer() + "/mcp");
		assertThat(metadata.path("authorization_servers").path(0).asString()).isEqualTo(settings.issuer());
		assertThat(metadata.path("scopes_supported").path(0).asString()).isEqualTo("models.read");
	}

	@Test
	void announcesRegistrationAndProofKeys() throws Exception {
		JsonNode metadata = json(send(
				HttpRequest.newBuilder(URI.create(settings.issuer() + "/.well-known/oauth-authorization-server"))));
		assertThat(metadata.path("registration_endpoint").asString()).isEqualTo(settings.issuer() + "/oauth2/register");
		assertThat(metadata.path("code_challenge_methods_supported").path(0).asString()).isEqualTo("S256");
	}

	@Test
	void registersAPublicClientOfThisMachine() throws Exception {
		HttpResponse<String> registered = register(PUBLIC_CLIENT);
		assertThat(registered.statusCode()).isEqualTo(201);
		assertThat(json(registered).path("client_id").asString()).isNotEmpty();
		assertThat(json(registered).path("token_endpoint_auth_method").asString()).isEqualTo("none");
		assertThat(json(registered).has("client_secret")).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "none,client_secret_basic,invalid_client_metadata",
			"http://127.0.0.1:4711/callback,https://evil.example.com/callback,invalid_redirect_uri",
			"models.read,models.read admin,invalid_client_metadata" })
	void registersNoOther(String good, String bad, String error) throws Exception {
		HttpResponse<String> refused = register(PUBLIC_CLIENT.replace("\"" + good + "\"", "\"" + bad + "\""));
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(json(refused).path("error").asString()).isEqualTo(error);
	}

	@Test
	void takesOnlyTokensThatWereIssuedForIt() throws Exception {
		assertThat(call(token(settings.issuer() + "/mcp")).statusCode()).isEqualTo(200);
		HttpResponse<String> refused = call(token(null));
		assertThat(refused.statusCode()).isEqualTo(401);
		assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow()).contains("invalid_token");
	}

	@Test
	void issuesNoTokenForAnUnknownResource() throws Exception {
		assertThat(json(tokens("https://api.example.com")).path("error").asString()).isEqualTo("invalid_target");
	}

	private String token(@Nullable String resource) throws Exception {
		return json(tokens(resource)).path("access_token").asString();
	}

	private HttpResponse<String> tokens(@Nullable String resource) throws Exception {
		String client = json(register(PUBLIC_CLIENT)).path("client_id").asString();
		JsonNode device = json(post("/oauth2/device_authorization", Map.of("client_id", client, "scope", "models.read",
				"code_challenge", Device.CHALLENGE, "code_challenge_method", "S256")));
		new Person("alice", "alice").approve(URI.create(device.path("verification_uri_complete").asString()));
		Map<String, String> poll = new HashMap<>(
				Map.of("client_id", client, "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code",
						device.path("device_code").asString(), "code_verifier", Device.VERIFIER));
		if (resource != null) {
			poll.put("resource", resource);
		}
		return post("/oauth2/token", poll);
	}

	private HttpResponse<String> register(String metadata) throws Exception {
		return send(HttpRequest.newBuilder(URI.create(settings.issuer() + "/oauth2/register"))
			.header("Content-Type", "application/json")
			.POST(BodyPublishers.ofString(metadata)));
	}

	private HttpResponse<String> call(String token) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.issuer() + "/mcp"))
			.header("Content-Type", "application/json")
			.header("Accept", "application/json, text/event-stream")
			.POST(BodyPublishers.ofString("""
					{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
					"capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}
					"""));
		if (!token.equals("none")) {
			request.header("Authorization", "Bearer " + token);
		}
		return send(request);
	}

	private HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
		String body = form.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		return send(HttpRequest.newBuilder(URI.create(settings.issuer() + path))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body)));
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
		return this.http.send(request.timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
	}

	private static JsonNode json(HttpResponse<String> answer) {
		return JsonMapper.shared().readTree(answer.body());
	}

}
