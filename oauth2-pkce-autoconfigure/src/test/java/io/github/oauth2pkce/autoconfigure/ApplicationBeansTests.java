package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerSkippedEvent;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.TokenRefreshedEvent;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beans that documents invite people to write, as people write them: over the HTTP
 * clients that the application has, which get the bearer filter.
 */
@Timeout(120)
class ApplicationBeansTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("machine", "secret"))
		.register(FakeClient.publicClient("app").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	static Stream<Arguments> applications() {
		return Stream.of(WebApplicationType.values())
			.flatMap((type) -> Stream.of(Arguments.of(type, false), Arguments.of(type, true)));
	}

	@ParameterizedTest
	@MethodSource("applications")
	void mayUseTheApplicationsHttpClients(WebApplicationType type, boolean lazy) {
		try (ConfigurableApplicationContext context = run(type, lazy, InvitedConfiguration.class)) {
			call(context);
			assertThat(this.server.requests(Endpoint.API)).singleElement()
				.extracting(RecordedRequest::bearer)
				.isNotNull();
			assertThat(context.getBean(TokenStore.class)).isInstanceOf(VaultTokenStore.class);
			assertThat(context.getBean(Told.class).told).contains("propagated");
		}
	}

	@ParameterizedTest
	@MethodSource("applications")
	void mayUseThemInASourceOfBearers(WebApplicationType type, boolean lazy) {
		try (ConfigurableApplicationContext context = run(type, lazy, SourceConfiguration.class)) {
			call(context);
			assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::bearer)
				.containsExactly("test-token");
		}
	}

	@ParameterizedTest
	@MethodSource("applications")
	void mayUseWhatTheyListenTo(WebApplicationType type, boolean lazy) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		try (ConfigurableApplicationContext context = run(type, lazy, ListeningConfiguration.class)) {
			call(context);
			context.getBean(Logins.class).logIn("person");
			Awaitility.await()
				.untilAsserted(() -> assertThat(context.getBean(ListeningConfiguration.class).told)
					.contains("refreshed machine", "logged in person"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void clocksMappersAndExecutorsOfTheApplicationAreItsOwn(WebApplicationType type) {
		try (ConfigurableApplicationContext context = run(type, false, CommonConfiguration.class)) {
			call(context);
			assertThat(this.server.requests(Endpoint.API)).singleElement()
				.extracting(RecordedRequest::bearer)
				.isNotNull();
			assertThat(context.getBean(CommonConfiguration.class).executed).isEmpty();
		}
	}

	private void call(ConfigurableApplicationContext context) {
		context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri(Endpoint.API))
			.exchangeToMono((response) -> response.releaseBody())
			.block(SOON);
	}

	private ConfigurableApplicationContext run(WebApplicationType type, boolean lazy, Class<?> configuration) {
		String provider = "oauth2.pkce.providers.machine.";
		return TestApplication.of(type)
			.with(configuration)
			.with("spring.main.lazy-initialization=" + lazy, provider + "client-id=machine",
					provider + "client-secret=secret", provider + "authorization-grant-type=client_credentials",
					provider + "token-uri=" + this.server.uri(Endpoint.TOKEN),
					provider + "base-urls=" + this.server.uri(Endpoint.API),
					"oauth2.pkce.providers.person.client-id=app",
					"oauth2.pkce.providers.person.issuer-uri=" + this.server.issuer())
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ VaultTokenStore.class, Told.class })
	static class InvitedConfiguration {

		@Bean
		UserCodePrompt prompt(WebClient.Builder builder, ObjectProvider<RestClient.Builder> restClients) {
			WebClient chat = builder.baseUrl("https://chat.example.com").build();
			return (userCode) -> chat.post().bodyValue(userCode.userCode()).retrieve().toBodilessEntity().subscribe();
		}

		@Bean
		BrowserOpener browserOpener(WebClient.Builder builder) {
			return (page) -> false;
		}

		@Bean
		RefreshListener refreshListener(WebClient.Builder builder, Told told) {
			return new RefreshListener() {

				@Override
				public void refreshed(Refresh refresh) {
					told.told.add("refreshed");
				}

			};
		}

		@Bean
		LoginListener loginListener(WebClient.Builder builder) {
			return new LoginListener() {
			};
		}

		@Bean
		BearerListener bearerListener(WebClient.Builder builder, Told told) {
			return new BearerListener() {

				@Override
				public void propagated(String providerId) {
					told.told.add("propagated");
				}

			};
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		WebClientCustomizer first() {
			return (builder) -> builder.defaultHeader("X-First", "1");
		}

		@Bean
		WebClientCustomizer last(ExchangeFilterFunction filter) {
			return (builder) -> builder.defaultHeader("X-Last", "1");
		}

	}

	/** What was told. */
	static class Told {

		final List<String> told = new CopyOnWriteArrayList<>();

		Told(WebClient.Builder builder, ObjectProvider<RestClient.Builder> restClients) {
		}

		@EventListener
		void on(TokenRefreshedEvent event) {
			this.told.add("event");
		}

		@EventListener
		void on(BearerSkippedEvent event) {
			this.told.add("skipped");
		}

	}

	static class VaultTokenStore extends ForwardingTokenStore {

		VaultTokenStore(WebClient.Builder builder, ObjectProvider<RestClient.Builder> restClients) {
			super(new MemoryTokenStore());
			builder.baseUrl("https://vault.example.com").build();
			restClients.ifAvailable((rest) -> rest.baseUrl("https://vault.example.com").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SourceConfiguration {

		@Bean
		BearerTokenSource bearers(WebClient.Builder builder, ObjectProvider<RestClient.Builder> restClients) {
			restClients.ifAvailable(RestClient.Builder::build);
			WebClient tokens = builder.build();
			return (providerId) -> Mono.just(tokens).map((client) -> BearerToken.Available.of("test-token"));
		}

	}

	/** Listeners that would ask, and log in, when they hear of something. */
	@Configuration(proxyBeanMethods = false)
	static class ListeningConfiguration {

		final List<String> told = new CopyOnWriteArrayList<>();

		@Bean
		RefreshListener refreshListener(BearerTokenSource source) {
			return new RefreshListener() {

				@Override
				public void refreshed(Refresh refresh) {
					ListeningConfiguration.this.told.add("refreshed " + refresh.id().providerId());
				}

			};
		}

		@Bean
		LoginListener loginListener(Logins logins, BearerTokenSource source) {
			return new LoginListener() {

				@Override
				public void ended(Ended ended) {
					ListeningConfiguration.this.told.add("logged in " + ended.login().id().providerId());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CommonConfiguration {

		final List<Runnable> executed = new CopyOnWriteArrayList<>();

		@Bean
		Clock clock() {
			return Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
		}

		@Bean
		JsonMapper jsonMapper() {
			return JsonMapper.builder()
				.propertyNamingStrategy(tools.jackson.databind.PropertyNamingStrategies.UPPER_CAMEL_CASE)
				.build();
		}

		@Bean
		Executor executor() {
			return this.executed::add;
		}

		@Bean
		TaskScheduler taskScheduler() {
			return new SimpleAsyncTaskScheduler();
		}

	}

}
