package io.github.oauth2pkce.bearer.feign;

import java.util.List;

import feign.Feign;
import feign.FeignException;
import feign.RequestInterceptor;
import feign.RequestLine;
import feign.RetryableException;
import feign.Retryer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

import org.springframework.core.Ordered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The interceptor alone, as Spring Cloud gives it to its clients. */
@Timeout(30)
class BearerFeignInterceptorTests {

	private static final Answer REFUSAL = Answer.status(401)
		.withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final StubTokenSource source = StubTokenSource.withToken("one").refreshingTo("two");

	private final RecordingListener listener = new RecordingListener();

	private BearerPolicies policies = TestPolicies.forBaseUrls(this.api.uri("/api").toString());

	@AfterEach
	void stop() {
		this.api.close();
	}

	private void call(RequestInterceptor... others) {
		Feign.builder()
			.retryer(new Retryer.Default(1, 1, 3))
			.requestInterceptors(List.of(others))
			.requestInterceptor(
					new BearerFeignInterceptor(new BearerExchanges(this.policies, this.source, this.listener)))
			.errorDecoder((method,
					response) -> (response.status() == 503) ? new RetryableException(503, "busy",
							response.request().httpMethod(), (Long) null, response.request())
							: FeignException.errorStatus(method, response))
			.target(Api.class, this.api.uri("/api").toString())
			.get();
	}

	@Test
	void comesAfterTheInterceptorsOfTheApplication() {
		RequestInterceptor bearers = new BearerFeignInterceptor(
				new BearerExchanges(this.policies, this.source, this.listener));
		assertThat(bearers).isInstanceOf(Ordered.class)
			.satisfies((ordered) -> assertThat(((Ordered) ordered).getOrder()).isEqualTo(Ordered.LOWEST_PRECEDENCE));
	}

	@Test
	void sendsTheBearerToABaseUrl() {
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		call();
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization).containsExactly("Bearer one");
		assertThat(this.api.requests()).extracting(RecordedRequest::path).containsExactly("/api/things");
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void leavesOtherTargetsAlone() {
		this.policies = TestPolicies.forBaseUrls("https://elsewhere.example.com");
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		call();
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization).containsExactly((String) null);
		assertThat(this.listener.events).isEmpty();
	}

	@Test
	void keepsTheAuthorizationOfAnotherInterceptor() {
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		call((template) -> template.header("Authorization", "Basic abc"));
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization).containsExactly("Basic abc");
		assertThat(this.listener.events).containsExactly("skipped github user_set");
	}

	@Test
	void keepsTheAuthorizationOfACallerThatHasTheSameToken() {
		this.api.answerAlways(Endpoint.API, Answer.status(204));
		BearerFeignInterceptor bearers = new BearerFeignInterceptor(
				new BearerExchanges(this.policies, this.source, this.listener));
		Feign.builder().requestInterceptor(bearers).target(Api.class, this.api.uri("/api").toString()).get();
		this.source.atHand = BearerToken.Available.of("two");
		Feign.builder()
			.requestInterceptor((template) -> template.header("Authorization", "Bearer one"))
			.requestInterceptor(bearers)
			.target(Api.class, this.api.uri("/api").toString())
			.get();
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization)
			.containsExactly("Bearer one", "Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github", "skipped github user_set");
	}

	@Test
	void attemptsOfFeignHaveTheTokenOfNow() {
		this.api.enqueue(Endpoint.API, Answer.status(503), Answer.status(204));
		call((template) -> {
			if (!this.api.requests().isEmpty()) {
				this.source.atHand = BearerToken.Available.of("two");
			}
		});
		assertThat(this.api.requests()).extracting(RecordedRequest::authorization)
			.containsExactly("Bearer one", "Bearer two");
	}

	/** It sees no answers. */
	@Test
	void recoversNothingByItself() {
		this.api.answerAlways(Endpoint.API, REFUSAL);
		FeignException failure = catchThrowableOfType(FeignException.class, this::call);
		assertThat(failure.status()).isEqualTo(401);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(this.api.requests()).hasSize(1);
	}

	@Test
	void sendsNothingIfAMissingBearerIsAFailure() {
		this.policies = TestPolicies.failing(this.api.uri("/api").toString());
		this.source.atHand = null;
		this.source.current = new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		assertThat(catchThrowable(this::call)).isInstanceOf(AuthenticationRequiredException.class);
		assertThat(this.api.requests()).isEmpty();
	}

	/** An API. */
	interface Api {

		@RequestLine("GET /things")
		void get();

	}

}
