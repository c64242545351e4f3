package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** The log events of the public contract, and nothing secret at any level. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class LogEventsTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.confidential("app", "client-top-secret").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void tellTheWholeStoryAsKeyValuePairs(CapturedOutput output) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.TRACE);
				ConfigurableApplicationContext context = application(log).run()) {
			call(context);
			OAuth2ProvidersEndpoint endpoint = context.getBean(OAuth2ProvidersEndpoint.class);
			endpoint.act("acme", "refresh");
			this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "Token is not active"));
			endpoint.act("acme", "refresh");
			// What it advises depends on what is stored when it is written.
			Awaitility.await().until(() -> !log.events("oauth2_refresh_failed").isEmpty());
			endpoint.forget("acme");
			call(context);

			assertEvent(log, "oauth2_startup_finished", Level.INFO, Map.of("login_required", 1));
			ILoggingEvent issued = assertEvent(log, "oauth2_device_code_issued", Level.INFO,
					Map.of("provider", "acme"));
			assertThat(LogCapture.pairs(issued)).containsOnlyKeys("oauth2_event", "provider", "verificationUri",
					"userCode", "expiresIn");
			assertEvent(log, "oauth2_login_success", Level.INFO, Map.of("provider", "acme"));
			assertEvent(log, "oauth2_bearer_propagated", Level.DEBUG, Map.of("provider", "acme"));
			assertEvent(log, "oauth2_refresh_success", Level.DEBUG, Map.of("provider", "acme"));
			ILoggingEvent rejected = assertEvent(log, "oauth2_refresh_failed", Level.WARN,
					Map.of("provider", "acme", "outcome", "rejected", "error", "invalid_grant", "status", 400));
			assertThat(rejected.getFormattedMessage()).contains("; log in again before the access token ends");
			assertEvent(log, "oauth2_bearer_propagation_skipped", Level.DEBUG,
					Map.of("provider", "acme", "reason", "no_token"));
			String everything = String.join("\n",
					log.events()
						.stream()
						.map((event) -> event.getFormattedMessage() + LogCapture.pairs(event))
						.toList());
			assertThat(this.server.issuedSecrets()).isNotEmpty()
				.allSatisfy((secret) -> assertThat(everything + output).doesNotContain(secret));
		}
	}

	@Test
	void tellAFailedLogin() {
		this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_scope", "No such scope"));
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.INFO);
				ConfigurableApplicationContext context = application(log).run()) {
			assertThat(context.isRunning()).isTrue();
			assertEvent(log, "oauth2_login_failed", Level.WARN,
					Map.of("provider", "acme", "outcome", "failed", "error", "invalid_scope"));
		}
	}

	/** Whoever reads the success alone would not know that it does not last. */
	@Test
	void tellThatALoginCouldNotBeSaved(CapturedOutput output) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.INFO);
				ConfigurableApplicationContext context = application(log).with(FullStore.class).run()) {
			assertEvent(log, "oauth2_store_failed", Level.WARN, Map.of("provider", "acme", "operation", "save"));
			assertEvent(log, "oauth2_login_success", Level.WARN, Map.of("provider", "acme", "saved", false));
			assertThat(output).contains("Logged in to 'acme', but the login could not be saved");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(meters.get("oauth2.pkce.store.errors").tag("operation", "save").counter().count()).isOne();
			assertThat(meters.get("oauth2.pkce.login").tag("outcome", "success").timer().count()).isOne();
			Map<String, Object> entry = context.getBean(OAuth2ProvidersEndpoint.class).provider("acme");
			assertThat(entry).containsEntry("state", "AUTHORIZED").containsEntry("lastError", "store_error");
			assertThat(String.valueOf(entry.get("remedy"))).startsWith("Make the token store writable");
			assertThat(context.getBean(FullStore.class).completed)
				.containsExactly(new LoginCompletedEvent(CredentialId.ofApplication("acme"), false));
			call(context);
			assertThat(this.server.requests(Endpoint.API)).hasSize(1)
				.allSatisfy((request) -> assertThat(request.bearer()).isNotNull());
		}
	}

	@Test
	void tellOnceThatALoginWasGrantedLess() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.tokens().grantedScope("openid other\u001b[2J");
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.DEBUG);
				ConfigurableApplicationContext context = application(log)
					.with("oauth2.pkce.providers.acme.scope=openid,models,offline_access")
					.run()) {
			OAuth2ProvidersEndpoint endpoint = context.getBean(OAuth2ProvidersEndpoint.class);
			Map<String, Object> entry = endpoint.act("acme", "refresh");
			assertThat(entry).containsEntry("scopesMissing", Set.of("models"));
			assertThat(String.valueOf(entry.get("hint"))).contains("insufficient_scope");
			assertThat(entry).doesNotContainKey("remedy");
			assertEvent(log, "oauth2_scopes_missing", Level.WARN, Map.of("provider", "acme", "missing", "models"));
			assertThat(log.events("oauth2_scopes_missing")).hasSize(1);
		}
	}

	@Test
	void sayNothingOfScopesThatWereGrantedOrAdded() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.tokens().grantedScope("email models openid");
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.DEBUG);
				ConfigurableApplicationContext context = application(log)
					.with("oauth2.pkce.providers.acme.scope=openid,models")
					.run()) {
			Map<String, Object> entry = context.getBean(OAuth2ProvidersEndpoint.class).provider("acme");
			assertThat(entry).containsEntry("state", "AUTHORIZED").doesNotContainKeys("scopesMissing", "hint");
			assertThat(log.events("oauth2_scopes_missing")).isEmpty();
		}
	}

	@Test
	void areFieldsOfStructuredLogging(CapturedOutput output) {
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.INFO);
				ConfigurableApplicationContext context = application(log)
					.with("oauth2.pkce.login.on-startup=never", "logging.structured.format.console=logstash")
					.with(StartupTests.Started.class)
					.run()) {
			StartupTests.Started.await(context);
			assertEvent(log, "oauth2_startup_finished", Level.INFO, Map.of("login_required", 1));
			assertThat(output).contains("\"oauth2_event\":\"oauth2_startup_finished\"", "\"login_required\":1");
		}
		finally {
			StructuredLogging.end();
		}
	}

	/** Between lines of JSON, a sentence is a broken line. */
	@Test
	void areAllThatALoginWritesWhereThereIsNoTerminal(CapturedOutput output) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.INFO);
				ConfigurableApplicationContext context = application(log)
					.with("logging.structured.format.console=logstash")
					.run()) {
			assertEvent(log, "oauth2_device_code_issued", Level.INFO, Map.of("provider", "acme"));
			assertEvent(log, "oauth2_login_success", Level.INFO, Map.of("provider", "acme"));
			assertThat(output.getOut().lines()).isNotEmpty()
				.allSatisfy((line) -> assertThat(line).startsWith("{").endsWith("}"));
		}
		finally {
			StructuredLogging.end();
		}
	}

	/** Else nobody would ever see the code. */
	@Test
	void areReplacedByThePromptWhereTheLogKeepsSilent(CapturedOutput output) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.WARN);
				ConfigurableApplicationContext context = application(log).run()) {
			assertThat(context.isRunning()).isTrue();
			assertThat(output).contains("and enter the code", "Logged in to 'acme'.");
		}
	}

	private TestApplication application(LogCapture log) {
		return TestApplication.of(WebApplicationType.NONE)
			.with(log)
			.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.client-secret=client-top-secret",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"),
					"management.endpoints.jmx.exposure.include=*", "management.endpoints.web.exposure.include=*",
					"spring.jmx.enabled=true", "management.endpoint.oauth2providers.access=unrestricted");
	}

	private void call(ConfigurableApplicationContext context) {
		context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri("/api/models"))
			.exchangeToMono((response) -> response.toBodilessEntity())
			.block(WAIT);
	}

	private static ILoggingEvent assertEvent(LogCapture log, String name, Level level,
			Map<String, @Nullable Object> pairs) {
		// Whoever waited for what happened is answered before the log hears of it.
		Awaitility.await()
			.untilAsserted(() -> assertThat(log.events(name)).as(name).isNotEmpty().anySatisfy((event) -> {
				assertThat(event.getLevel()).isEqualTo(level);
				assertThat(LogCapture.pairs(event)).containsAllEntriesOf(pairs);
			}));
		return log.events(name).get(0);
	}

	/** Reads, and has no room for more. */
	static class FullStore implements TokenStore {

		private final List<LoginCompletedEvent> completed = new CopyOnWriteArrayList<>();

		@EventListener
		void on(LoginCompletedEvent event) {
			this.completed.add(event);
		}

		@Override
		public @Nullable Credential load(CredentialId id) {
			return null;
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			throw new TokenStoreException("The disk is full", null);
		}

		@Override
		public boolean remove(CredentialId id, long expectedGeneration) {
			return true;
		}

	}

}
