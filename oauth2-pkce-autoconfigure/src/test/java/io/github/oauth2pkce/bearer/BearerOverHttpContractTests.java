package io.github.oauth2pkce.bearer;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshingBearerTokenSource;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * With the real source, real HTTP clients, and an API that looks at its tokens. Whoever
 * extends this says over which clients, by a method {@code clients}.
 */
@Timeout(60)
abstract class BearerOverHttpContractTests {

	static final Duration SOON = Duration.ofSeconds(20);

	final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ExecutorService workers = Executors.newCachedThreadPool();

	final RecordingListener listener = new RecordingListener();

	private BearerTokenSource source;

	@BeforeEach
	void start() {
		this.server.register(FakeClient.confidential("machine", "machine-secret"));
		Provider provider = Provider.withId("github", "machine")
			.clientSecret("machine-secret")
			.grant(Grant.CLIENT_CREDENTIALS)
			.endpoints(new Endpoints(null, null, this.server.uri(Endpoint.TOKEN), null))
			.build();
		AuthorizationServerClient client = new AuthorizationServerClient((any) -> WebClient.create(), SOON);
		RefreshSettings settings = new RefreshSettings(SOON, SOON);
		Providers providers = new Providers(List.of(provider));
		Credentials credentials = Credentials
			.builder(providers, new TokenEndpoint(client), new Discovery(client, Clock.systemUTC()))
			.settings(settings)
			.executor(this.workers)
			.build();
		this.source = new RefreshingBearerTokenSource(providers, credentials, Mono.empty(), settings);
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.workers.shutdownNow();
	}

	/**
	 * Something that sends requests.
	 *
	 * @param name what it is
	 * @param post sends one and returns the status
	 */
	record Client(String name, ToIntFunction<BearerOverHttpContractTests> post) {

		static Client web(String name, ClientHttpConnectorBuilder<?> connectors) {
			ClientHttpConnector connector = connectors.build();
			return new Client("WebClient over " + name, (tests) -> tests.web(connector));
		}

		static Client rest(String name, ClientHttpRequestFactoryBuilder<?> factories) {
			ClientHttpRequestFactory factory = factories.build();
			return new Client("RestClient over " + name, (tests) -> tests.rest(factory));
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	final WebClient webClient(ClientHttpConnector connector) {
		return WebClient.builder()
			.baseUrl(this.server.uri("/api").toString())
			.clientConnector(connector)
			.filter(new BearerTokenFilter(policies(), this.source, this.listener))
			.build();
	}

	final Mono<Integer> post(WebClient client) {
		return client.post()
			.uri("/things")
			.bodyValue("{\"a\":\"b\"}")
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()));
	}

	final int web(ClientHttpConnector connector) {
		Integer status = post(webClient(connector)).block(SOON);
		assertThat(status).isNotNull();
		return status;
	}

	final int rest(ClientHttpRequestFactory factory) {
		HttpStatusCode status = RestClient.builder()
			.requestFactory(factory)
			.requestInterceptor(new BearerTokenInterceptor(policies(), this.source, this.listener))
			.build()
			.post()
			.uri(this.server.uri("/api/things"))
			.body("{\"a\":\"b\"}")
			.exchange((request, response) -> response.getStatusCode());
		assertThat(status).isNotNull();
		return status.value();
	}

	private BearerPolicies policies() {
		return TestPolicies.forBaseUrls(this.server.uri("/api").toString());
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clients")
	void replaysTheWholeRequestWithANewToken(Client client) {
		assertThat(client.post().applyAsInt(this)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(client.post().applyAsInt(this)).isEqualTo(200);
		List<RecordedRequest> requests = this.server.requests(Endpoint.API);
		assertThat(requests).hasSize(3).extracting(RecordedRequest::body).containsOnly("{\"a\":\"b\"}");
		assertThat(requests.get(1).bearer()).isEqualTo(requests.get(0).bearer());
		assertThat(requests.get(2).bearer()).isNotEqualTo(requests.get(1).bearer());
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
		assertThat(this.listener.events).containsExactly("propagated github", "propagated github",
				"unauthorized github replayed");
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clients")
	void believesAResourceThatWasRightBefore(Client client) {
		assertThat(client.post().applyAsInt(this)).isEqualTo(200);
		for (int i = 0; i < 10; i++) {
			this.server.invalidateAccessTokens();
			assertThat(client.post().applyAsInt(this)).isEqualTo(200);
		}
		this.server.invalidateAccessTokens();
		assertThat(client.post().applyAsInt(this)).isEqualTo(401);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(11);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clients")
	void asksForOneTokenOnlyIfTheApiRefusesAll(Client client) {
		this.server.answerAlways(Endpoint.API,
				Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\""));
		assertThat(client.post().applyAsInt(this)).isEqualTo(401);
		assertThat(client.post().applyAsInt(this)).isEqualTo(401);
		assertThat(client.post().applyAsInt(this)).isEqualTo(401);
		// The first, and one that was forced: the limit holds for all requests.
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
		assertThat(this.server.requests(Endpoint.API)).hasSize(4);
	}

}
