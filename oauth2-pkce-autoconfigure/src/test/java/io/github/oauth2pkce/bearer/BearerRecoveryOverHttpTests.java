package io.github.oauth2pkce.bearer;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.function.Tuple2;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
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
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** With the real source, real HTTP clients, and an API that looks at its tokens. */
class BearerRecoveryOverHttpTests {

	private static final Duration SOON = Duration.ofSeconds(20);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ExecutorService workers = Executors.newCachedThreadPool();

	private final RecordingListener listener = new RecordingListener();

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

	static Stream<Arguments> clients() {
		return Stream.of(
				arguments("WebClient over Reactor Netty",
						(Post) (tests) -> tests.web(ClientHttpConnectorBuilder.reactor().build())),
				arguments("WebClient over JDK", (Post) (tests) -> tests.web(ClientHttpConnectorBuilder.jdk().build())),
				arguments("RestClient over Reactor Netty",
						(Post) (tests) -> tests.rest(ClientHttpRequestFactoryBuilder.reactor().build())),
				arguments("RestClient over JDK",
						(Post) (tests) -> tests.rest(ClientHttpRequestFactoryBuilder.jdk().build())));
	}

	private WebClient webClient(ClientHttpConnector connector) {
		return WebClient.builder()
			.baseUrl(this.server.uri("/api").toString())
			.clientConnector(connector)
			.filter(new BearerTokenFilter(policies(), this.source, this.listener))
			.build();
	}

	private Mono<Integer> post(WebClient client) {
		return client.post()
			.uri("/things")
			.bodyValue("{\"a\":\"b\"}")
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()));
	}

	private int web(ClientHttpConnector connector) {
		Integer status = post(webClient(connector)).block(SOON);
		assertThat(status).isNotNull();
		return status;
	}

	private int rest(ClientHttpRequestFactory factory) {
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
	void replaysTheWholeRequestWithANewToken(String name, Post client) {
		assertThat(client.post(this)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(client.post(this)).isEqualTo(200);
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
	void believesAResourceThatWasRightBefore(String name, Post client) {
		assertThat(client.post(this)).isEqualTo(200);
		for (int i = 0; i < 3; i++) {
			this.server.invalidateAccessTokens();
			assertThat(client.post(this)).isEqualTo(200);
		}
		this.server.invalidateAccessTokens();
		assertThat(client.post(this)).isEqualTo(401);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(4);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clients")
	void asksForOneTokenOnlyIfTheApiRefusesAll(String name, Post client) {
		this.server.answerAlways(Endpoint.API,
				Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\""));
		assertThat(client.post(this)).isEqualTo(401);
		assertThat(client.post(this)).isEqualTo(401);
		assertThat(client.post(this)).isEqualTo(401);
		// The first, and one that was forced: the limit holds for all requests.
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
		assertThat(this.server.requests(Endpoint.API)).hasSize(4);
	}

	/**
	 * A stream that reconnects in the background: what it sends is not kept, so that the
	 * 401 is its own, but whoever calls next has a token that works.
	 */
	@Test
	void refusedStreamIsRecoveredByTheNextCall() {
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		Mono<Integer> stream = Mono.defer(() -> client.post()
			.uri("/events")
			.accept(MediaType.TEXT_EVENT_STREAM)
			.body(Flux.just("{", "}"), String.class)
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value())));
		assertThat(stream.block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(stream.block(SOON)).isEqualTo(401);
		assertThat(stream.block(SOON)).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
		assertThat(this.listener.events).contains("unauthorized github not_replayable");
	}

	@Test
	void refreshesOnceForAllRequestsThatAreRefused() {
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		assertThat(post(client).block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		CountDownLatch allAreRefused = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(allAreRefused));
		int callers = 8;
		Mono<List<Integer>> calls = Flux.range(0, callers).flatMap((i) -> post(client), callers).collectList();
		Mono<Boolean> release = Mono.fromCallable(() -> {
			for (int i = 0; i < callers + 1; i++) {
				this.server.takeRequest(Endpoint.API, SOON);
			}
			allAreRefused.countDown();
			return true;
		});
		List<Integer> statuses = Mono.zip(calls, release.subscribeOn(Schedulers.boundedElastic()))
			.map(Tuple2::getT1)
			.block(SOON);
		assertThat(statuses).hasSize(callers).containsOnly(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
	}

	/**
	 * Everything but the source's own workers runs where blocking is an error. In a JVM
	 * of its own: BlockHound stays, and other tests' frameworks do block.
	 */
	@Test
	@Tag("blockhound")
	void neverBlocksAnEventLoop() {
		BlockHound.install();
		Mono<Integer> probe = Mono.fromCallable(() -> {
			Thread.sleep(0);
			return 0;
		}).subscribeOn(Schedulers.parallel());
		assertThatExceptionOfType(RuntimeException.class).as("BlockHound is at work")
			.isThrownBy(() -> probe.block(SOON))
			.withCauseInstanceOf(BlockingOperationError.class);
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		Mono<Integer> onEventLoop = Mono.defer(() -> post(client)).subscribeOn(Schedulers.parallel());
		assertThat(onEventLoop.block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(onEventLoop.block(SOON)).isEqualTo(200);
		assertThat(this.listener.events).endsWith("unauthorized github replayed");
	}

	private interface Post {

		int post(BearerRecoveryOverHttpTests tests);

	}

}
