package io.github.oauth2pkce.bearer;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import static io.github.oauth2pkce.bearer.AuthenticationRequiredException.isAuthenticationRequired;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class AuthenticationRequiredExceptionTests {

	private static final AuthenticationRequiredException REQUIRED = ours(AuthorizationState.LOGIN_REQUIRED);

	private static AuthenticationRequiredException ours(AuthorizationState state) {
		return new AuthenticationRequiredException("github", state, SkipReason.NO_TOKEN);
	}

	private static HttpHeaders challenge(@Nullable String value) {
		HttpHeaders headers = new HttpHeaders();
		if (value != null) {
			headers.add(HttpHeaders.WWW_AUTHENTICATE, value);
		}
		return headers;
	}

	private static WebClientResponseException webClient(int status, @Nullable String challenge) {
		return WebClientResponseException.create(status, "status", challenge(challenge), new byte[0], null);
	}

	private static HttpClientErrorException restClient(HttpStatus status, @Nullable String challenge) {
		return HttpClientErrorException.create(status, "status", challenge(challenge), new byte[0], null);
	}

	private static TokenRequestException tokenRequest(FailureKind kind, int status, String error) {
		return new TokenRequestException(kind, status, new OAuth2Error(error), null);
	}

	static Stream<Throwable> failuresThatNeedAPerson() {
		return Stream.of(REQUIRED, ours(AuthorizationState.REAUTHENTICATION_REQUIRED),
				new ClientAuthorizationRequiredException("github"),
				new ClientAuthorizationException(new OAuth2Error("invalid_grant"), "github"),
				new OAuth2AuthorizationException(new OAuth2Error("invalid_grant")),
				new OAuth2AuthorizationException(new OAuth2Error("login_required")),
				new OAuth2AuthenticationException(new OAuth2Error("invalid_grant")),
				new OAuth2AuthenticationException("login_required"),
				tokenRequest(FailureKind.REJECTED, 400, "invalid_grant"),
				tokenRequest(FailureKind.REJECTED, 400, "refresh_token_reused"), webClient(401, "Bearer"),
				webClient(401, "Basic realm=\"a\", bearer error=\"invalid_token\""),
				restClient(HttpStatus.UNAUTHORIZED, "Bearer realm=\"api\""),
				webClient(401, "DPoP error=\"invalid_token\", algs=\"ES256\""),
				webClient(401, "DPoP error=\"use_dpop_nonce\", Bearer error=\"invalid_token\""));
	}

	@ParameterizedTest
	@MethodSource("failuresThatNeedAPerson")
	void saysYesToWhatNeedsAPerson(Throwable failure) {
		assertThat(isAuthenticationRequired(failure)).isTrue();
		assertThat(isAuthenticationRequired(new IllegalStateException(new CompletionException(failure)))).isTrue();
	}

	static Stream<Throwable> otherFailures() {
		return Stream.of(ours(AuthorizationState.AUTHORIZED), ours(AuthorizationState.UNKNOWN), new TimeoutException(),
				new IOException("reset"), new ConnectException("refused"),
				new ResourceAccessException("I/O error", new IOException()),
				new WebClientRequestException(new ConnectException(), HttpMethod.GET, URI.create("https://a/"),
						new HttpHeaders()),
				tokenRequest(FailureKind.TRANSIENT, 503, "temporarily_unavailable"),
				tokenRequest(FailureKind.TRANSIENT, 503, "invalid_grant"),
				tokenRequest(FailureKind.MISCONFIGURED, 401, "invalid_client"),
				new OAuth2AuthorizationException(new OAuth2Error("server_error")),
				new ClientAuthorizationException(new OAuth2Error("invalid_token_response"), "github"),
				new AuthorizationServerUnreachableException(URI.create("https://a/"), "no answer", new IOException()),
				new DiscoveryException("503", true, new IOException()),
				new TokenStoreException("unreadable", new IOException()),
				new LockTimeoutException(new CredentialId("github", "application"), Duration.ofSeconds(60)),
				new OAuth2AuthenticationException("server_error"), webClient(401, "DPoP error=\"use_dpop_nonce\""),
				webClient(401, "DPoP error=\"invalid_dpop_proof\", algs=\"ES256\""),
				restClient(HttpStatus.UNAUTHORIZED, "DPoP realm=\"api\", error=use_dpop_nonce"), webClient(401, null),
				webClient(401, "Basic realm=\"a\""), webClient(401, "Bearerish x"),
				webClient(401, "Bearer realm=\"unterminated"), webClient(401, "Digest realm=\"Bearer\""),
				webClient(403, "Bearer error=\"insufficient_scope\""), webClient(403, "Bearer error=\"invalid_token\""),
				webClient(500, "Bearer"), restClient(HttpStatus.UNAUTHORIZED, null),
				restClient(HttpStatus.FORBIDDEN, "Bearer error=\"insufficient_scope\""),
				new HttpServerErrorException(HttpStatus.SERVICE_UNAVAILABLE),
				new HttpClientErrorException(HttpStatus.UNAUTHORIZED),
				InsufficientScopeException.orSame(webClient(403, "Bearer error=\"insufficient_scope\"")),
				new IllegalStateException("AuthenticationRequiredException: 401 invalid_grant"));
	}

	@ParameterizedTest
	@MethodSource("otherFailures")
	void saysNoToEverythingElse(Throwable failure) {
		assertThat(isAuthenticationRequired(failure)).isFalse();
		assertThat(isAuthenticationRequired(new IllegalStateException(failure))).isFalse();
		assertThat(isAuthenticationRequired(Exceptions.multiple(failure, new IOException()))).isFalse();
	}

	@ParameterizedTest
	@EnumSource(AuthorizationState.class)
	void believesTheStateOfItsOwn(AuthorizationState state) {
		assertThat(isAuthenticationRequired(ours(state))).isEqualTo(state.needsPerson());
	}

	@ParameterizedTest
	@EnumSource(names = { "LOCK_TIMEOUT", "STORE_ERROR", "REFRESH_FAILED", "REFRESH_BACKOFF" })
	void aReasonThatPassesNeedsNobodyWhateverTheState(SkipReason reason) {
		assertThat(AuthorizationState.values()).allSatisfy((state) -> assertThat(
				isAuthenticationRequired(new AuthenticationRequiredException("github", state, reason)))
			.isFalse());
	}

	static Stream<Arguments> wrappings() {
		return Stream.of(wrapping("cause", (failure) -> new RuntimeException("x", failure)),
				wrapping("CompletionException", CompletionException::new),
				wrapping("ExecutionException", ExecutionException::new),
				wrapping("checked, Reactor", Exceptions::propagate),
				wrapping("WebClientRequestException",
						(failure) -> new WebClientRequestException(failure, HttpMethod.GET, URI.create("https://a/"),
								new HttpHeaders())),
				wrapping("composite", (failure) -> Exceptions.multiple(new IOException(), failure)),
				wrapping("composite of composites",
						(failure) -> Exceptions.multiple(new IOException(),
								Exceptions.multiple(new TimeoutException(), new RuntimeException(failure)))),
				wrapping("retries exhausted", (failure) -> Exceptions.retryExhausted("3/3", failure)),
				wrapping("suppressed", (failure) -> {
					IOException primary = new IOException();
					primary.addSuppressed(failure);
					return primary;
				}), wrapping("retry operator", (failure) -> caught(Mono.error(failure).retryWhen(Retry.max(1)))),
				wrapping("delayed error",
						(failure) -> caught(
								Flux.mergeDelayError(2, Mono.error(new IOException()), Mono.error(failure)).then())),
				wrapping("checkpoint", (failure) -> caught(Mono.error(failure).checkpoint("here"))));
	}

	private static Arguments wrapping(String name, UnaryOperator<Throwable> wrap) {
		return arguments(name, wrap);
	}

	private static Throwable caught(Mono<?> failing) {
		try {
			failing.block(Duration.ofSeconds(5));
			throw new AssertionError("Did not fail");
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("wrappings")
	void looksThrough(String name, UnaryOperator<Throwable> wrap) {
		assertThat(isAuthenticationRequired(wrap.apply(REQUIRED))).isTrue();
		assertThat(isAuthenticationRequired(wrap.apply(webClient(401, "Bearer error=\"invalid_token\"")))).isTrue();
		assertThat(isAuthenticationRequired(wrap.apply(webClient(503, "Bearer")))).isFalse();
	}

	@Test
	void endsWhereCausesGoInCircles() {
		RuntimeException first = new RuntimeException("first");
		RuntimeException second = new RuntimeException("second", first);
		first.initCause(second);
		assertThat(isAuthenticationRequired(first)).isFalse();
		second.addSuppressed(new IllegalStateException(REQUIRED));
		assertThat(isAuthenticationRequired(first)).isTrue();
	}

	@Test
	void nothingNeedsNobody() {
		assertThat(isAuthenticationRequired(null)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer error=\"insufficient_scope\", scope=\"repo admin\"",
			"Basic realm=\"x\", bearer scope=\"repo admin\", error=insufficient_scope" })
	void namesTheScopesOfA403WhenAsked(String challenge) {
		for (Throwable answer : new Throwable[] { webClient(403, challenge),
				restClient(HttpStatus.FORBIDDEN, challenge) }) {
			Throwable failure = InsufficientScopeException.orSame(answer);
			assertThat(failure).isInstanceOf(InsufficientScopeException.class)
				.hasCause(answer)
				.hasMessageContaining("repo admin");
			assertThat(((InsufficientScopeException) failure).getRequiredScopes()).containsExactly("repo", "admin");
		}
	}

	@Test
	void leavesOtherFailuresAsTheyAre() {
		Stream<Throwable> others = Stream.of(webClient(403, null), webClient(403, "Bearer error=\"invalid_token\""),
				webClient(401, "Bearer error=\"insufficient_scope\""), new IOException(), REQUIRED);
		assertThat(others)
			.allSatisfy((failure) -> assertThat(InsufficientScopeException.orSame(failure)).isSameAs(failure));
	}

}
