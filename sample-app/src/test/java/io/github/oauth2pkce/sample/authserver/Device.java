package io.github.oauth2pkce.sample.authserver;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A device that speaks to the authorization server in plain HTTP. Challenge and verifier
 * are those of RFC 7636 Appendix B.
 */
final class Device {

	static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

	static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

	private final HttpClient http = HttpClient.newHttpClient();

	private final JsonMapper json = new JsonMapper();

	private final URI issuer;

	Device(String issuer) {
		this.issuer = URI.create(issuer);
	}

	Answer authorize(String... parameters) {
		return post("/oauth2/device_authorization", parameters);
	}

	Answer authorizeWithPkce() {
		return authorize("client_id", "demo-cli", "scope", "models.read", "code_challenge", CHALLENGE,
				"code_challenge_method", "S256");
	}

	Answer poll(String deviceCode, String... parameters) {
		return token(with(parameters, "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id",
				"demo-cli", "device_code", deviceCode));
	}

	Answer refresh(String refreshToken) {
		return token("grant_type", "refresh_token", "client_id", "demo-cli", "refresh_token", refreshToken);
	}

	Answer token(String... parameters) {
		return post("/oauth2/token", parameters);
	}

	Answer revoke(String token) {
		return post("/oauth2/revoke", "client_id", "demo-cli", "token", token);
	}

	Answer get(String path, String... headers) {
		HttpRequest.Builder request = HttpRequest.newBuilder(this.issuer.resolve(path));
		if (headers.length > 0) {
			request.headers(headers);
		}
		return send(request);
	}

	Answer models(String accessToken) {
		return get("/api/models", "Authorization", "Bearer " + accessToken);
	}

	private Answer post(String path, String... parameters) {
		Map<String, String> form = new LinkedHashMap<>();
		for (int i = 0; i < parameters.length; i += 2) {
			form.put(parameters[i], parameters[i + 1]);
		}
		String body = form.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		return send(HttpRequest.newBuilder(this.issuer.resolve(path))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body)));
	}

	private Answer send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.http.send(request.timeout(Duration.ofSeconds(10)).build(),
					BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.body(),
					response.headers().firstValue("WWW-Authenticate").orElse(""));
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String[] with(String[] more, String... parameters) {
		String[] all = new String[parameters.length + more.length];
		System.arraycopy(parameters, 0, all, 0, parameters.length);
		System.arraycopy(more, 0, all, parameters.length, more.length);
		return all;
	}

	final class Answer {

		private final int status;

		private final String body;

		private final String challenge;

		Answer(int status, String body, String challenge) {
			this.status = status;
			this.body = body;
			this.challenge = challenge;
		}

		int status() {
			return this.status;
		}

		String body() {
			return this.body;
		}

		String challenge() {
			return this.challenge;
		}

		JsonNode json() {
			return Device.this.json.readTree(this.body);
		}

		String text(String member) {
			return json().path(member).asString();
		}

		@Override
		public String toString() {
			return this.status + " " + this.body;
		}

	}

}
