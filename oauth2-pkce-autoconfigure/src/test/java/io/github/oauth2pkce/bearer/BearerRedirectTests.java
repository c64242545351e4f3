package io.github.oauth2pkce.bearer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.bearer.jdk.BearerHttpClient;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpAuthenticator;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpInterceptor;
import io.github.oauth2pkce.runtime.JdkRedirects;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Redirects are followed below filters and interceptors, so it is the HTTP clients, with
 * Boot's settings, that keep the bearer from other origins, or do not: the JDK's own
 * client hands every header on in its older versions (17.0.15 does, 25.0.3 does not).
 */
class BearerRedirectTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private static final HttpClientSettings DEFAULTS = HttpClientSettings.defaults();

	private static final HttpClientSettings DONT_FOLLOW = DEFAULTS.withRedirects(HttpRedirects.DONT_FOLLOW);

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start();

	@AfterEach
	void stop() {
		this.api.close();
		this.elsewhere.close();
	}

	static Stream<Arguments> clientsThatFollow() {
		return Stream.of(web("Reactor Netty", ClientHttpConnectorBuilder.reactor(), DEFAULTS),
				rest("Reactor Netty", ClientHttpRequestFactoryBuilder.reactor(), DEFAULTS),
				web("JDK", JdkRedirects.within(ClientHttpConnectorBuilder.jdk()), DEFAULTS),
				rest("JDK", JdkRedirects.within(ClientHttpRequestFactoryBuilder.jdk()), DEFAULTS),
				rest("HttpURLConnection", ClientHttpRequestFactoryBuilder.simple(), DEFAULTS), okHttp(),
				jdk("send", (client, request) -> client.send(request, BodyHandlers.discarding())),
				jdk("sendAsync", (client, request) -> client.sendAsync(request, BodyHandlers.discarding()).get()));
	}

	static Stream<Arguments> clientsThatDoNotFollow() {
		return Stream.of(web("JDK", JdkRedirects.within(ClientHttpConnectorBuilder.jdk()), DONT_FOLLOW), rest("JDK",
				JdkRedirects.within(ClientHttpRequestFactoryBuilder.jdk()), DONT_FOLLOW),
				web("JDK by a customizer",
						JdkRedirects.within(ClientHttpConnectorBuilder.jdk()
							.withHttpClientCustomizer((client) -> client.followRedirects(Redirect.NEVER))),
						DEFAULTS),
				rest("JDK by a customizer", JdkRedirects.within(ClientHttpRequestFactoryBuilder.jdk()
					.withHttpClientCustomizer((client) -> client.followRedirects(Redirect.NEVER))), DEFAULTS));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clientsThatFollow")
	void takesNoBearerToAnotherOrigin(String name, BiConsumer<BearerPolicies, String> get) {
		redirectElsewhere();
		get.accept(policies(), this.api.uri("/api/x").toString());
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one-bearer-token");
		// Not at once, and not on the way from there either.
		assertThat(this.elsewhere.requests()).extracting(RecordedRequest::authorization)
			.containsExactly((String) null, null);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clientsThatFollow")
	void keepsTheBearerWithinTheOrigin(String name, BiConsumer<BearerPolicies, String> get) {
		this.api.enqueue(Endpoint.API, Answer.redirect("/api/y"));
		this.api.answerAlways(Endpoint.API, Answer.status(200));
		get.accept(policies(), this.api.uri("/api/x").toString());
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer)
			.containsExactly("one-bearer-token", "one-bearer-token");
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("clientsThatDoNotFollow")
	void goesNowhereElseIfToldNotToFollow(String name, BiConsumer<BearerPolicies, String> get) {
		redirectElsewhere();
		get.accept(policies(), this.api.uri("/api/x").toString());
		assertThat(this.elsewhere.requests()).isEmpty();
	}

	private void redirectElsewhere() {
		this.api.answerAlways(Endpoint.API, Answer.redirect(this.elsewhere.uri("/api/stolen").toString()));
		this.elsewhere.enqueue(Endpoint.API, Answer.redirect(this.elsewhere.uri("/api/again").toString()));
		this.elsewhere.answerAlways(Endpoint.API, Answer.status(200));
	}

	private BearerPolicies policies() {
		return TestPolicies.forBaseUrls(this.api.uri("/").toString());
	}

	private static Arguments web(String name, ClientHttpConnectorBuilder<?> connector, HttpClientSettings settings) {
		BiConsumer<BearerPolicies, String> get = (policies, uri) -> WebClient.builder()
			.clientConnector(connector.build(settings))
			.filter(new BearerTokenFilter(policies, StubTokenSource.withToken("one-bearer-token"), BearerListener.NONE))
			.build()
			.get()
			.uri(uri)
			.exchangeToMono(ClientResponse::releaseBody)
			.block(SOON);
		return arguments("WebClient over " + name, get);
	}

	private static Arguments okHttp() {
		BiConsumer<BearerPolicies, String> get = (policies, uri) -> {
			OkHttpClient client = new OkHttpClient.Builder()
				.addInterceptor(new BearerOkHttpInterceptor(new BearerExchanges(policies,
						StubTokenSource.withToken("one-bearer-token"), BearerListener.NONE)))
				.authenticator(new BearerOkHttpAuthenticator())
				.build();
			try {
				client.newCall(new Request.Builder().url(uri).build()).execute().close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		};
		return arguments("OkHttp", get);
	}

	private static Arguments jdk(String name, JdkCall call) {
		BiConsumer<BearerPolicies, String> get = (policies, uri) -> {
			BearerHttpClient bearers = new BearerHttpClient(
					new BearerExchanges(policies, StubTokenSource.withToken("one-bearer-token"), BearerListener.NONE));
			HttpClient client = bearers.of(HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build());
			try {
				call.make(client, HttpRequest.newBuilder(URI.create(uri)).build());
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		};
		return arguments("HttpClient by " + name, get);
	}

	private interface JdkCall {

		void make(HttpClient client, HttpRequest request) throws Exception;

	}

	private static Arguments rest(String name, ClientHttpRequestFactoryBuilder<?> factory,
			HttpClientSettings settings) {
		BiConsumer<BearerPolicies, String> get = (policies, uri) -> RestClient.builder()
			.requestFactory(factory.build(settings))
			.requestInterceptor(new BearerTokenInterceptor(policies, StubTokenSource.withToken("one-bearer-token"),
					BearerListener.NONE))
			.build()
			.get()
			.uri(uri)
			.exchange((request, response) -> response.getStatusCode());
		return arguments("RestClient over " + name, get);
	}

}
