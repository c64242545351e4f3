package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's resource server as the API that checks proofs, and what is between it
 * and this application (RFC 9449 sections 7.1 and 11.1).
 */
@Timeout(120)
class DpopResourceServerTests {

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app"));

	private final LogCapture log = LogCapture.ofEvents(Level.DEBUG);

	@SuppressWarnings("NullAway.Init")
	private ConfigurableApplicationContext api;

	@SuppressWarnings("NullAway.Init")
	private Proxy proxy;

	@SuppressWarnings("NullAway.Init")
	private ConfigurableApplicationContext application;

	@BeforeEach
	void start() throws IOException {
		this.server.dpop().require();
		this.api = new SpringApplicationBuilder(Api.class, Things.class).web(WebApplicationType.SERVLET)
			.initializers((context) -> context.getBeanFactory().registerSingleton("server", this.server))
			.run("--server.port=0", "--server.forward-headers-strategy=framework", "--spring.main.banner-mode=off");
		this.proxy = new Proxy(
				URI.create("http://127.0.0.1:" + this.api.getEnvironment().getProperty("local.server.port")));
		this.application = TestApplication.of(WebApplicationType.NONE)
			.with(ResourceFirstTests.Person.class)
			.with(this.log)
			.with("oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.authorization-grant-type=authorization_code",
					"oauth2.pkce.providers.acme.dpop=true",
					"oauth2.pkce.providers.acme.base-urls=" + this.proxy.uri("/") + "," + this.proxy.api,
					"oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + this.directory)
			.run();
		this.application.getBean(Logins.class).logIn("acme");
	}

	@AfterEach
	void stop() {
		this.application.close();
		this.log.close();
		this.proxy.close();
		this.api.close();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void takesOurProofs(DpopTests.Client client) throws Exception {
		assertThat(client.status(this.application, this.proxy.api.resolve("/things?a=b%20c"))).isEqualTo(200);
		assertThat(client.status(this.application, this.proxy.uri("/things"))).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(client.status(this.application, this.proxy.uri("/things"))).isEqualTo(200);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	@ParameterizedTest
	@CsvSource({ "STRIPS, WEB_CLIENT", "STRIPS, REST_CLIENT", "STRIPS, HTTP_CLIENT", "REPLAYS, WEB_CLIENT",
			"REPLAYS, REST_CLIENT", "REPLAYS, HTTP_CLIENT" })
	void proofThatIsStrippedOrReplayedIsRefusedAndNothingElseIsTried(Proxy.Mode mode, DpopTests.Client client)
			throws Exception {
		this.proxy.mode = mode;
		assertThat(client.status(this.application, this.proxy.uri("/things"))).isEqualTo(401);
		assertThat(this.proxy.authorizations).hasSize(1).allMatch((value) -> value.startsWith("DPoP "));
		assertThat(this.server.refreshRequests()).isZero();
		ILoggingEvent event = this.log.events("oauth2_unauthorized").get(0);
		assertThat(event.getLevel()).isEqualTo(Level.WARN);
		assertThat(LogCapture.pairs(event)).containsEntry("outcome", "not_recoverable");
		assertThat(event.getFormattedMessage()).contains("proof of 'acme'", "proxy", "clock");
		this.proxy.mode = Proxy.Mode.PASSES;
		assertThat(client.status(this.application, this.proxy.uri("/things"))).isEqualTo(200);
	}

	/** What happens at each request is said once; the meter counts. */
	@Test
	void refusedProofsAreSaidOnce() throws Exception {
		this.proxy.mode = Proxy.Mode.STRIPS;
		for (int i = 0; i < 3; i++) {
			assertThat(DpopTests.Client.REST_CLIENT.status(this.application, this.proxy.uri("/things"))).isEqualTo(401);
		}
		assertThat(this.log.events("oauth2_unauthorized")).extracting(ILoggingEvent::getLevel)
			.containsExactly(Level.WARN, Level.DEBUG, Level.DEBUG);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Api {

		@Bean
		SecurityFilterChain security(HttpSecurity http, OpaqueTokenIntrospector introspector) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.csrf((csrf) -> csrf.disable())
				.oauth2ResourceServer((resource) -> resource.opaqueToken((token) -> token.introspector(introspector))
					.dPoP(Customizer.withDefaults()))
				.build();
		}

		@Bean
		OpaqueTokenIntrospector introspector(FakeAuthorizationServer server) {
			return (token) -> {
				Map<String, Object> claims = server.introspect(token);
				if (claims == null) {
					throw new BadOpaqueTokenException("Not active");
				}
				return new DefaultOAuth2AuthenticatedPrincipal(claims, AuthorityUtils.NO_AUTHORITIES);
			};
		}

	}

	@RestController
	static class Things {

		@PostMapping("/things")
		String things() {
			return "[]";
		}

	}

	/** What stands between an application and an API. */
	static final class Proxy implements AutoCloseable {

		enum Mode {

			PASSES, STRIPS, REPLAYS

		}

		private final List<@Nullable String> authorizations = new CopyOnWriteArrayList<>();

		private final HttpClient http = HttpClient.newHttpClient();

		private final ExecutorService workers = Executors.newCachedThreadPool();

		private final HttpServer server;

		private final URI api;

		private volatile Mode mode = Mode.PASSES;

		Proxy(URI api) throws IOException {
			this.api = api;
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
			this.server.createContext("/", this::handle);
			this.server.setExecutor(this.workers);
			this.server.start();
		}

		URI uri(String path) {
			return URI.create("http://127.0.0.1:" + this.server.getAddress().getPort() + path);
		}

		private void handle(HttpExchange exchange) throws IOException {
			try (exchange) {
				this.authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
				byte[] body = exchange.getRequestBody().readAllBytes();
				HttpResponse<byte[]> response = forward(exchange, body);
				if (this.mode == Mode.REPLAYS) {
					assertThat(response.statusCode()).isEqualTo(200);
					response = forward(exchange, body);
				}
				for (String value : response.headers().allValues("WWW-Authenticate")) {
					exchange.getResponseHeaders().add("WWW-Authenticate", value);
				}
				exchange.sendResponseHeaders(response.statusCode(),
						(response.body().length > 0) ? response.body().length : -1);
				exchange.getResponseBody().write(response.body());
			}
		}

		private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException {
			HttpRequest.Builder request = HttpRequest.newBuilder(this.api.resolve(exchange.getRequestURI()))
				.method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
				.header("X-Forwarded-Host", exchange.getRequestHeaders().getFirst("Host"))
				.header("X-Forwarded-Proto", "http");
			for (String name : List.of("Authorization", "DPoP", "Content-Type")) {
				String value = exchange.getRequestHeaders().getFirst(name);
				if (value != null && !(this.mode == Mode.STRIPS && name.equals("DPoP"))) {
					request.header(name, value);
				}
			}
			try {
				return this.http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IOException(ex);
			}
		}

		@Override
		public void close() {
			this.server.stop(0);
			this.workers.shutdownNow();
		}

	}

}
