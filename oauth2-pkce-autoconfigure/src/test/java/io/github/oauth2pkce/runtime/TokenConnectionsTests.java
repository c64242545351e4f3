package io.github.oauth2pkce.runtime;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** On the wire: the API and the token endpoint are on one host. */
@Timeout(60)
class TokenConnectionsTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("machine", "secret"));

	private final CountDownLatch release = new CountDownLatch(1);

	@AfterEach
	void stop() {
		this.release.countDown();
		this.server.close();
	}

	private ConfigurableApplicationContext run(Class<?> configuration) {
		return run(WebApplicationType.NONE, configuration);
	}

	private ConfigurableApplicationContext run(WebApplicationType type, Class<?> configuration) {
		return application(type).with(configuration).run();
	}

	private TestApplication application(WebApplicationType type) {
		String provider = "oauth2.pkce.providers.machine.";
		return TestApplication.of(type)
			.with(provider + "client-id=machine", provider + "client-secret=secret",
					provider + "authorization-grant-type=client_credentials",
					provider + "token-uri=" + this.server.uri(Endpoint.TOKEN));
	}

	@Test
	void aCallThatHoldsTheApplicationsLastConnectionDoesNotDelayAToken() {
		this.server.enqueue(Endpoint.API, Answer.status(200).answeredAfter(this.release));
		try (ConfigurableApplicationContext context = run(OneConnectionConfiguration.class)) {
			Disposable streaming = context.getBean(WebClient.Builder.class)
				.build()
				.get()
				.uri(this.server.uri(Endpoint.API))
				.exchangeToMono(ClientResponse::releaseBody)
				.subscribe();
			this.server.takeRequest(Endpoint.API, SOON);
			BearerToken token = context.getBean(BearerTokenSource.class).current("machine").block(SOON);
			assertThat(token).isInstanceOf(BearerToken.Available.class);
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
			streaming.dispose();
		}
	}

	@Test
	void whatTheApplicationSetsOnItsClientsHoldsForTokenTraffic() {
		try (ConfigurableApplicationContext context = run(CustomizedConfiguration.class)) {
			context.getBean(BearerTokenSource.class).current("machine").block(SOON);
			assertThat(this.server.requests(Endpoint.TOKEN)).singleElement()
				.satisfies((request) -> assertThat(request.header("X-Customized")).isEqualTo("yes"));
		}
	}

	@Test
	void aFactoryThatKnowsAProxyIsUsed() {
		try (ConfigurableApplicationContext context = run(ProxyConfiguration.class)) {
			int before = context.getBean(ProxyConfiguration.class).made.get();
			context.getBean(BearerTokenSource.class).current("machine").block(SOON);
			assertThat(context.getBean(ProxyConfiguration.class).made).hasValueGreaterThan(before);
		}
	}

	@ParameterizedTest
	@EnumSource
	void aConnectorOfTheApplicationIsUsed(WebApplicationType type) {
		try (ConfigurableApplicationContext context = run(type, ConnectorConfiguration.class)) {
			assertThat(context.getBean(BearerTokenSource.class).current("machine").block(SOON))
				.isInstanceOf(BearerToken.Available.class);
			assertThat(context.getBean(ConnectorConfiguration.class).connected)
				.containsExactly(this.server.uri(Endpoint.TOKEN));
		}
	}

	@Test
	void aConnectorOfTheApplicationIsNotUsedForAProvidersOwnSslBundleAndThisIsSaid() {
		LogCapture log = LogCapture.of(HttpClients.class, Level.WARN);
		try (log;
				ConfigurableApplicationContext context = application(WebApplicationType.NONE).with(log)
					.with(ConnectorConfiguration.class)
					.with("oauth2.pkce.providers.machine.ssl-bundle=internal",
							"spring.ssl.bundle.pem.internal.protocol=TLS")
					.run()) {
			assertThat(context.getBean(BearerTokenSource.class).current("machine").block(SOON))
				.isInstanceOf(BearerToken.Available.class);
			assertThat(context.getBean(ConnectorConfiguration.class).connected).isEmpty();
			assertThat(log.events()).singleElement()
				.satisfies((event) -> assertThat(event.getFormattedMessage())
					.contains("oauth2.pkce.providers.machine.ssl-bundle", "ClientHttpConnector"));
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { FollowingConnectorConfiguration.class, FollowingBuilderConfiguration.class })
	void redirectsAreNotFollowedWhateverTheApplicationsConnectorDoes(Class<?> configuration) {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.status(307).withHeader("Location", this.server.uri("/elsewhere").toString()));
		try (ConfigurableApplicationContext context = run(configuration)) {
			assertThat(context.getBean(BearerTokenSource.class).current("machine").block(SOON))
				.isInstanceOf(BearerToken.Skipped.class);
			assertThat(this.server.requests()).extracting(RecordedRequest::path)
				.containsExactly(this.server.uri(Endpoint.TOKEN).getPath());
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class OneConnectionConfiguration {

		@Bean
		ReactorResourceFactory reactorResourceFactory() {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setConnectionProviderSupplier(() -> ConnectionProvider.create("application", 1));
			return resources;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CustomizedConfiguration {

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> customizer() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.headers((headers) -> headers.set("X-Customized", "yes")));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ConnectorConfiguration {

		private final List<URI> connected = new CopyOnWriteArrayList<>();

		@Bean
		ClientHttpConnector connector() {
			ClientHttpConnector connector = new ReactorClientHttpConnector();
			return (method, uri, callback) -> {
				this.connected.add(uri);
				return connector.connect(method, uri, callback);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FollowingConnectorConfiguration {

		@Bean
		ClientHttpConnector connector() {
			return new ReactorClientHttpConnector(HttpClient.create().followRedirect(true));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FollowingBuilderConfiguration {

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> customizer() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.followRedirect(true));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxyConfiguration {

		private final AtomicInteger made = new AtomicInteger();

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> customizer() {
			return (builder) -> builder.withHttpClientFactory(() -> {
				this.made.incrementAndGet();
				return HttpClient.create()
					.proxy((proxy) -> proxy.type(reactor.netty.transport.ProxyProvider.Proxy.HTTP)
						.host("127.0.0.1")
						.port(1)
						.nonProxyHosts("127.0.0.1"));
			});
		}

	}

}
