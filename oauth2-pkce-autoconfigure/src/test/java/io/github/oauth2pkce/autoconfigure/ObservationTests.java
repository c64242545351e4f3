package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

import static io.github.oauth2pkce.observability.AuthorizationServerObservationConvention.NAME;
import static org.assertj.core.api.Assertions.assertThat;

/** Requests to authorization servers are observed, once each and without addresses. */
@Timeout(60)
class ObservationTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	private static final String WEB_CLIENT = "http.client.requests";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce())
		.register(FakeClient.confidential("machine", "machine-secret"));

	@BeforeEach
	void approve() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void everyRequestIsObservedOnceByIdsAndClosedSets() throws Exception {
		try (ConfigurableApplicationContext context = application().with(Observed.class).run()) {
			liveThroughEverything(context);
			TestObservationRegistryAssert.assertThat(context.getBean(TestObservationRegistry.class))
				.doesNotHaveAnyRemainingCurrentObservation()
				.hasObservationWithNameEqualTo(NAME)
				.that()
				.hasBeenStarted()
				.hasBeenStopped();
			Contexts contexts = context.getBean(Contexts.class);
			List<String> observed = contexts.words(NAME);
			assertThat(observed).contains("discovery none success acme", "device_authorization none success acme",
					"token device_code success acme", "token device_code client_error acme",
					"token refresh_token success acme", "token refresh_token server_error acme",
					"token refresh_token no_answer acme", "token client_credentials success robot",
					"revocation none success acme");
			assertThat(observed).hasSize((int) this.server.requests()
				.stream()
				.filter((request) -> request.endpoint() != Endpoint.API)
				.count());
			// The application's own call, and none of ours.
			assertThat(contexts.named(WEB_CLIENT)).hasSize(1);
			assertSpans(context.getBean(SimpleTracer.class));
			assertNothingLeaks(contexts);
		}
	}

	private void assertSpans(SimpleTracer tracer) {
		List<SimpleSpan> spans = tracer.getSpans()
			.stream()
			.filter((span) -> span.getName().startsWith("oauth2"))
			.toList();
		assertThat(spans).extracting(SimpleSpan::getName)
			.contains("oauth2 discovery", "oauth2 device_authorization", "oauth2 token", "oauth2 revocation");
		assertThat(spans).allSatisfy(
				(span) -> assertThat(span.getTags()).containsOnlyKeys("endpoint", "grant", "outcome", "provider"));
	}

	private void assertNothingLeaks(Contexts contexts) {
		Set<String> values = contexts.named(NAME)
			.stream()
			.flatMap((context) -> context.getAllKeyValues().stream())
			.map(KeyValue::getValue)
			.collect(Collectors.toSet());
		assertThat(values).allMatch((value) -> value.matches("[a-z_]+"));
		String all = contexts.named(NAME)
			.stream()
			.map((context) -> context.getAllKeyValues() + " " + context.getContextualName() + " " + context.getError())
			.collect(Collectors.joining("\n"));
		assertThat(this.server.issuedSecrets()).isNotEmpty()
			.allSatisfy((secret) -> assertThat(all).doesNotContain(secret));
	}

	@Test
	void bootMakesTimersOfThem() throws Exception {
		try (ConfigurableApplicationContext context = application().run()) {
			liveThroughEverything(context);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			Timer timer = meters.get(NAME)
				.tags("provider", "acme", "endpoint", "token", "grant", "refresh_token", "outcome", "success")
				.timer();
			assertThat(timer.count()).isEqualTo(1);
			assertThat(meters.get(NAME).timers())
				.allSatisfy((each) -> assertThat(each.getId().getTags()).extracting((tag) -> tag.getKey())
					.containsExactlyInAnyOrder("endpoint", "error", "grant", "outcome", "provider"));
			assertThat(meters.find(WEB_CLIENT).timers()).hasSize(1);
		}
	}

	private void liveThroughEverything(ConfigurableApplicationContext context) throws Exception {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "authorization_pending", null));
		context.getBean(Logins.class).logIn("acme");
		Credentials credentials = context.getBean(Credentials.class);
		credentials.current(ACME, RefreshTrigger.MANUAL).get();
		this.server.enqueue(Endpoint.TOKEN, Answer.status(503), Answer.connectionClosed());
		credentials.current(ACME, RefreshTrigger.MANUAL).get();
		credentials.current(ACME, RefreshTrigger.MANUAL).get();
		credentials.current(CredentialId.ofApplication("robot"), RefreshTrigger.EXPIRY).get();
		context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri("/api/models"))
			.retrieve()
			.toBodilessEntity()
			.block(WAIT);
		context.getBean(Logout.class).forget(ACME);
	}

	private TestApplication application() {
		TestApplication application = TestApplication.of(WebApplicationType.NONE);
		String providers = "oauth2.pkce.providers.";
		for (String id : List.of("acme", "robot")) {
			application.with(providers + id + ".issuer-uri=" + this.server.issuer());
		}
		return application.with(providers + "acme.client-id=app",
				providers + "acme.base-urls=" + this.server.uri("/api"), providers + "robot.client-id=machine",
				providers + "robot.client-secret=machine-secret",
				providers + "robot.authorization-grant-type=client_credentials");
	}

	/** What was observed, when it was over. Boot adds such a bean to the registry. */
	static final class Contexts implements ObservationHandler<Observation.Context> {

		private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();

		@Override
		public void onStop(Observation.Context context) {
			this.stopped.add(context);
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

		List<Observation.Context> named(String name) {
			return this.stopped.stream().filter((context) -> name.equals(context.getName())).toList();
		}

		List<String> words(String name) {
			return named(name).stream()
				.map((context) -> context.getLowCardinalityKeyValues()
					.stream()
					.map(KeyValue::getValue)
					.collect(Collectors.joining(" ")))
				.toList();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Observed {

		@Bean
		Contexts contexts() {
			return new Contexts();
		}

		@Bean
		SimpleTracer tracer() {
			return new SimpleTracer();
		}

		@Bean
		TestObservationRegistry observationRegistry(SimpleTracer tracer) {
			TestObservationRegistry registry = TestObservationRegistry.create();
			registry.observationConfig().observationHandler(new DefaultTracingObservationHandler(tracer));
			return registry;
		}

	}

}
