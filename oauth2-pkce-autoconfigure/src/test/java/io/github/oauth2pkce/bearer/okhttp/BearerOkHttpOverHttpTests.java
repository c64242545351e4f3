package io.github.oauth2pkce.bearer.okhttp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RecordingListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.TestPolicies;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/** What OkHttp itself does around interceptor and authenticator. */
@Timeout(30)
class BearerOkHttpOverHttpTests {

	private static final Answer REFUSAL = Answer.text(401, "text/plain", "refused")
		.withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final StubTokenSource source = StubTokenSource.withToken("one").refreshingTo("two");

	private final RecordingListener listener = new RecordingListener();

	private BearerPolicies policies = TestPolicies.forBaseUrls(this.api.uri("/api").toString());

	@AfterEach
	void stop() {
		this.api.close();
	}

	private OkHttpClient client(boolean authenticated) {
		OkHttpClient.Builder client = new OkHttpClient.Builder().addInterceptor(
				new BearerOkHttpInterceptor(new BearerExchanges(this.policies, this.source, this.listener)));
		return (authenticated ? client.authenticator(new BearerOkHttpAuthenticator()) : client).build();
	}

	private Request.Builder request() {
		return new Request.Builder().url(this.api.uri("/api/x").toString());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void recoversOverTheSameConnection(boolean authenticated) throws IOException {
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.text(200, "text/plain", "taken"));
		try (Response response = client(authenticated).newCall(request().post(RequestBody.create("body", null)).build())
			.execute()) {
			assertThat(response.body().string()).isEqualTo("taken");
		}
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one", "two");
		assertThat(this.api.requests()).extracting(RecordedRequest::body).containsExactly("body", "body");
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github replayed");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void sendsABodyOnceThatIsGoneThen(boolean authenticated) throws IOException {
		this.api.answerAlways(Endpoint.API, REFUSAL);
		RequestBody once = new RequestBody() {

			@Override
			public MediaType contentType() {
				return null;
			}

			@Override
			public boolean isOneShot() {
				return true;
			}

			@Override
			public void writeTo(BufferedSink sink) throws IOException {
				sink.writeUtf8("body");
			}

		};
		try (Response response = client(authenticated).newCall(request().post(once).build()).execute()) {
			assertThat(response.code()).isEqualTo(401);
			assertThat(response.body().string()).isEqualTo("refused");
		}
		assertThat(this.api.requests()).hasSize(1);
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_replayable");
	}

	/** The refusal of another host is none of a bearer that it has not seen. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void believesNoChallengeThatARedirectHasLedTo(boolean authenticated) throws IOException {
		try (FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start()) {
			this.api.enqueue(Endpoint.API, Answer.redirect(elsewhere.uri("/api/x").toString()));
			elsewhere.answerAlways(Endpoint.API, REFUSAL);
			try (Response response = client(authenticated).newCall(request().build()).execute()) {
				assertThat(response.code()).isEqualTo(401);
			}
			assertThat(elsewhere.requests()).extracting(RecordedRequest::authorization).containsExactly((String) null);
		}
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void recoversWhereARedirectHasLedWithinTheOrigin() throws IOException {
		this.api.enqueue(Endpoint.API, Answer.redirect("/api/y"), REFUSAL, Answer.status(204));
		try (Response response = client(true).newCall(request().build()).execute()) {
			assertThat(response.code()).isEqualTo(204);
		}
		assertThat(this.api.requests()).extracting((request) -> request.path() + " " + request.bearer())
			.containsExactly("/api/x one", "/api/y one", "/api/y two");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void answerShowsNoBearer(boolean authenticated) throws IOException {
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.redirect("/api/y"), Answer.status(204));
		try (Response response = client(authenticated).newCall(request().header("X-Own", "mine").build()).execute()) {
			assertThat(response.request().header("X-Own")).isEqualTo("mine");
			for (Response shown = response; shown != null; shown = shown.priorResponse()) {
				assertThat(shown.request().header("Authorization")).isNull();
				assertThat(Objects.requireNonNull(shown.networkResponse()).request().header("Authorization")).isNull();
			}
		}
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one", "two", "two");
	}

	/** A next page, or an upload to an address that the answer names. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void requestMadeOfAnotherIsARequestOfItsOwn(boolean authenticated) throws IOException {
		OkHttpClient client = client(authenticated);
		this.api.enqueue(Endpoint.API, REFUSAL, Answer.status(204), Answer.status(204));
		try (FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start();
				Response first = client.newCall(request().build()).execute()) {
			elsewhere.answerAlways(Endpoint.API, Answer.status(204));
			this.source.atHand = BearerToken.Available.of("three");
			client.newCall(first.request().newBuilder().url(elsewhere.uri("/api/x").toString()).build())
				.execute()
				.close();
			client.newCall(first.request().newBuilder().url(this.api.uri("/api/y").toString()).build())
				.execute()
				.close();
			assertThat(elsewhere.requests()).extracting(RecordedRequest::authorization).containsExactly((String) null);
		}
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("one", "two", "three");
	}

	@Test
	void requestMadeOfAnotherKeepsTheCallersOwnAuthorization() throws IOException {
		OkHttpClient client = client(true);
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		try (Response first = client.newCall(request().header("Authorization", "Basic abc").build()).execute();
				Response second = client.newCall(first.request()).execute()) {
			client.newCall(second.request().newBuilder().removeHeader("Authorization").build()).execute().close();
		}
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization)
			.containsExactly("Basic abc", "Basic abc", "Bearer one");
	}

	@Test
	void cancelledCallWaitsForNoBearer() throws Exception {
		CountDownLatch waiting = new CountDownLatch(1);
		this.source.atHand = null;
		this.source.before = Mono.never().doOnSubscribe((subscription) -> waiting.countDown());
		Call call = client(true).newCall(request().build());
		CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(() -> catchThrowable(call::execute));
		assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
		call.cancel();
		assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
		assertThat(this.api.requests()).isEmpty();
	}

	@Test
	void callWaitsNoLongerThanItsTimeout() {
		this.source.atHand = null;
		this.source.before = Mono.never();
		OkHttpClient client = client(true).newBuilder().callTimeout(Duration.ofMillis(100)).build();
		assertThat(catchThrowable(() -> client.newCall(request().build()).execute()))
			.isInstanceOf(InterruptedIOException.class)
			.hasMessage("timeout");
	}

	/** OkHttp ends the thread of an enqueued call with every other exception. */
	@Test
	void enqueuedCallFailsIfAMissingBearerIsAFailure() throws Exception {
		this.policies = TestPolicies.failing(this.api.uri("/api").toString());
		this.source.atHand = null;
		this.source.current = new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		CompletableFuture<IOException> failure = new CompletableFuture<>();
		client(true).newCall(request().build()).enqueue(new Callback() {

			@Override
			public void onFailure(Call call, IOException ex) {
				failure.complete(ex);
			}

			@Override
			public void onResponse(Call call, Response response) {
				response.close();
			}

		});
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure.get(10, TimeUnit.SECONDS)))
			.isTrue();
		assertThat(this.api.requests()).isEmpty();
	}

	@Test
	void userIsATagOfTheRequest() throws Exception {
		this.source.atHand = null;
		this.source.before = ReactiveSecurityContextHolder.getContext()
			.map(SecurityContext::getAuthentication)
			.doOnNext((user) -> this.source.current = BearerToken.Available.of("of-" + user.getName()));
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		Authentication user = new TestingAuthenticationToken("alice", null, "ROLE_USER");
		client(true).newCall(request().tag(Authentication.class, user).build()).execute().close();
		assertThat(this.api.requests()).extracting(RecordedRequest::bearer).containsExactly("of-alice");
	}

}
