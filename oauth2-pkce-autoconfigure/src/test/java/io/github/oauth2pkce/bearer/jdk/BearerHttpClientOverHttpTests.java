package io.github.oauth2pkce.bearer.jdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RecordingListener;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.StubTransport;
import io.github.oauth2pkce.bearer.TestPolicies;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.RecordedRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What bodies, redirects and cancelling are like over connections. */
@Timeout(30)
class BearerHttpClientOverHttpTests {

	private static final Answer REFUSAL = Answer.text(401, "text/plain", "refused")
		.withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final StubTokenSource source = StubTokenSource.withToken("one").refreshingTo("two");

	private final RecordingListener listener = new RecordingListener();

	@AfterEach
	void stop() {
		this.api.close();
	}

	private HttpClient client(HttpClient client) {
		return new BearerHttpClient(new BearerExchanges(TestPolicies.forBaseUrls(this.api.uri("/api").toString()),
				this.source, this.listener))
			.of(client);
	}

	private HttpRequest.Builder request() {
		return HttpRequest.newBuilder(this.api.uri("/api/x"));
	}

	/** The ways of {@link HttpClient}. */
	enum Way {

		SEND {
			@Override
			<T> HttpResponse<T> exchange(HttpClient client, HttpRequest request, BodyHandler<T> handler) {
				try {
					return client.send(request, handler);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}
		},

		SEND_ASYNC {
			@Override
			<T> HttpResponse<T> exchange(HttpClient client, HttpRequest request, BodyHandler<T> handler) {
				return client.sendAsync(request, handler).join();
			}
		};

		abstract <T> HttpResponse<T> exchange(HttpClient client, HttpRequest request, BodyHandler<T> handler);

	}

	@ParameterizedTest
	@EnumSource
	void handlerOfTheCallerSeesOneAnswer(Way way) {
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.text(200, "text/plain", "taken"));
		List<Integer> seen = new ArrayList<>();
		HttpResponse<String> response = way.exchange(client(HttpClient.newHttpClient()), request().build(),
				(answer) -> {
					seen.add(answer.statusCode());
					return BodyHandlers.ofString().apply(answer);
				});
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("taken");
		assertThat(seen).containsExactly(200);
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one", "two");
	}

	@ParameterizedTest
	@EnumSource
	void bodyOfARefusalIsTheCallers(Way way) {
		this.source.refreshingTo("one");
		this.api.answerAlways(Endpoint.API, REFUSAL);
		HttpResponse<String> response = way.exchange(client(HttpClient.newHttpClient()), request().build(),
				BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(401);
		assertThat(response.body()).isEqualTo("refused");
	}

	/** It is decided while the body waits to be read. */
	@ParameterizedTest
	@EnumSource
	void bodyOfARefusalWaitsForTheRefresh(Way way) {
		CountDownLatch refreshed = new CountDownLatch(1);
		this.source.afterRejection = Mono.fromCallable(() -> {
			refreshed.await();
			return this.source.atHand;
		}).cast(BearerToken.class).subscribeOn(Schedulers.boundedElastic());
		this.api.answerAlways(Endpoint.API, REFUSAL);
		CompletableFuture<HttpResponse<String>> response = CompletableFuture.supplyAsync(
				() -> way.exchange(client(HttpClient.newHttpClient()), request().build(), BodyHandlers.ofString()));
		this.api.takeRequest(Endpoint.API, Duration.ofSeconds(10));
		refreshed.countDown();
		assertThat(response.join().body()).isEqualTo("refused");
	}

	@ParameterizedTest
	@EnumSource
	void connectionIsUsedAgainForTheReplay(Way way) {
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.status(204));
		HttpResponse<Void> response = way.exchange(client(HttpClient.newBuilder().version(Version.HTTP_1_1).build()),
				request().POST(BodyPublishers.ofString("body")).build(), BodyHandlers.discarding());
		assertThat(response.statusCode()).isEqualTo(204);
		assertThat(this.api.requests()).extracting(RecordedRequest::body).containsExactly("body", "body");
	}

	@ParameterizedTest
	@EnumSource
	void restOfARefusalThatIsCutOffDoesNotMatter(Way way) {
		this.api.enqueue(Endpoint.API, REFUSAL.cutInBody(), Answer.status(204));
		assertThat(way.exchange(client(HttpClient.newHttpClient()), request().build(), BodyHandlers.discarding())
			.statusCode()).isEqualTo(204);
	}

	@ParameterizedTest
	@EnumSource
	void failureOfTheConnectionIsTheCallers(Way way) {
		this.api.answerAlways(Endpoint.API, Answer.connectionClosed());
		assertThatExceptionOfType((way == Way.SEND) ? UncheckedIOException.class : CompletionException.class)
			.isThrownBy(() -> way.exchange(client(HttpClient.newHttpClient()), request().build(),
					BodyHandlers.discarding()))
			.havingCause()
			.isInstanceOf(IOException.class);
	}

	@Test
	void cancellingCancelsWhatIsUnderWay() {
		CompletableFuture<?> underWay = new CompletableFuture<>();
		CompletableFuture<HttpResponse<Void>> response = client(new StubHttpClient(new StubTransport()) {
			@Override
			@SuppressWarnings("unchecked")
			public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
				return (CompletableFuture<HttpResponse<T>>) underWay;
			}
		}).sendAsync(request().build(), BodyHandlers.discarding());
		assertThat(response.cancel(true)).isTrue();
		assertThat(underWay).isCancelled();
	}

	@Test
	void cancellingWhileItWaitsForABearerSendsNothing() throws Exception {
		CountDownLatch cancelled = new CountDownLatch(1);
		this.source.atHand = null;
		this.source.before = Mono.never().doOnCancel(cancelled::countDown);
		CompletableFuture<HttpResponse<Void>> response = client(HttpClient.newHttpClient()).sendAsync(request().build(),
				BodyHandlers.discarding());
		assertThat(response.cancel(true)).isTrue();
		assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.api.requests()).isEmpty();
	}

	@Test
	void interruptedWhileItWaitsForABearerIsInterrupted() {
		this.source.atHand = null;
		this.source.before = Mono.never();
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> client(HttpClient.newHttpClient()).send(request().build(), BodyHandlers.discarding()));
		assertThat(this.api.requests()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 301, 302, 303, 307, 308 })
	void followsAsTheClientDoes(int status) throws Exception {
		HttpClient following = HttpClient.newBuilder().followRedirects(Redirect.NORMAL).build();
		List<List<String>> seen = new ArrayList<>();
		for (HttpClient client : List.of(following, client(following))) {
			int before = this.api.requests().size();
			this.api.enqueue(Endpoint.API, Answer.status(status).withHeader("Location", "/api/y"));
			this.api.enqueue(Endpoint.API, Answer.text(200, "text/plain", "there"));
			HttpResponse<String> response = client.send(
					request().header("X-Mine", "1").POST(BodyPublishers.ofString("body")).build(),
					BodyHandlers.ofString());
			assertThat(response.uri()).isEqualTo(this.api.uri("/api/y"));
			assertThat(response.body()).isEqualTo("there");
			assertThat(response.previousResponse()).map(HttpResponse::statusCode).contains(status);
			seen.add(this.api.requests()
				.stream()
				.skip(before)
				.map((request) -> request.method() + request.path() + request.body() + request.header("X-Mine"))
				.toList());
		}
		assertThat(seen.get(1)).isEqualTo(seen.get(0)).hasSize(2);
	}

	@Test
	void followsNoEndlessRedirects() throws Exception {
		this.api.answerAlways(Endpoint.API, Answer.redirect("/api/x"));
		HttpClient following = HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build();
		assertThat(client(following).send(request().build(), BodyHandlers.discarding()).statusCode()).isEqualTo(302);
		assertThat(this.api.requests()).hasSize(1 + Redirects.MOST);
	}

	@Test
	void followsWithTheCookiesOfTheClient() throws Exception {
		this.api.enqueue(Endpoint.API, Answer.redirect("/api/y").withHeader("Set-Cookie", "a=b"), Answer.status(200));
		HttpClient following = HttpClient.newBuilder()
			.followRedirects(Redirect.NORMAL)
			.cookieHandler(new CookieManager())
			.build();
		client(following).send(request().build(), BodyHandlers.discarding());
		assertThat(this.api.requests()).extracting((request) -> request.header("Cookie")).containsExactly(null, "a=b");
	}

	/** Below no base URL of its own: the provider does not follow by name. */
	@Test
	void namedProviderStaysInItsOrigin() throws Exception {
		try (FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start()) {
			this.api.enqueue(Endpoint.API, Answer.redirect(elsewhere.uri("/api/x").toString()));
			elsewhere.answerAlways(Endpoint.API, Answer.status(200));
			HttpClient client = new BearerHttpClient(
					new BearerExchanges(TestPolicies.forBaseUrls(), this.source, this.listener))
				.of(HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build(), TestPolicies.PROVIDER);
			client.send(request().header("X-Mine", "1").build(), BodyHandlers.discarding());
			assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one");
			assertThat(elsewhere.requests()).extracting(RecordedRequest::authorization).containsExactly((String) null);
			assertThat(elsewhere.requests()).extracting((request) -> request.header("X-Mine")).containsExactly("1");
		}
	}

	@Test
	void callersOwnAuthorizationStaysInItsOriginToo() throws Exception {
		try (FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start()) {
			this.api.enqueue(Endpoint.API, Answer.redirect(elsewhere.uri("/api/x").toString()));
			elsewhere.answerAlways(Endpoint.API, Answer.status(200));
			client(HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build())
				.send(request().header("Authorization", "Basic abc").build(), BodyHandlers.discarding());
			assertThat(elsewhere.requests()).extracting(RecordedRequest::authorization).containsExactly((String) null);
		}
	}

	/** Whoever makes another request of it takes no bearer along. */
	@ParameterizedTest
	@EnumSource
	void requestOfAnAnswerIsTheCallers(Way way) {
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.redirect("/api/y"), Answer.status(200));
		HttpRequest request = request().header("X-Mine", "1").build();
		HttpResponse<Void> response = way.exchange(
				client(HttpClient.newBuilder().followRedirects(Redirect.NORMAL).build()), request,
				BodyHandlers.discarding());
		HttpResponse<Void> redirect = response.previousResponse().orElseThrow();
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer)
			.startsWith("one", "two")
			.doesNotContainNull();
		assertThat(redirect.statusCode()).isEqualTo(302);
		assertThat(redirect.request()).isSameAs(request);
		assertThat(redirect.previousResponse()).isEmpty();
		assertThat(response.request().uri()).isEqualTo(this.api.uri("/api/y"));
		assertThat(response.request().headers().map()).containsOnlyKeys("X-Mine");
	}

	@ParameterizedTest
	@EnumSource
	void requestWaitsNoLongerThanItsTimeoutForANewBearer(Way way) {
		this.source.afterRejection = Mono.never();
		this.api.answerAlways(Endpoint.API, REFUSAL);
		assertThatExceptionOfType((way == Way.SEND) ? UncheckedIOException.class : CompletionException.class)
			.isThrownBy(() -> way.exchange(client(HttpClient.newHttpClient()),
					request().timeout(Duration.ofMillis(500)).build(), BodyHandlers.discarding()))
			.havingCause()
			.isInstanceOf(HttpTimeoutException.class);
	}

	@Test
	void hasTheSettingsOfTheClient() {
		HttpClient plain = HttpClient.newBuilder()
			.connectTimeout(Duration.ofSeconds(3))
			.followRedirects(Redirect.NORMAL)
			.version(Version.HTTP_1_1)
			.build();
		HttpClient client = client(plain);
		assertThat(client.connectTimeout()).contains(Duration.ofSeconds(3));
		assertThat(client.followRedirects()).isEqualTo(Redirect.NORMAL);
		assertThat(client.version()).isEqualTo(Version.HTTP_1_1);
		assertThat(client.sslContext()).isSameAs(plain.sslContext());
		assertThat(client.cookieHandler()).isEmpty();
		assertThat(client.proxy()).isEmpty();
		assertThat(client.authenticator()).isEmpty();
		assertThat(client.executor()).isEmpty();
	}

	/** On a JDK that knows how (21): it calls {@code shutdown} and its like. */
	@Test
	void closesTheClient() throws Exception {
		AtomicBoolean closeable = new AtomicBoolean();
		HttpClient plain = HttpClient.newHttpClient();
		HttpClient client = client(plain);
		if ((Object) client instanceof AutoCloseable both) {
			closeable.set(true);
			both.close();
			assertThat(HttpClient.class.getMethod("isTerminated").invoke(plain)).isEqualTo(true);
		}
		assertThat(closeable.get()).isEqualTo(Runtime.version().feature() >= 21);
	}

	@Test
	void sendsNothingAfterItsEnd() throws Exception {
		HttpClient client = client(HttpClient.newBuilder().followRedirects(Redirect.NORMAL).build());
		if ((Object) client instanceof AutoCloseable both) {
			both.close();
			assertThatExceptionOfType(IOException.class)
				.isThrownBy(() -> client.send(request().build(), BodyHandlers.discarding()));
		}
		assertThat(this.api.requests()).isEmpty();
	}

	@Test
	void websocketsAreTheClients() {
		assertThat(client(HttpClient.newHttpClient()).newWebSocketBuilder()).isNotNull();
	}

	@Test
	void leavesOtherTargetsToTheClient() throws Exception {
		this.api.answerAlways(Endpoint.API, Answer.status(200));
		URI other = this.api.uri("/apis");
		client(HttpClient.newHttpClient()).send(HttpRequest.newBuilder(other).build(), BodyHandlers.discarding());
		assertThat(this.listener.events).isEmpty();
	}

}
