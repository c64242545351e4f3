package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.oauth2.client.annotation.ClientRegistrationId;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The main job, with a Spring Boot application that has only properties, against a real
 * HTTP server: log in once, and every call has a bearer.
 */
@Timeout(60)
class EndToEndTests {

	private static final Duration WAIT = Duration.ofSeconds(20);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce())
		.register(FakeClient.publicClient("second"));

	private final FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@BeforeEach
	void pollQuickly() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.elsewhere.close();
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void logsInOnceAndSendsTheBearerOnEveryCall(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with("oauth2.pkce.login.on-startup=always")
			.run()) {
			LoggedIn.await(context);
			call(context, "/api/models");
			call(context, "/api/models");
		}
		RecordedRequest device = this.server.takeRequest(Endpoint.DEVICE_AUTHORIZATION, WAIT);
		assertThat(device.parameter("code_challenge_method")).isEqualTo("S256");
		assertThat(device.hasParameter("code_challenge")).isTrue();
		List<RecordedRequest> polls = this.server.requests(Endpoint.TOKEN);
		assertThat(polls).isNotEmpty().allMatch((poll) -> poll.hasParameter("code_verifier"));
		assertThat(this.server.requests(Endpoint.API)).hasSize(2)
			.allSatisfy((request) -> assertThat(request.bearer()).isNotNull());
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void keepsTheLoginOverARestart(WebApplicationType type) {
		for (int run = 0; run < 2; run++) {
			try (ConfigurableApplicationContext context = application(type)
				.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.store.type=file",
						"oauth2.pkce.store.directory=" + this.directory)
				.run()) {
				if (run == 0) {
					LoggedIn.await(context);
				}
				call(context, "/api/models");
			}
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.API)).hasSize(2).allMatch((request) -> request.bearer() != null);
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void refreshUsesDiscoveredProtectedResourceAudience(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type)
			.with("oauth2.pkce.login.on-startup=always",
					"oauth2.pkce.providers.acme.resource-metadata-uri="
							+ this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api"))
			.run()) {
			LoggedIn.await(context);
			this.server.invalidateAccessTokens();
			call(context, "/api/models?tenant=a");
		}
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
		assertThat(this.server.requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
		assertThat(this.server.requests())
			.filteredOn((request) -> request.endpoint() == Endpoint.DEVICE_AUTHORIZATION
					|| request.endpoint() == Endpoint.TOKEN)
			.hasSizeGreaterThanOrEqualTo(3)
			.allSatisfy((request) -> assertThat(request.parameters("resource"))
				.containsExactly(this.server.uri("/api").toString()));
	}

	@Test
	void readsNoMetadataOfTheResourceAtTheStart() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.acme.resource-metadata-uri="
					+ this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api"))
			.run()) {
			assertThat(context.isRunning()).isTrue();
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void aProgramsRunnersFindAToken() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(Runner.class)
			.with("oauth2.pkce.login.on-startup=always", "test.api=" + this.server.uri("/api/models"))
			.run()) {
			assertThat(context.getBean(Runner.class).body).contains("alice");
		}
	}

	@Test
	void noRunnerComesBeforeTheLogin() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(EarlyRunners.class)
			.with("oauth2.pkce.login.on-startup=always")
			.run()) {
			assertThat(context.getBeansOfType(EarlyRunner.class).values()).hasSize(16)
				.extracting((runner) -> runner.state)
				.containsOnly(AuthorizationState.AUTHORIZED);
		}
	}

	@Test
	void aProgramRunsWithoutATokenWhenItsLoginIsRefused() {
		this.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, "invalid_client", null));
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(Runner.class)
			.with("oauth2.pkce.login.on-startup=always", "test.api=" + this.server.uri("/api/models"))
			.run()) {
			assertThat(context.getBean(Runner.class).failure).hasMessageContaining("401");
		}
	}

	@ParameterizedTest
	@EnumSource(value = WebApplicationType.class, names = { "SERVLET", "REACTIVE" })
	void aServerServesWhileAPersonIsLoggingIn(WebApplicationType type) {
		this.server.answerAlways(Endpoint.TOKEN, Answer.error(400, "authorization_pending", null));
		try (ConfigurableApplicationContext context = application(type).with(Pages.class)
			.with("oauth2.pkce.login.on-startup=always")
			.run()) {
			this.server.takeRequest(Endpoint.DEVICE_AUTHORIZATION, WAIT);
			assertThat(get(context, "/hello").getStatusCode()).isEqualTo(HttpStatus.OK);
		}
	}

	@ParameterizedTest
	@EnumSource(value = WebApplicationType.class, names = { "SERVLET", "REACTIVE" })
	void leavesInboundRequestsUnauthenticatedAsTheyWere(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(Pages.class).run()) {
			ResponseEntity<String> response = get(context, "/hello");
			assertThat(response.getBody()).isEqualTo("hello");
			assertThat(response.getHeaders().containsHeader("Set-Cookie")).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource(WebApplicationType.class)
	void anHttpServiceInterfaceSelectsItsProvider(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).with(HttpServices.class)
			.with("oauth2.pkce.login.on-startup=always",
					"spring.http.serviceclient.models.base-url=" + this.server.uri("/other"))
			.run()) {
			LoggedIn.await(context);
			this.server.answerAlways(Endpoint.OTHER, Answer.text(200, "text/plain", "fine"));
			assertThat(context.getBean(Models.class).models()).isEqualTo("fine");
		}
		assertThat(this.server.takeRequest(Endpoint.OTHER, WAIT).bearer()).isNotNull();
	}

	@Test
	void aRequestSelectsItsProviderBySpringsAttribute() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.providers.second.client-id=second",
					"oauth2.pkce.providers.second.issuer-uri=" + this.server.issuer())
			.run()) {
			String first = call(context, "/api/models");
			String second = context.getBean(WebClient.Builder.class)
				.build()
				.get()
				.uri(this.server.uri("/api/models"))
				.attributes(ClientAttributes.clientRegistrationId("second"))
				.retrieve()
				.bodyToMono(String.class)
				.block(WAIT);
			assertThat(first).contains("\"client\":\"app\"");
			assertThat(second).contains("\"client\":\"second\"");
		}
	}

	@Test
	void sendsNoBearerElsewhereAndSaysWhy() {
		this.elsewhere.answerAlways(Endpoint.OTHER, Answer.text(200, "text/plain", "fine"));
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.login.on-startup=always")
			.run()) {
			AtomicReference<@Nullable Object> reason = new AtomicReference<>();
			WebClient client = context.getBean(WebClient.Builder.class).filter((request, next) -> {
				reason.set(request.attribute(BearerTokenFilter.SKIP_REASON_ATTRIBUTE).orElse(null));
				return next.exchange(request);
			}).build();
			client.get().uri(this.elsewhere.uri("/plain")).retrieve().toBodilessEntity().block(WAIT);
			assertThat(reason.get()).isNull();
			client.get()
				.uri(this.elsewhere.uri("/selected"))
				.attributes(ClientAttributes.clientRegistrationId("acme"))
				.retrieve()
				.toBodilessEntity()
				.block(WAIT);
			assertThat(reason.get()).isEqualTo(SkipReason.ORIGIN_NOT_ALLOWED);
		}
		assertThat(this.elsewhere.requests()).hasSize(2).allMatch((request) -> request.authorization() == null);
	}

	@Test
	void failsInsteadOfSendingWhenToldTo() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.acme.on-missing-token=fail")
			.run()) {
			assertThatExceptionOfType(AuthenticationRequiredException.class)
				.isThrownBy(() -> call(context, "/api/models"))
				.satisfies((ex) -> {
					assertThat(ex.getProviderId()).isEqualTo("acme");
					assertThat(ex.getState()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
				});
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void neverPromptsOnARequest() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).run()) {
			assertThat(context.getBean(WebClient.Builder.class)
				.build()
				.get()
				.uri(this.server.uri("/api/models"))
				.exchangeToMono((response) -> response.toBodilessEntity())
				.block(WAIT)).extracting(ResponseEntity::getStatusCode).isEqualTo(HttpStatus.UNAUTHORIZED);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).isEmpty();
	}

	@Test
	void doesNotPromptByDefaultWithoutATerminal() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.login.on-startup=auto")
			.run()) {
			assertThat(context.isRunning()).isTrue();
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void tokenTrafficCarriesNothingOfTheResourceClients() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(DefaultHeader.class)
			.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/"))
			.run()) {
			call(context, "/api/models");
		}
		assertThat(this.server.takeRequest(Endpoint.API, WAIT).header("X-Resource-Client")).isEqualTo("yes");
		assertThat(this.server.requests()).filteredOn((request) -> request.endpoint() != Endpoint.API)
			.isNotEmpty()
			.allSatisfy((request) -> {
				assertThat(request.header("X-Resource-Client")).isNull();
				assertThat(request.authorization()).isNull();
			});
	}

	@Test
	void logsInWithoutPkceWhenToldTo() {
		this.server.register(FakeClient.publicClient("app"));
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.providers.acme.pkce=false")
			.run()) {
			call(context, "/api/models");
		}
		assertThat(this.server.requests()).noneMatch((request) -> request.hasParameter("code_challenge")
				|| request.hasParameter("code_challenge_method") || request.hasParameter("code_verifier"));
	}

	@Test
	void leavesBuildersAloneWhenToldTo() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.NONE)
			.with("oauth2.pkce.login.on-startup=always", "oauth2.pkce.webclient.customize=false")
			.run()) {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			ResponseEntity<Void> without = client.get()
				.uri(this.server.uri("/api/models"))
				.exchangeToMono((response) -> response.toBodilessEntity())
				.block(WAIT);
			assertThat(without).extracting(ResponseEntity::getStatusCode).isEqualTo(HttpStatus.UNAUTHORIZED);
			ResponseEntity<Void> with = client.mutate()
				.filter(context.getBean(BearerTokenFilter.class))
				.build()
				.get()
				.uri(this.server.uri("/api/models"))
				.retrieve()
				.toBodilessEntity()
				.block(WAIT);
			assertThat(with).extracting(ResponseEntity::getStatusCode).isEqualTo(HttpStatus.OK);
		}
	}

	private TestApplication application(WebApplicationType type) {
		return TestApplication.of(type)
			.with(LoggedIn.class)
			.with("oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.client-id=app", "oauth2.pkce.providers.acme.base-urls="
							+ this.server.uri("/api") + "," + this.server.uri("/other"));
	}

	private @Nullable String call(ConfigurableApplicationContext context, String path) {
		return context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri(path))
			.retrieve()
			.bodyToMono(String.class)
			.block(WAIT);
	}

	@SuppressWarnings("NullAway")
	private static ResponseEntity<String> get(ConfigurableApplicationContext context, String path) {
		URI uri = URI.create("http://localhost:" + context.getEnvironment().getProperty("local.server.port") + path);
		return WebClient.create()
			.get()
			.uri(uri)
			.exchangeToMono((response) -> response.toEntity(String.class))
			.block(WAIT);
	}

	/** Tells when the first login has ended well. */
	@Configuration(proxyBeanMethods = false)
	static class LoggedIn {

		private final CompletableFuture<LoginCompletedEvent> done = new CompletableFuture<>();

		@EventListener
		void on(LoginCompletedEvent event) {
			this.done.complete(event);
		}

		static void await(ConfigurableApplicationContext context) {
			context.getBean(LoggedIn.class).done.orTimeout(WAIT.toSeconds(), TimeUnit.SECONDS).join();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Runner implements ApplicationRunner {

		private final WebClient client;

		private final URI api;

		private volatile @Nullable String body;

		private volatile @Nullable Throwable failure;

		Runner(WebClient.Builder builder, @Value("${test.api}") URI api) {
			this.client = builder.build();
			this.api = api;
		}

		@Override
		public void run(ApplicationArguments arguments) {
			try {
				this.body = this.client.get().uri(this.api).retrieve().bodyToMono(String.class).block(WAIT);
			}
			catch (RuntimeException ex) {
				this.failure = ex;
			}
		}

	}

	/** As early as an order can say; many, because equals run in any order. */
	@Configuration(proxyBeanMethods = false)
	@Import(EarlyRunners.Sixteen.class)
	static class EarlyRunners {

		static class Sixteen implements BeanRegistrar {

			@Override
			public void register(BeanRegistry registry, Environment environment) {
				for (int i = 0; i < 16; i++) {
					registry.registerBean("early" + i, EarlyRunner.class);
				}
			}

		}

	}

	@Order(Ordered.HIGHEST_PRECEDENCE)
	static class EarlyRunner implements ApplicationRunner {

		private final Credentials credentials;

		private volatile @Nullable AuthorizationState state;

		EarlyRunner(Credentials credentials) {
			this.credentials = credentials;
		}

		@Override
		public void run(ApplicationArguments arguments) {
			this.state = this.credentials.status(CredentialId.ofApplication("acme")).state();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@RestController
	static class Pages {

		@GetMapping("/hello")
		String hello() {
			return "hello";
		}

	}

	@ClientRegistrationId("acme")
	interface Models {

		@GetExchange("/models")
		String models();

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "models", types = Models.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
	static class HttpServices {

	}

	@Configuration(proxyBeanMethods = false)
	static class DefaultHeader {

		@Bean
		WebClientCustomizer resourceClientHeader() {
			return (builder) -> builder.defaultHeader("X-Resource-Client", "yes");
		}

	}

}
