package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.ProviderStartedEvent;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** What happens when the application starts, and what does not. */
@Timeout(60)
class StartupTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private static final Instant PAST = Instant.parse("2020-01-01T00:00:00Z");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app"));

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void refreshesAllStoredLoginsAtOnce() {
		CountDownLatch answers = new CountDownLatch(1);
		this.server.answerAlways(Endpoint.TOKEN,
				Answer.json(200, Map.of("access_token", "new-token", "token_type", "Bearer", "expires_in", 300))
					.answeredAfter(answers));
		TestApplication application = application(WebApplicationType.SERVLET);
		for (int i = 0; i < 16; i++) {
			provider(application, "p" + i, stored("stored-refresh-token-" + i));
		}
		try (ConfigurableApplicationContext context = application.run()) {
			for (int i = 0; i < 16; i++) {
				this.server.takeRequest(Endpoint.TOKEN, WAIT);
			}
			answers.countDown();
			Started started = Started.await(context);
			assertThat(started.states.values()).hasSize(16).containsOnly(AuthorizationState.AUTHORIZED);
		}
		finally {
			answers.countDown();
		}
		assertThat(this.server.requests()).hasSize(16)
			.extracting((request) -> request.parameter("refresh_token"))
			.doesNotHaveDuplicates();
	}

	@Test
	void aDeadServerDelaysNobodyBeyondTheDeadline() {
		CountDownLatch never = new CountDownLatch(1);
		this.server.answerAlways(Endpoint.TOKEN, Answer.normally().processedAfter(never));
		TestApplication application = application(WebApplicationType.NONE).with("oauth2.pkce.startup.timeout=200ms");
		provider(application, "acme", stored("stored-refresh-token"));
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			Started.await(context);
			await().until(() -> !log.events().isEmpty());
			assertThat(log.events()).hasSize(1);
			assertThat(LogCapture.pairs(log.events().get(0))).containsEntry("oauth2_event", "oauth2_startup_finished")
				.containsEntry("pending", 1);
			// Otherwise closing waits for the flight to land.
			never.countDown();
		}
		finally {
			never.countDown();
		}
	}

	/** Nobody is asked to log in who may be logged in, and is told so. */
	@Test
	void saysThatNoLoginStartsBeforeTheStoreWasRead() {
		TestApplication application = TestApplication.of(WebApplicationType.NONE)
			.with(Slow.class)
			.with("oauth2.pkce.startup.timeout=200ms", "oauth2.pkce.login.on-startup=always");
		provider(application, "acme", null);
		Slow.read = new CountDownLatch(1);
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			assertThat(log.events("oauth2_login_not_started")).singleElement().satisfies((event) -> {
				assertThat(event.getLevel()).isEqualTo(Level.WARN);
				assertThat(LogCapture.pairs(event)).containsEntry("provider", "acme");
				assertThat(event.getFormattedMessage()).contains("'acme'", "oauth2.pkce.startup.timeout");
			});
			Slow.read.countDown();
		}
		finally {
			Slow.read.countDown();
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void readsButDoesNotSendWhenToldTo() {
		TestApplication application = application(WebApplicationType.NONE).with("oauth2.pkce.startup.refresh=false");
		provider(application, "acme", stored("stored-refresh-token"));
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(Started.await(context).states).containsEntry("acme", AuthorizationState.AUTHORIZED);
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void tellsWhichLoginIsLost() {
		this.server.answerAlways(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "Session not active"));
		TestApplication application = application(WebApplicationType.NONE);
		provider(application, "rejected", stored("dead-refresh-token"));
		provider(application, "expired", stored(null));
		provider(application, "nothing", null);
		try (ConfigurableApplicationContext context = application.run()) {
			Started started = Started.await(context);
			assertThat(started.states).containsEntry("rejected", AuthorizationState.REAUTHENTICATION_REQUIRED)
				.containsEntry("expired", AuthorizationState.REAUTHENTICATION_REQUIRED)
				.containsEntry("nothing", AuthorizationState.LOGIN_REQUIRED);
			assertThat(started.lost).isEqualTo(Set.of("rejected", "expired"));
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	/** Whatever the server calls it, everybody is told the same. */
	@ParameterizedTest
	@ValueSource(strings = { "invalid_grant", "interaction_required", "login_required", "consent_required" })
	void healthEndpointLogAndExceptionAgreeOnALoginThatIsLost(String code) {
		// The port is a free one, which nobody knows before the server listens.
		CountDownLatch listens = new CountDownLatch(1);
		this.server.answerAlways(Endpoint.TOKEN, Answer.error(400, code, "Ask a person").answeredAfter(listens));
		TestApplication application = application(WebApplicationType.SERVLET).with(
				"management.endpoints.web.exposure.include=*",
				"management.endpoint.oauth2providers.access=unrestricted",
				"management.endpoint.health.show-details=always", "oauth2.pkce.providers.acme.on-missing-token=fail",
				"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"));
		provider(application, "acme", stored("dead-refresh-token"));
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			listens.countDown();
			Started.await(context);
			String remedy = "Log in again: curl -X POST http://localhost:";
			Http http = Http.of(context);
			Map<String, Object> health = http.get("/actuator/health/oauth2Pkce/acme").json();
			assertThat(health).containsEntry("status", "REAUTHENTICATION_REQUIRED");
			assertThat(http.get("/actuator/oauth2providers/acme").json())
				.containsEntry("state", "REAUTHENTICATION_REQUIRED")
				.containsEntry("lastOutcome", "rejected")
				.containsEntry("lastError", code)
				.hasEntrySatisfying("remedy", (said) -> assertThat(said.toString()).startsWith(remedy));
			await().until(() -> !log.events("oauth2_refresh_failed").isEmpty());
			assertThat(log.events("oauth2_refresh_failed")).singleElement()
				.satisfies((event) -> assertThat(event.getFormattedMessage()).containsIgnoringCase("; " + remedy));
			WebClient client = context.getBean(WebClient.Builder.class).build();
			assertThatExceptionOfType(AuthenticationRequiredException.class)
				.isThrownBy(
						() -> client.get().uri(this.server.uri("/api/models")).retrieve().toBodilessEntity().block())
				.satisfies((ex) -> {
					assertThat(ex.getState()).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
					assertThat(ex.getReason()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
					assertThat(AuthenticationRequiredException.isAuthenticationRequired(ex)).isTrue();
				});
			assertThat(log.events("oauth2_bearer_missing")).singleElement()
				.satisfies((event) -> assertThat(LogCapture.pairs(event)).containsEntry("reason",
						"reauthentication_required"));
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void aCleanStartIsQuietButForOneLine() {
		TestApplication application = application(WebApplicationType.SERVLET);
		provider(application, "one", stored("one-refresh-token"));
		provider(application, "two", stored("two-refresh-token"));
		application.with("oauth2.pkce.startup.refresh=false");
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce", Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			Started.await(context);
			await().until(() -> !log.events("oauth2_startup_finished").isEmpty());
			assertThat(log.events()).filteredOn((event) -> event.getLevel().isGreaterOrEqual(Level.INFO))
				.hasSize(1)
				.allSatisfy((event) -> {
					assertThat(event.getLevel()).isEqualTo(Level.INFO);
					assertThat(LogCapture.pairs(event)).containsEntry("oauth2_event", "oauth2_startup_finished")
						.containsEntry("authorized", 2);
				});
		}
	}

	/** Nobody looks at health before the first 401. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					NONE     | never | on-startup is never              | Log in: restart with oauth2.pkce.login.on-startup=always
					NONE     | auto  | input and output are not a termi | Log in: restart on a terminal, or with oauth2.pkce.login.on-startup=always
					SERVLET  | auto  | input and output are not a termi | Log in: curl -X POST http://localhost:
					REACTIVE | auto  | input and output are not a termi | Log in: curl -X POST http://localhost:
					""")
	void saysOnceThatAPersonIsNeededWhereNobodyIsAsked(WebApplicationType type, String onStartup, String why,
			String remedy) {
		TestApplication application = application(type).with("oauth2.pkce.login.on-startup=" + onStartup,
				"management.endpoints.web.exposure.include=*",
				"management.endpoint.oauth2providers.access=unrestricted");
		provider(application, "nobody", null);
		provider(application, "expired", stored(null));
		provider(application, "authorized", stored("a-refresh-token"));
		provider(application, "users", null);
		application.with("oauth2.pkce.startup.refresh=false", "oauth2.pkce.providers.users.principal=current-user");
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			assertThat(context.isRunning()).isTrue();
			await().until(() -> log.events("oauth2_login_needed").size() >= 2);
			List<ILoggingEvent> needed = log.events("oauth2_login_needed");
			assertThat(needed).extracting((event) -> LogCapture.pairs(event).get("provider"))
				.containsExactlyInAnyOrder("nobody", "expired");
			assertThat(needed).allSatisfy((event) -> {
				assertThat(event.getLevel()).isEqualTo(Level.WARN);
				assertThat(event.getFormattedMessage()).contains(why,
						String.valueOf(LogCapture.pairs(event).get("remedy")));
			});
			assertThat(needed).anySatisfy(
					(event) -> assertThat(String.valueOf(LogCapture.pairs(event).get("remedy"))).startsWith(remedy));
		}
	}

	@Test
	void saysSoTooWhereARequestWillAsk() {
		TestApplication application = application(WebApplicationType.NONE).with("oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.login.on-request=always");
		provider(application, "nobody", null);
		try (LogCapture log = LogCapture.ofEvents(Level.INFO);
				ConfigurableApplicationContext context = application.with(log).run()) {
			assertThat(context.isRunning()).isTrue();
			await().until(() -> !log.events("oauth2_login_needed").isEmpty());
			assertThat(log.events("oauth2_login_needed")).singleElement()
				.extracting(ILoggingEvent::getFormattedMessage)
				.asString()
				.contains("the first request that needs it will ask (oauth2.pkce.login.on-request)");
		}
	}

	@Test
	void aListenerThatFailsKeepsNobodyFromStarting() {
		TestApplication application = application(WebApplicationType.NONE).with(Failing.class)
			.with("oauth2.pkce.login.on-startup=always");
		provider(application, "acme", null);
		this.server.answerAlways(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_client", null));
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.isRunning()).isTrue();
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void startsWhenAllIssuersAreDown(WebApplicationType type) {
		URI issuer = this.server.uri("/");
		this.server.stop();
		assertStarts(type, issuer, new CountDownLatch(0));
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void startsWhenAnIssuerHangs(WebApplicationType type) {
		CountDownLatch never = new CountDownLatch(1);
		this.server.answerAlways(Endpoint.DISCOVERY, Answer.normally().processedAfter(never));
		try {
			assertStarts(type, this.server.uri(""), never);
		}
		finally {
			never.countDown();
		}
	}

	private void assertStarts(WebApplicationType type, URI issuer, CountDownLatch hanging) {
		TestApplication application = TestApplication.of(type)
			.with(Started.class, Stored.class)
			.with("oauth2.pkce.startup.timeout=300ms", "oauth2.pkce.providers.acme.issuer-uri=" + issuer,
					"oauth2.pkce.providers.acme.client-id=app");
		Stored.credentials.clear();
		Stored.credentials.put("acme", stored("stored-refresh-token"));
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(Started.await(context).states).containsEntry("acme", AuthorizationState.AUTHORIZED);
			hanging.countDown();
		}
	}

	private static Stored.Template stored(@Nullable String refreshToken) {
		return new Stored.Template(refreshToken);
	}

	private TestApplication application(WebApplicationType type) {
		Stored.credentials.clear();
		return TestApplication.of(type).with(Started.class, Stored.class);
	}

	private void provider(TestApplication application, String id, Stored.@Nullable Template stored) {
		String prefix = "oauth2.pkce.providers." + id + ".";
		application.with(prefix + "client-id=app", prefix + "token-uri=" + this.server.uri(Endpoint.TOKEN),
				prefix + "device-authorization-uri=" + this.server.uri(Endpoint.DEVICE_AUTHORIZATION));
		if (stored != null) {
			Stored.credentials.put(id,
					new Stored.Template(stored.refreshToken(), this.server.uri(Endpoint.TOKEN).toString()));
		}
	}

	/** Collects what the warm-up tells, until it has told of every provider. */
	@Configuration(proxyBeanMethods = false)
	static class Started {

		private final Providers providers;

		private final Map<String, AuthorizationState> states = new ConcurrentHashMap<>();

		private final Set<String> lost = ConcurrentHashMap.newKeySet();

		private final CompletableFuture<Started> done = new CompletableFuture<>();

		Started(Providers providers) {
			this.providers = providers;
		}

		@EventListener
		void on(ProviderStartedEvent event) {
			if (event.failureReason() != null) {
				this.lost.add(event.providerId());
			}
			this.states.put(event.providerId(), event.state());
			if (this.states.size() == this.providers.ids().size()) {
				this.done.complete(this);
			}
		}

		static Started await(ConfigurableApplicationContext context) {
			return context.getBean(Started.class).done.orTimeout(WAIT.toSeconds(), TimeUnit.SECONDS).join();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@EventListener
		void on(ProviderStartedEvent event) {
			throw new IllegalStateException("This listener always fails");
		}

	}

	/** A store that holds expired logins when the application starts. */
	@Configuration(proxyBeanMethods = false)
	static class Stored {

		private static final Map<String, Template> credentials = new HashMap<>();

		@Bean
		TokenStore tokenStore(Environment environment) {
			MemoryTokenStore store = new MemoryTokenStore();
			credentials.forEach((id, template) -> {
				String issuer = environment.getProperty("oauth2.pkce.providers." + id + ".issuer-uri");
				store.save(TestCredentials.credential()
					.id(CredentialId.ofApplication(id))
					.origin(issuer, template.tokenEndpoint(), "app")
					.refreshToken(template.refreshToken())
					.lifetime(PAST, PAST.plusSeconds(300))
					.build(), Credential.NONE);
			});
			return store;
		}

		record Template(@Nullable String refreshToken, String tokenEndpoint) {

			Template(@Nullable String refreshToken) {
				this(refreshToken, "https://login.example.com/token");
			}

		}

	}

	/** A store that takes its time, and then has nothing. */
	@Configuration(proxyBeanMethods = false)
	static class Slow {

		private static volatile CountDownLatch read = new CountDownLatch(0);

		@Bean
		TokenStore tokenStore() {
			return new TokenStore() {

				@Override
				public @Nullable Credential load(CredentialId id) {
					try {
						read.await();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
					return null;
				}

				@Override
				public boolean save(Credential credential, long expectedGeneration) {
					return false;
				}

				@Override
				public boolean remove(CredentialId id, long expectedGeneration) {
					return false;
				}

			};
		}

	}

}
