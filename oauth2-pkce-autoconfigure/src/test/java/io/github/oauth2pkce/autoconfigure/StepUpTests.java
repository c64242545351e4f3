package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.bearer.StepUpRequiredEvent;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** A resource wants more than the login is good for: everybody is told, nobody asked. */
@Timeout(60)
class StepUpTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private static final String ENTRY = "/actuator/oauth2providers/acme";

	private static final String HEALTH = "/actuator/health/oauth2Pkce/acme";

	private static final String[] DEMANDS = { "scopesRequired", "acrValues", "maxAge", "claims", "remedy" };

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private final FakeResource resource = this.server.protectedResource("/files");

	private final LogCapture log = LogCapture.ofEvents(Level.INFO);

	@BeforeEach
	void approve() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
	}

	@AfterEach
	void stop() {
		this.log.close();
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aScopeThatIsMissingIsToldUntilSomebodyHasLoggedIn(boolean webClient) {
		try (ConfigurableApplicationContext context = loggedIn()) {
			Http http = Http.of(context);
			assertThat(http.get(ENTRY).json()).doesNotContainKeys(DEMANDS);
			this.resource.requireScopes("files:write", "admin");
			int requests = this.server.requests(Endpoint.TOKEN).size();
			for (int i = 0; i < 3; i++) {
				assertThat(webClient ? call(context) : callByRestClient(context)).isEqualTo(403);
			}
			assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).as("prompts").hasSize(1);
			assertThat(this.server.requests(Endpoint.TOKEN)).as("refreshes").hasSize(requests);
			String remedy = "A resource demands the scopes files:write admin. Log in again: curl -X POST http://localhost:"
					+ http.port() + ENTRY + " answers with a page and a code";
			for (Map<String, Object> shown : List.of(http.get(ENTRY).json(), http.get(HEALTH).object("details"))) {
				assertThat(shown).containsEntry("state", "AUTHORIZED")
					.containsEntry("scopesRequired", List.of("files:write", "admin"))
					.containsEntry("remedy", remedy)
					.doesNotContainKeys("acrValues", "maxAge", "claims");
			}
			assertThat(http.get(HEALTH).json()).containsEntry("status", "UP");
			assertThat(count(context)).isEqualTo(3);
			assertThat(told()).singleElement().satisfies((event) -> {
				assertThat(event.getLevel()).isEqualTo(Level.WARN);
				assertThat(LogCapture.pairs(event)).containsEntry("provider", "acme")
					.containsEntry("scopesRequired", "files:write admin")
					.containsEntry("remedy", remedy);
				assertThat(event.getFormattedMessage())
					.startsWith("The login of 'acme' is not good enough for a request. A resource demands");
			});
			assertThat(context.getBean(Hearing.class).heard).singleElement()
				.satisfies((event) -> assertThat(event.scopes()).containsExactlyInAnyOrder("files:write", "admin"));

			this.resource.demandNothing();
			context.getBean(Logins.class).logIn("acme");
			assertThat(http.get(ENTRY).json()).doesNotContainKeys(DEMANDS);
			assertThat(http.get(HEALTH).object("details")).doesNotContainKeys(DEMANDS);
		}
	}

	/** Advice that is out of date before anybody reads it. */
	@Test
	void nobodyIsAdvisedToLogInWhereTheRequestMayDoIt() {
		try (ConfigurableApplicationContext context = loggedIn("oauth2.pkce.login.on-request=always")) {
			this.resource.requireScopes("files:write");
			assertThat(call(context)).isEqualTo(200);
			assertThat(told()).isEmpty();
			assertThat(context.getBean(Hearing.class).heard).hasSize(1);
		}
	}

	@Test
	void aLoginThatIsTooOldOrTooWeakIsTold() {
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.demandAuthentication("acr_values", "gold").demandAuthentication("max_age", "60");
			assertThat(call(context)).isEqualTo(401);
			assertThat(Http.of(context).get(ENTRY).json()).containsEntry("acrValues", "gold")
				.containsEntry("maxAge", 60)
				.doesNotContainKeys("scopesRequired", "claims")
				.extracting("remedy")
				.asString()
				.startsWith("A resource demands acr_values gold and max_age 60. Log in again");
			assertThat(this.server.refreshRequests()).isZero();
			assertThat(LogCapture.pairs(told().get(0))).containsEntry("acrValues", "gold").containsEntry("maxAge", 60L);
		}
	}

	@Test
	void entrasClaimsAreTold() {
		String claims = "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}";
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.demandClaims(claims);
			assertThat(call(context)).isEqualTo(401);
			assertThat(Http.of(context).get(ENTRY).json()).containsEntry("claims", claims);
			assertThat(LogCapture.pairs(told().get(0))).containsEntry("claims", claims);
			assertThat(context.getBean(Hearing.class).heard.get(0).claims()).isEqualTo(claims);
		}
	}

	@Test
	void whatIsNotSaidIsToldToo() {
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.challengeVerbatim("Bearer error=\"insufficient_scope\"").requireScopes("x");
			assertThat(call(context)).isEqualTo(403);
			assertThat(Http.of(context).get(ENTRY).json()).containsEntry("scopesRequired", List.of());
		}
	}

	@Test
	void theNextLoginIsGoodEnough() {
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.requireScopes("files:write");
			assertThat(call(context)).isEqualTo(403);
			assertThat(afterLogin(context).parameter("scope")).isEqualTo("files:read files:write");

			// What was granted must not be lost by what is demanded next.
			this.resource.requireScopes("admin");
			assertThat(call(context)).isEqualTo(403);
			assertThat(afterLogin(context).parameter("scope")).isEqualTo("files:read files:write admin");

			this.resource.demandNothing()
				.demandAuthentication("acr_values", "gold")
				.demandAuthentication("max_age", "60");
			assertThat(call(context)).isEqualTo(401);
			afterLogin(context);

			this.resource.demandNothing().demandClaims("{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}");
			assertThat(call(context)).isEqualTo(401);
			assertThat(afterLogin(context).hasParameter("acr_values")).isFalse();
		}
	}

	/** RFC 6749 section 5.1: the server need not say what was asked for. */
	@Test
	void aLoginWhoseScopesTheServerDoesNotSayHasThoseThatItAskedFor() {
		this.server.tokens().answer().remove("scope");
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.requireScopes("files:write");
			call(context);
			afterLogin(context);
			assertThat(Http.of(context).get(ENTRY).list("scopesGranted")).asString()
				.isEqualTo("[files:read, files:write]");
		}
	}

	private RecordedRequest afterLogin(ConfigurableApplicationContext context) {
		context.getBean(Logins.class).logIn("acme");
		assertThat(call(context)).isEqualTo(200);
		List<RecordedRequest> logins = this.server.requests(Endpoint.DEVICE_AUTHORIZATION);
		return logins.get(logins.size() - 1);
	}

	/** Each answer thinks of another scope, class, age and claim. */
	@Test
	void aResourceThatNeverHasEnoughFillsNeitherMemoryNorLogNorPage() {
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.requireScopes("x");
			for (int i = 0; i < 200; i++) {
				this.resource.challengeVerbatim("Bearer error=\"insufficient_scope\", acr_values=\"acr" + i
						+ "\", max_age=\"" + i + "\", scope=\"" + "s" + i + " " + "y".repeat(150) + i + "\"");
				call(context);
			}
			assertThat(told()).hasSize(20);
			assertThat(context.getBean(Hearing.class).heard).hasSize(20);
			Http.Response entry = Http.of(context).get(ENTRY);
			assertThat(entry.list("scopesRequired")).hasSize(50);
			assertThat(entry.body()).hasSizeLessThan(20_000);
			assertThat(count(context)).isEqualTo(200);
		}
	}

	@Test
	void escapeSequencesReachNeitherLogNorPage() {
		try (ConfigurableApplicationContext context = loggedIn()) {
			this.resource.requireScopes("x");
			this.resource
				.challengeVerbatim("Bearer error=\"insufficient_scope\", acr_values=\"a\u009b2J\", scope=\"b\u009b\","
						+ " claims=\"{\\\"a\\\":\\\"\\\\u001b[2J\\\"}\"");
			call(context);
			assertThat(Http.of(context).get(ENTRY).json()).containsEntry("claims", "{\"a\":\"\\u001B[2J\"}")
				.containsKey("remedy")
				.doesNotContainKey("acrValues");
			assertThat(told().get(0).getFormattedMessage()).doesNotContain("\u001b", "\u009b");
			assertThat(LogCapture.pairs(told().get(0)).toString()).doesNotContain("\u001b", "\u009b");
		}
	}

	private List<ILoggingEvent> told() {
		return this.log.events("oauth2_step_up_required");
	}

	private static double count(ConfigurableApplicationContext context) {
		return context.getBean(MeterRegistry.class)
			.get("oauth2.pkce.unauthorized")
			.tags("provider", "acme", "outcome", "insufficient_scope")
			.counter()
			.count();
	}

	private int call(ConfigurableApplicationContext context) {
		Integer status = context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.resource.uri())
			.exchangeToMono((response) -> response.toBodilessEntity().map((entity) -> entity.getStatusCode().value()))
			.block(WAIT);
		return (status != null) ? status : 0;
	}

	private int callByRestClient(ConfigurableApplicationContext context) {
		return context.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri(this.resource.uri())
			.exchange((request, response) -> response.getStatusCode().value());
	}

	private ConfigurableApplicationContext loggedIn(String... more) {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.SERVLET)
			.with(this.log)
			.with(Hearing.class)
			.with(more)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.scope=files:read",
					"oauth2.pkce.providers.acme.base-urls=" + this.resource.uri(),
					"management.endpoints.web.exposure.include=health,oauth2providers",
					"management.endpoint.health.show-details=always",
					"management.endpoint.oauth2providers.access=unrestricted")
			.run();
		context.getBean(Logins.class).logIn("acme");
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	static class Hearing {

		private final List<StepUpRequiredEvent> heard = new CopyOnWriteArrayList<>();

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

		@EventListener
		void hear(StepUpRequiredEvent event) {
			this.heard.add(event);
		}

	}

}
