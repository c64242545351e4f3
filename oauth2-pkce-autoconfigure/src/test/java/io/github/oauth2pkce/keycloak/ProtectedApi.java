package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A protected resource (RFC 9728) that has its tokens introspected (RFC 7662). Below
 * {@code /write} it takes only those with that scope.
 */
final class ProtectedApi implements AutoCloseable {

	private static final String METADATA = "/.well-known/oauth-protected-resource/api";

	private final HttpClient http = HttpClient.newHttpClient();

	private final HttpServer server;

	private final KeycloakServer keycloak;

	ProtectedApi(KeycloakServer keycloak) {
		this.keycloak = keycloak;
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.createContext(METADATA,
				(exchange) -> answer(exchange, 200, Map.of("resource", uri(), "authorization_servers",
						List.of(keycloak.issuer()), "scopes_supported", List.of("api:read", "api:write"))));
		this.server.createContext("/api", this::serve);
		this.server.start();
	}

	String uri() {
		return origin() + "/api";
	}

	private String origin() {
		return "http://127.0.0.1:" + this.server.getAddress().getPort();
	}

	private void serve(HttpExchange exchange) throws IOException {
		String authorization = exchange.getRequestHeaders().getFirst("Authorization");
		JsonNode token = (authorization != null) ? introspected(authorization.replaceFirst("Bearer ", "")) : null;
		if (token == null || !isForUs(token)) {
			refuse(exchange, 401, (authorization != null) ? "error=\"invalid_token\", " : "scope=\"api:read\", ");
		}
		else if (exchange.getRequestURI().getPath().endsWith("/write")
				&& !Arrays.asList(token.path("scope").stringValue("").split(" ")).contains("api:write")) {
			refuse(exchange, 403, "error=\"insufficient_scope\", scope=\"api:write\", ");
		}
		else {
			answer(exchange, 200, token);
		}
	}

	private boolean isForUs(JsonNode token) {
		// One, or a list of them.
		return token.path("active").booleanValue(false) && token.path("aud").toString().contains('"' + uri() + '"');
	}

	private @Nullable JsonNode introspected(String token) {
		String credentials = Base64.getEncoder()
			.encodeToString("machine:machine-secret".getBytes(StandardCharsets.UTF_8));
		HttpRequest request = HttpRequest.newBuilder(URI.create(this.keycloak.tokenEndpoint() + "/introspect"))
			.header("Authorization", "Basic " + credentials)
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString("token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
			.build();
		try {
			return JsonMapper.shared().readTree(this.http.send(request, BodyHandlers.ofString()).body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
	}

	private void refuse(HttpExchange exchange, int status, String error) throws IOException {
		exchange.getResponseHeaders()
			.set("WWW-Authenticate", "Bearer " + error + "resource_metadata=\"" + origin() + METADATA + "\"");
		answer(exchange, status, Map.of());
	}

	private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
		byte[] bytes = JsonMapper.shared().writeValueAsBytes(body);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(status, bytes.length);
		exchange.getResponseBody().write(bytes);
		exchange.close();
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
