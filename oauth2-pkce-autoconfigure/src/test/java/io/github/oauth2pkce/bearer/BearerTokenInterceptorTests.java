package io.github.oauth2pkce.bearer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.AuthorizationState;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

class BearerTokenInterceptorTests extends AbstractBearerClientTests {

	private static final Duration SOON = Duration.ofSeconds(5);

	private final List<Integer> closed = new ArrayList<>();

	private @Nullable RuntimeException closing;

	@Override
	protected int send(Call call) {
		return status(client(), call);
	}

	private static int status(RestClient client, Call call) {
		HttpMethod method = (call.body != null) ? HttpMethod.POST : HttpMethod.GET;
		RestClient.RequestBodySpec spec = client.method(method)
			.uri(call.uri)
			.headers((headers) -> headers.putAll(call.headers))
			.attributes((attributes) -> attributes.putAll(call.attributes));
		if (call.body != null) {
			spec.body(call.body);
		}
		Integer status = spec.exchange((request, response) -> response.getStatusCode().value());
		assertThat(status).isNotNull();
		return status;
	}

	private RestClient client(ClientHttpRequestInterceptor... outer) {
		return RestClient.builder()
			.requestFactory((uri, method) -> new RecordedClientRequest(method, uri))
			.requestInterceptors((interceptors) -> {
				interceptors.addAll(List.of(outer));
				interceptors.addAll(Collections.nCopies(this.times,
						new BearerTokenInterceptor(this.policies, this.source, this.listener)));
			})
			.build();
	}

	@Test
	void interceptorThatIsThereTwiceWorksOnce() {
		assertThat(status(client(new BearerTokenInterceptor(this.policies, this.source, this.listener)), Call.to(API)))
			.isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void closesTheFirstAnswerBeforeTheReplay() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		List<Integer> closedBeforeReplay = new ArrayList<>();
		this.transport.beforeAnswering(() -> closedBeforeReplay.addAll(this.closed));
		assertThat(send(Call.to(API))).isEqualTo(200);
		assertThat(closedBeforeReplay).containsExactly(1);
	}

	/** As Reactor Netty's, which reads the rest first. */
	@Test
	void whatIsLeftOfA401ThatCannotBeReadDoesNotMatter() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		this.closing = new IllegalStateException("Connection prematurely closed");
		this.transport.beforeAnswering(() -> {
			if (!this.closed.isEmpty()) {
				this.closing = null;
			}
		});
		assertThat(send(Call.to(API))).isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
	}

	@Test
	void looksAtARepeatedRequestAfresh() {
		this.source.atHand = null;
		this.source.current = new BearerToken.Skipped(SkipReason.REFRESH_FAILED, AuthorizationState.AUTHORIZED);
		this.transport.answer(503).answer(503).answer(200);
		StubTokenSource source = this.source;
		this.transport.beforeAnswering(() -> source.atHand = BearerToken.Available.of("one"));
		ClientHttpRequestInterceptor retrying = (request, body, execution) -> {
			execution.execute(request, body).close();
			execution.execute(request, body).close();
			return execution.execute(request, body);
		};
		assertThat(status(client(retrying), Call.to(API))).isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("null", "Bearer one", "Bearer one");
		assertThat(this.transport.received).extracting(StubTransport.Received::skipReason)
			.containsExactly(SkipReason.REFRESH_FAILED, null, null);
		assertThat(this.listener.events).containsExactly("skipped github refresh_failed", "propagated github",
				"propagated github");
	}

	@Test
	void waitsForTheSource() {
		BearerTokenSource late = (providerId) -> Mono.<BearerToken>just(BearerToken.Available.of("late"))
			.delayElement(Duration.ofMillis(1));
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.policies, late, this.listener);
		assertThatNoException().isThrownBy(() -> interceptor.intercept(request(), new byte[0], this::execute));
		assertThat(this.transport.authorizations()).containsExactly("Bearer late");
	}

	/** Nobody could wait there for what the person does. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void eventLoopAsksNobodyToLogIn(boolean failing) {
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(
				failing ? TestPolicies.failing(API) : this.policies,
				StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED), this.listener,
				new Prompting());
		this.transport.answer(401, "Bearer");
		Mono<Integer> status = Mono
			.fromCallable(() -> interceptor.intercept(request(), new byte[0], this::execute).getStatusCode().value())
			.subscribeOn(Schedulers.parallel());
		if (failing) {
			assertThatExceptionOfType(AuthenticationRequiredException.class).isThrownBy(() -> status.block(SOON));
		}
		else {
			assertThat(status.block(SOON)).isEqualTo(401);
		}
	}

	@Test
	void stopsWaitingWhenInterrupted() {
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.policies, (providerId) -> Mono.never(),
				this.listener);
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedIOException.class)
			.isThrownBy(() -> interceptor.intercept(request(), new byte[0], this::execute));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.transport.received).isEmpty();
	}

	@Test
	void failsOnAThreadThatMustNotWait() {
		BearerTokenSource waiting = (providerId) -> Mono.never();
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.policies, waiting, this.listener);
		Throwable failure = onParallelThread(() -> interceptor.intercept(request(), new byte[0], this::execute));
		assertThat(failure).isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("must not wait")
			.hasMessageContaining("parallel-");
		assertThat(this.transport.received).isEmpty();
	}

	@Test
	void closesThe401OfAThreadThatMustNotWait() {
		this.source.afterRejection = Mono.never();
		this.transport.answer(401, INVALID_TOKEN);
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.policies, this.source, this.listener);
		Throwable failure = onParallelThread(() -> interceptor.intercept(request(), new byte[0], this::execute));
		assertThat(failure).isInstanceOf(IllegalStateException.class);
		assertThat(this.closed).containsExactly(1);
	}

	@Test
	void doesNotMindSuchAThreadWhenATokenIsAtHand() {
		assertThat(onParallelThread(() -> send(Call.to(API)))).isNull();
		assertThat(this.transport.authorizations()).containsExactly("Bearer one");
	}

	@Test
	void leavesTheRequestOfTheCallerWithoutTheBearer() throws IOException {
		HttpRequest request = request();
		new BearerTokenInterceptor(this.policies, this.source, this.listener).intercept(request, new byte[0],
				this::execute);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one");
		assertThat(request.getHeaders().containsHeader("Authorization")).isFalse();
	}

	@Test
	void sendsWhatInnerInterceptorsAddOnceInEachAttempt() throws IOException {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		List<List<String>> sent = new ArrayList<>();
		new BearerTokenInterceptor(this.policies, this.source, this.listener).intercept(request(), new byte[0],
				(request, body) -> {
					request.getHeaders().add("X-Attempt", "1");
					sent.add(request.getHeaders().getOrEmpty("X-Attempt"));
					return execute(request, body);
				});
		assertThat(sent).containsExactly(List.of("1"), List.of("1"));
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
	}

	private static HttpRequest request() {
		return new MockClientHttpRequest(HttpMethod.GET, URI.create(API));
	}

	private ClientHttpResponse execute(HttpRequest request, byte[] body) {
		assertThat(request.toString()).doesNotContain("one");
		return respond(request, new String(body));
	}

	private ClientHttpResponse respond(HttpRequest request, String body) {
		StubTransport.Scripted answer = this.transport.receive(request.getURI(), request.getHeaders(),
				request.getAttributes(), body);
		int number = this.transport.received.size();
		MockClientHttpResponse response = new MockClientHttpResponse(new byte[0],
				HttpStatusCode.valueOf(answer.status())) {
			@Override
			public void close() {
				BearerTokenInterceptorTests.this.closed.add(number);
				if (BearerTokenInterceptorTests.this.closing != null) {
					throw BearerTokenInterceptorTests.this.closing;
				}
			}
		};
		response.getHeaders().putAll(answer.headers());
		return response;
	}

	private static Throwable onParallelThread(ThrowingCall call) {
		CompletableFuture<Throwable> outcome = new CompletableFuture<>();
		Schedulers.parallel().schedule(() -> outcome.complete(catchThrowable(call::run)));
		return outcome.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
	}

	private interface ThrowingCall {

		void run() throws Throwable;

	}

	private final class RecordedClientRequest extends MockClientHttpRequest {

		RecordedClientRequest(HttpMethod method, URI uri) {
			super(method, uri);
		}

		@Override
		protected ClientHttpResponse executeInternal() {
			return respond(this, getBodyAsString());
		}

	}

	private static final class Prompting implements RequestLogins {

		@Override
		public boolean areAllowed(String providerId) {
			return true;
		}

		@Override
		public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
			throw new AssertionError("A person was asked");
		}

		@Override
		public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
			throw new AssertionError("A person was asked");
		}

	}

}
