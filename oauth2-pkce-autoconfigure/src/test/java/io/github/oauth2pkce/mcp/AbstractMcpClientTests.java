package io.github.oauth2pkce.mcp;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RecordingListener;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.TestPolicies;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.FakeMcpServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What all transports of the SDK's clients have to do alike, over real HTTP. The token at
 * hand is {@code one} unless a test says otherwise.
 */
@Timeout(30)
abstract class AbstractMcpClientTests {

	static final String CALL = "tools/call";

	final FakeMcpServer server = FakeMcpServer.start();

	final RecordingListener listener = new RecordingListener();

	StubTokenSource source = StubTokenSource.withToken("one");

	RequestLogins logins = RequestLogins.NEVER;

	BearerPolicies policies = TestPolicies.forBaseUrls(this.server.origin());

	Duration timeout = Duration.ofSeconds(10);

	/** Whether other tokens of the application are bound to keys. */
	private boolean beside;

	/** What the tool says, called by a client that is connected first if it has to be. */
	abstract String callTool();

	@AfterEach
	void stop() {
		this.server.close();
	}

	final McpBearers bearers() {
		return bearers(true);
	}

	final McpBearers bearers(boolean replays) {
		return new McpBearers(new BearerExchanges(this.policies, this.source, this.listener, this.logins), replays,
				this.beside);
	}

	final void refreshTo(String token) {
		this.source.afterRejection = Mono.fromSupplier(() -> this.source.atHand = BearerToken.Available.of(token));
	}

	private List<List<String>> authorizations() {
		return this.server.calls(CALL).stream().map(FakeMcpServer.Call::authorization).toList();
	}

	@Test
	void sendsTheBearerWithEveryRequest() {
		assertThat(callTool()).isEqualTo("Bearer one");
		assertThat(this.server.calls()).isNotEmpty()
			.allSatisfy((call) -> assertThat(call.authorization()).containsExactly("Bearer one"));
		assertCounted("propagated github");
	}

	/**
	 * Once per request, not for a replay. The one that opens a stream may be under way.
	 */
	final void assertCounted(String event) {
		// First: what comes to the server later is counted before it does.
		int calls = this.server.calls().size();
		List<String> events = List.copyOf(this.listener.events);
		int replays = Collections.frequency(events, "unauthorized github replayed");
		assertThat(events).filteredOn((other) -> !other.startsWith("unauthorized"))
			.containsOnly(event)
			.hasSizeBetween(calls - replays, calls - replays + 1);
	}

	@Test
	void leavesOtherServersAlone() {
		this.policies = TestPolicies.forBaseUrls("https://elsewhere.example.com");
		this.server.refusing((call) -> call.method().equals(CALL)
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		assertThat(catchThrowable(this::callTool)).isNotNull();
		assertThat(authorizations()).containsExactly(List.of());
		assertThat(this.listener.events).isEmpty();
	}

	@Test
	void repeatsOnceWithARefreshedToken() {
		refreshTo("two");
		this.server.refusing((call) -> call.method().equals(CALL) && call.authorization().contains("Bearer one")
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		assertThat(callTool()).isEqualTo("Bearer two");
		assertThat(authorizations()).containsExactly(List.of("Bearer one"), List.of("Bearer two"));
		assertThat(this.source.rejected).containsExactly("one");
		assertCounted("propagated github");
		assertThat(this.listener.events).filteredOn((event) -> event.startsWith("unauthorized"))
			.containsExactly("unauthorized github replayed");
	}

	@Test
	void repeatsWithANewerTokenWithoutForcingARefresh() {
		this.server.refusing((call) -> {
			if (call.method().equals(CALL) && call.authorization().contains("Bearer one")) {
				this.source.atHand = BearerToken.Available.of("two");
				return Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
			}
			return null;
		});
		assertThat(callTool()).isEqualTo("Bearer two");
		assertThat(this.source.rejected).isEmpty();
		assertThat(this.listener.events).contains("unauthorized github adopted");
	}

	@Test
	void givesTheSecond401ToTheCaller() {
		refreshTo("two");
		this.server.refusing((call) -> call.method().equals(CALL)
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		Throwable failure = catchThrowable(this::callTool);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(authorizations()).containsExactly(List.of("Bearer one"), List.of("Bearer two"));
		assertThat(this.source.rejected).containsExactly("one");
	}

	/** Where a nonce may be a cause as well, the SDK asks twice. */
	@Test
	void givesTheSecond401ToTheCallerBesideBoundTokens() {
		this.beside = true;
		AtomicInteger refreshes = new AtomicInteger();
		this.source.afterRejection = Mono.fromSupplier(
				() -> this.source.atHand = BearerToken.Available.of("refreshed-" + refreshes.incrementAndGet()));
		this.server.refusing((call) -> call.method().equals(CALL)
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		Throwable failure = catchThrowable(this::callTool);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(authorizations()).containsExactly(List.of("Bearer one"), List.of("Bearer refreshed-1"));
		assertThat(this.source.rejected).containsExactly("one");
	}

	@Test
	void neverRepeatsAfterInsufficientScope() {
		this.server.refusing(
				(call) -> call.method().equals(CALL)
						? Answer.status(403)
							.withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"write\"")
						: null);
		Throwable failure = catchThrowable(this::callTool);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
		assertThat(authorizations()).hasSize(1);
		assertThat(this.listener.events).contains("unauthorized github insufficient_scope");
		assertThat(this.source.rejected).isEmpty();
	}

	@Test
	void sendsWithoutBearerAndCountsWhy() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.server.taking("one");
		Throwable failure = catchThrowable(this::callTool);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(authorizations()).isEmpty();
		assertCounted("skipped github no_token");
	}

	@Test
	void sendsNothingIfAMissingBearerIsAFailure() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.policies = TestPolicies.failing(this.server.origin());
		Throwable failure = catchThrowable(this::callTool);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(this.server.calls()).isEmpty();
		assertThat(this.listener.events).containsOnly("skipped github no_token");
	}

	@Test
	void isSentOnceMoreAfterALoginThatARequestMayStart() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.server.taking("two");
		this.logins = new LoggingIn("two");
		assertThat(callTool()).isEqualTo("Bearer two");
		assertThat(authorizations()).containsExactly(List.of("Bearer two"));
	}

	@Test
	void isSentOnceMoreAfterALoginForMore() {
		this.server.refusing(
				(call) -> call.method().equals(CALL) && call.authorization().contains("Bearer one")
						? Answer.status(403)
							.withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"write\"")
						: null);
		this.logins = new LoggingIn("two");
		assertThat(callTool()).isEqualTo("Bearer two");
		assertThat(authorizations()).containsExactly(List.of("Bearer one"), List.of("Bearer two"));
	}

	@Test
	void waitsForABearerThatIsNotAtHand() {
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("late");
		assertThat(callTool()).isEqualTo("Bearer late");
	}

	@Test
	void transientFailuresDoNotNeedAPerson() {
		this.source = StubTokenSource.without(SkipReason.REFRESH_FAILED, AuthorizationState.AUTHORIZED);
		this.policies = TestPolicies.failing(this.server.origin());
		Throwable failure = catchThrowable(this::callTool);
		assertThat(failure).isNotNull();
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
	}

	static Stream<Answer> answersThatNoLoginChanges() {
		return Stream.of(Answer.status(500), Answer.status(503), Answer.status(404), Answer.status(400),
				Answer.status(401), Answer.status(403), Answer.connectionClosed(), Answer.json(200, "no json"));
	}

	@ParameterizedTest
	@MethodSource("answersThatNoLoginChanges")
	void knowsAnswersThatNoLoginChanges(Answer answer) {
		this.server.refusing((call) -> call.method().equals(CALL) ? answer : null);
		this.timeout = Duration.ofSeconds(1);
		Throwable failure = catchThrowable(this::callTool);
		assertThat(failure).isNotNull();
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
		assertThat(authorizations()).hasSize(1);
	}

	@Test
	void aTimeoutNeedsNoPerson() {
		CountDownLatch never = new CountDownLatch(1);
		this.server.refusing((call) -> call.method().equals(CALL) ? Answer.status(401).answeredAfter(never) : null);
		this.timeout = Duration.ofMillis(300);
		Throwable failure = catchThrowable(this::callTool);
		assertThat(failure).isNotNull();
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
		never.countDown();
	}

	@Test
	void aServerThatIsNotThereNeedsNoPerson() {
		this.server.close();
		Throwable failure = catchThrowable(this::callTool);
		assertThat(failure).isNotNull();
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
	}

	@Test
	void aSourceThatFailsAfterA401LeavesTheCallerAFailure() {
		this.source.afterRejection = Mono.error(new IllegalStateException("broken"));
		this.server.refusing((call) -> call.method().equals(CALL)
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
		assertThat(catchThrowable(this::callTool)).isNotNull();
		assertThat(authorizations()).hasSize(1);
	}

	/** Logs in whoever asks, later, and on another thread. */
	private final class LoggingIn implements RequestLogins {

		private final String token;

		LoggingIn(String token) {
			this.token = token;
		}

		@Override
		public boolean areAllowed(String providerId) {
			return true;
		}

		@Override
		public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
			return Mono.delay(Duration.ofMillis(1))
				.map((tick) -> AbstractMcpClientTests.this.source.atHand = BearerToken.Available.of(this.token));
		}

		@Override
		public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
			return logIn(providerId, insufficient);
		}

	}

}
