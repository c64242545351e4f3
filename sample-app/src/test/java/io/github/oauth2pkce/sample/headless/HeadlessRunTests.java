package io.github.oauth2pkce.sample.headless;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import com.sun.net.httpserver.HttpServer;
import io.github.oauth2pkce.sample.authserver.DemoAuthorizationServer;
import io.github.oauth2pkce.sample.authserver.DemoSettings;
import io.github.oauth2pkce.sample.wire.WireAccount;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a headless run makes of clients that behave, and of clients that do not. The
 * client is a stand-in: each look at its pages moves it one step.
 */
class HeadlessRunTests {

	private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

	private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

	@TempDir
	Path directory;

	private final DemoSettings settings = new DemoSettings(TestSocketUtils.findAvailableTcpPort(),
			Path.of("target", "none"), Duration.ofSeconds(30), Duration.ZERO, false);

	private final WireAccount account = new WireAccount();

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	@Test
	void aClientThatBehavesIsFoundGood() {
		int exitCode = run(new StandIn(true));
		assertThat(this.out.toString(StandardCharsets.UTF_8)).contains("All as it should be.")
			.contains("second start, nobody logs in")
			.doesNotContain("[NOT]")
			.doesNotContain(VERIFIER);
		assertThat(exitCode).isZero();
	}

	@Test
	void aClientThatForgetsItsLoginIsFoundOut() {
		int exitCode = run(new StandIn(false));
		assertThat(this.out.toString(StandardCharsets.UTF_8)).contains("NOT as it should be.")
			.contains("[NOT] one login, over two starts");
		assertThat(exitCode).isOne();
	}

	private int run(StandIn client) {
		DemoSettings fresh = new DemoSettings(this.settings.port(), this.directory, Duration.ofSeconds(30),
				Duration.ZERO, false);
		return new HeadlessRun(() -> client.start(DemoAuthorizationServer.start(fresh, this.account)), this.account,
				new PrintStream(this.out, true, StandardCharsets.UTF_8))
			.run();
	}

	private final class StandIn {

		private final HttpClient http = HttpClient.newHttpClient();

		private final JsonMapper json = new JsonMapper();

		private final boolean remembers;

		private @Nullable JsonNode authorization;

		private @Nullable String refreshToken;

		StandIn(boolean remembers) {
			this.remembers = remembers;
		}

		ConfigurableApplicationContext start(ConfigurableApplicationContext authorizationServer) {
			try {
				HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
				serve(pages, "/actuator/oauth2providers/demo", this::login);
				serve(pages, "/models", this::models);
				pages.start();
				GenericApplicationContext context = new GenericApplicationContext();
				context.getEnvironment()
					.getPropertySources()
					.addFirst(new MapPropertySource("port", Map.of("local.server.port", pages.getAddress().getPort())));
				context.registerBean("pages", AutoCloseable.class, () -> () -> {
					pages.stop(0);
					authorizationServer.close();
				}, (definition) -> definition.setDestroyMethodName("close"));
				context.refresh();
				return context;
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private String login() throws Exception {
			if (this.authorization == null) {
				this.authorization = post("device_authorization",
						"client_id=demo-cli&code_challenge=" + CHALLENGE + "&code_challenge_method=S256");
				poll();
			}
			return "{\"login\":{\"verificationUriComplete\":\""
					+ this.authorization.path("verification_uri_complete").asString() + "\"}}";
		}

		private JsonNode poll() throws Exception {
			return post("token",
					"client_id=demo-cli&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code="
							+ this.authorization.path("device_code").asString() + "&code_verifier=" + VERIFIER);
		}

		private String models() throws Exception {
			JsonNode tokens = (this.refreshToken == null) ? poll()
					: post("token", "client_id=demo-cli&grant_type=refresh_token&refresh_token="
							+ URLEncoder.encode(this.refreshToken, StandardCharsets.UTF_8));
			this.refreshToken = tokens.path("refresh_token").asString();
			String models = send(HttpRequest.newBuilder(address("/api/models"))
				.header("Authorization", "Bearer " + tokens.path("access_token").asString()));
			if (!this.remembers) {
				this.authorization = null;
				login();
			}
			return "{\"models\":" + models + ",\"problem\":null}";
		}

		private JsonNode post(String endpoint, String form) throws Exception {
			return this.json.readTree(send(HttpRequest.newBuilder(address("/oauth2/" + endpoint))
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(BodyPublishers.ofString(form))));
		}

		private String send(HttpRequest.Builder request) throws Exception {
			return this.http.send(request.build(), BodyHandlers.ofString()).body();
		}

		private URI address(String path) {
			return URI.create("http://127.0.0.1:" + HeadlessRunTests.this.settings.port() + path);
		}

		private void serve(HttpServer pages, String path, Page page) {
			pages.createContext(path, (exchange) -> {
				try (exchange) {
					byte[] body = page.render().getBytes(StandardCharsets.UTF_8);
					exchange.sendResponseHeaders(200, body.length);
					exchange.getResponseBody().write(body);
				}
				catch (Exception ex) {
					throw new IOException(ex);
				}
			});
		}

	}

	private interface Page {

		String render() throws Exception;

	}

}
