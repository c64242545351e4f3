package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import ch.qos.logback.classic.Level;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Applications that Boot starts in other ways than usual. */
@Timeout(60)
class StartModesTests {

	private static final String ACME = "oauth2.pkce.providers.acme.";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	@TempDir
	Path directory;

	@AfterEach
	void stop() {
		this.server.close();
	}

	/** Who is logged in is refreshed; and who is not is told. */
	@Test
	void lazyApplicationIsReadyLikeAnyOther() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.tokens().accessTokenLifetime(Duration.ofSeconds(1));
		String lazy = "spring.main.lazy-initialization=true";
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(lazy)
					.with(log)
					.run()) {
			Awaitility.await().untilAsserted(() -> assertThat(log.events("oauth2_startup_finished")).hasSize(1));
			assertThat(log.events("oauth2_login_needed")).hasSize(1);
			context.getBean(Logins.class).logIn("acme");
		}
		Instant end = Instant.now().plusSeconds(1);
		Awaitility.await("the end of the token").until(() -> Instant.now().isAfter(end));
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(lazy)
					.with(log)
					.run()) {
			Awaitility.await().untilAsserted(() -> assertThat(log.events("oauth2_startup_finished")).hasSize(1));
			assertThat(log.events("oauth2_login_needed")).isEmpty();
			assertThat(this.server.refreshRequests()).isOne();
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void virtualThreadsGetBearers() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET)
			.with("spring.threads.virtual.enabled=true", "api=" + this.server.uri(Endpoint.API))
			.with(RelayConfiguration.class)
			.run()) {
			context.getBean(Logins.class).logIn("acme");
			String port = context.getEnvironment().getProperty("local.server.port");
			String thread = RestClient.create()
				.get()
				.uri("http://127.0.0.1:" + port + "/relay")
				.retrieve()
				.body(String.class);
			assertThat(thread).startsWith("VirtualThread");
			assertThat(this.server.requests(Endpoint.API)).singleElement()
				.extracting(RecordedRequest::bearer)
				.isNotNull();
		}
	}

	private TestApplication application(WebApplicationType type) {
		return TestApplication.of(type)
			.with(ACME + "client-id=app", ACME + "issuer-uri=" + this.server.issuer(),
					ACME + "base-urls=" + this.server.uri(Endpoint.API), "oauth2.pkce.store.type=file",
					"oauth2.pkce.store.directory=" + this.directory);
	}

	@Configuration(proxyBeanMethods = false)
	static class RelayConfiguration {

		@Bean
		Relay relay(RestClient.Builder builder, @Value("${api}") String api) {
			return new Relay(builder.build(), api);
		}

	}

	/** Calls the API on the thread of its own request. */
	@RestController
	static class Relay {

		private final RestClient client;

		private final String api;

		Relay(RestClient client, String api) {
			this.client = client;
			this.api = api;
		}

		@GetMapping("/relay")
		String relay() {
			this.client.get().uri(this.api).retrieve().toBodilessEntity();
			return Thread.currentThread().toString();
		}

	}

}
