package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** What callers of one credential see, however many they are. */
@Timeout(60)
class RefreshableCredentialTests {

	private final RefreshWorld world = new RefreshWorld();

	private final ExecutorService callers = Executors.newCachedThreadPool();

	@AfterEach
	void close() {
		this.world.close();
		this.callers.shutdownNow();
	}

	// One flight.

	@Test
	void secondRejectionAdoptsWhatAnotherProcessHasRefreshedSince() {
		Node node = this.world.start().login();
		Node other = this.world.start();
		String first = node.token();
		String second = RefreshWorld.tokenOf(node.afterRejection(first));
		String third = RefreshWorld.tokenOf(other.current(RefreshTrigger.MANUAL));
		int requests = this.world.tokenRequests();
		assertThat(RefreshWorld.tokenOf(node.afterRejection(second))).isEqualTo(third).isNotEqualTo(second);
		assertThat(RefreshWorld.skipOf(node.afterRejection(third))).isEqualTo(SkipReason.REFRESH_BACKOFF);
		assertThat(this.world.tokenRequests()).isEqualTo(requests);
	}

	@Test
	void backoffDoesNotHideWhatAnotherProcessHasRefreshed() {
		Node node = this.world.startExpired();
		Node other = this.world.start();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "600"));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		String token = other.token();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> node.current() instanceof BearerToken.Available);
		assertThat(node.token()).isEqualTo(token);
		assertThat(this.world.server.refreshesGranted()).isOne();
	}

	@Test
	void sixtyFourThreadsShareOneRefresh() throws Exception {
		Node node = this.world.startExpired();
		CyclicBarrier together = new CyclicBarrier(64);
		List<Future<String>> tokens = new ArrayList<>();
		for (int i = 0; i < 64; i++) {
			tokens.add(this.callers.submit(() -> {
				together.await();
				return node.token();
			}));
		}
		Set<String> distinct = new HashSet<>();
		for (Future<String> token : tokens) {
			distinct.add(token.get(20, TimeUnit.SECONDS));
		}
		assertThat(distinct).containsExactly(this.world.stored().accessToken());
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REFRESHED);
	}

	@Test
	void tenThousandWaitingCallersShareOneRefresh() {
		Node node = this.world.startExpired();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		List<CompletableFuture<BearerToken>> waiting = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			waiting.add(node.source.current("demo").toFuture());
		}
		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		answer.countDown();
		Set<String> distinct = new HashSet<>();
		waiting.forEach((future) -> distinct.add(RefreshWorld.tokenOf(await(future))));
		assertThat(distinct).containsExactly(this.world.stored().accessToken());
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void callerThatGivesUpStopsNothing() {
		Node node = this.world.startExpired();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		String before = this.world.stored().accessToken();
		CompletableFuture<BearerToken> impatient = node.ask(RefreshTrigger.EXPIRY);
		CompletableFuture<BearerToken> cancelled = node.source.current("demo").toFuture();
		CompletableFuture<BearerToken> timedOut = node.source.current("demo").timeout(Duration.ofMillis(1)).toFuture();
		Awaitility.await().until(() -> this.world.server.refreshesGranted() == 1);
		Awaitility.await().until(timedOut::isCompletedExceptionally);
		cancelled.cancel(true);
		impatient.cancel(true);
		answer.countDown();
		Awaitility.await().until(() -> !this.world.stored().accessToken().equals(before));
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void machineCallersAtOneTimeShareATokenThatMayBeUsedOnlyOnce() {
		this.world.server.tokens().answer().remove("expires_in");
		Node node = this.world.start(this.world.store, TestProviders.machine(this.world.server).build());
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		Set<String> distinct = new HashSet<>();
		List<CompletableFuture<BearerToken>> waiting = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			waiting.add(node.credentials.current(RefreshWorld.MACHINE, RefreshTrigger.EXPIRY));
		}
		answer.countDown();
		waiting.forEach((future) -> distinct.add(RefreshWorld.tokenOf(await(future))));
		assertThat(distinct).hasSize(1);
		assertThat(this.world.tokenRequests()).isEqualTo(1);
	}

	@Test
	void executorThatIsGoneIsAFailureAndNotAnError() {
		Node node = this.world.startExpired();
		this.world.close();
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
	}

	// Refresh ahead.

	@Test
	void refreshesAheadInTheBackground() {
		Node node = this.world.start().login();
		String before = node.token();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		this.world.clock.advance(Duration.ofSeconds(260));
		// The caller does not wait, although the server has not answered.
		assertThat(node.token()).isEqualTo(before);
		answer.countDown();
		Awaitility.await().until(() -> !node.token().equals(before));
		assertThat(node.refreshes().get(0).trigger()).isEqualTo(RefreshTrigger.AHEAD);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void nobodyWaitsForASlowServerWhileTheTokenWorks() {
		Node node = this.world.start().login();
		String before = node.token();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		this.world.clock.advance(Duration.ofSeconds(260));
		for (int i = 0; i < 10_000; i++) {
			assertThat(node.ask(RefreshTrigger.EXPIRY)).isCompletedWithValue(BearerToken.Available.of(before));
		}
		answer.countDown();
		Awaitility.await().until(() -> !node.token().equals(before));
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void failureOfARefreshAheadIsInvisible() {
		Node node = this.world.start().login();
		String before = node.token();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.status(503));
		this.world.clock.advance(Duration.ofSeconds(260));
		assertThat(node.token()).isEqualTo(before);
		Awaitility.await().until(() -> node.outcomes().equals(List.of(RefreshOutcome.TRANSIENT)));
		for (int i = 0; i < 100; i++) {
			assertThat(node.token()).isEqualTo(before);
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void idleCredentialIsNotRefreshed() {
		Node node = this.world.start().login();
		this.world.clock.advance(Duration.ofSeconds(260));
		node.status();
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 5, 20, 40 })
	void shortLivedTokenIsNotRefreshedForEachCall(int seconds) {
		this.world.server.tokens().accessTokenLifetime(Duration.ofSeconds(seconds));
		Node node = this.world.start().login();
		for (int i = 0; i < 100; i++) {
			assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		}
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	@Test
	void validTokenCostsNoReadingOfTheStore() {
		Node node = this.world.start().login();
		node.token();
		int loads = this.world.store.loads.get();
		for (int i = 0; i < 100; i++) {
			node.token();
		}
		assertThat(this.world.store.loads).hasValue(loads);
	}

	@Test
	void tokenWhoseRefreshTokenHasEndedIsUsedUpWithoutAskingTheStoreForEachCall() {
		this.world.server.tokens().refreshTokenLifetime(Duration.ofSeconds(100));
		Node node = this.world.start().login();
		this.world.clock.advance(Duration.ofSeconds(265));
		int loads = this.world.store.loads.get();
		for (int i = 0; i < 100; i++) {
			node.token();
		}
		Awaitility.await().during(Duration.ofMillis(100)).until(() -> this.world.store.loads.get() == loads);
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	@Test
	void storeThatFailsIsNotAskedByEachCallWhileTheTokenWorks() {
		Node node = this.world.start().login();
		String token = node.token();
		this.world.store.onLoad = () -> {
			throw new TokenStoreException("down", null);
		};
		this.world.clock.advance(Duration.ofSeconds(265));
		int loads = this.world.store.loads.get();
		assertThat(node.token()).isEqualTo(token);
		Awaitility.await().until(() -> node.refreshes().size() == 1);
		for (int i = 0; i < 100; i++) {
			assertThat(node.token()).isEqualTo(token);
		}
		Awaitility.await().during(Duration.ofMillis(100)).until(() -> this.world.store.loads.get() - loads <= 1);
		this.world.store.heal();
		this.world.clock.advance(Duration.ofSeconds(2));
		node.token();
		Awaitility.await().until(() -> !node.token().equals(token));
	}

	// After a rejection.

	@Test
	void rejectedTokenIsRefreshedOnceForAllWhoWereRejected() {
		Node node = this.world.start().login();
		String rejected = node.token();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		List<CompletableFuture<BearerToken>> waiting = new ArrayList<>();
		for (int i = 0; i < 64; i++) {
			waiting.add(node.source.afterRejection("demo", BearerToken.Available.of(rejected)).toFuture());
		}
		answer.countDown();
		Set<String> distinct = new HashSet<>();
		waiting.forEach((future) -> distinct.add(RefreshWorld.tokenOf(await(future))));
		assertThat(distinct).containsExactly(this.world.stored().accessToken()).doesNotContain(rejected);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.refreshes().get(0).trigger()).isEqualTo(RefreshTrigger.UNAUTHORIZED);
	}

	@Test
	void lateRejectionsAdoptTheNewerToken() {
		Node node = this.world.start().login();
		String rejected = node.token();
		String newer = RefreshWorld.tokenOf(node.afterRejection(rejected));
		for (int i = 0; i < 100; i++) {
			assertThat(node.afterRejection(rejected)).isEqualTo(BearerToken.Available.of(newer));
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void rejectedTokenIsReplacedByAnotherProcessesNewerOne() {
		Node node = this.world.start().login();
		String rejected = node.token();
		String newer = RefreshWorld.tokenOf(this.world.start().current(RefreshTrigger.MANUAL));
		assertThat(node.afterRejection(rejected)).isEqualTo(BearerToken.Available.of(newer));
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.ADOPTED);
	}

	@Test
	void resourceThatRejectsEverythingDoesNotBurnRefreshTokens() {
		Node node = this.world.start().login();
		for (int i = 0; i < 100; i++) {
			BearerToken next = node.afterRejection(node.token());
			if (i > 0) {
				assertThat(RefreshWorld.skipOf(next)).isEqualTo(SkipReason.REFRESH_BACKOFF);
			}
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		this.world.clock.advance(Duration.ofSeconds(10));
		assertThat(node.afterRejection(node.token())).isInstanceOf(BearerToken.Available.class);
		assertThat(this.world.server.refreshRequests()).isEqualTo(2);
	}

	@Test
	void rejectedTokenIsNeverOfferedAgain() {
		Node node = this.world.start().login();
		String rejected = node.token();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(RefreshWorld.skipOf(node.afterRejection(rejected))).isEqualTo(SkipReason.REFRESH_FAILED);
		// Other resources may still take it.
		assertThat(node.token()).isEqualTo(rejected);
	}

	@Test
	void rejectionOfATokenThatCannotBeRefreshedKeepsTheLogin() {
		this.world.server.tokens().refreshTokenOnLogin(false);
		Node node = this.world.start().login();
		Credential before = this.world.stored();
		assertThat(node.afterRejection(before.accessToken())).isInstanceOf(BearerToken.Skipped.class);
		assertThat(this.world.stored()).isEqualTo(before);
		assertThat(node.token()).isEqualTo(before.accessToken());
	}

	/** A warm-up that finds a fresh token answers nobody who was rejected with it. */
	@Test
	void rejectionDuringALookThatFindsNothingNewRefreshesAfterIt() {
		String rejected = this.world.start().login().token();
		Node node = this.world.start();
		CountDownLatch looking = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.world.store.onLoad = () -> {
			looking.countDown();
			await(goOn);
		};
		CompletableFuture<BearerToken> warmUp = node.credentials.current(RefreshWorld.ID, RefreshTrigger.STARTUP);
		await(looking);
		CompletableFuture<BearerToken> next = node.source.afterRejection("demo", BearerToken.Available.of(rejected))
			.toFuture();
		this.world.store.heal();
		goOn.countDown();
		assertThat(RefreshWorld.tokenOf(await(warmUp))).isEqualTo(rejected);
		assertThat(RefreshWorld.tokenOf(await(next))).isEqualTo(this.world.stored().accessToken())
			.isNotEqualTo(rejected);
	}

	@Test
	void rejectionDuringARefreshAheadWaitsForIt() {
		Node node = this.world.start().login();
		String rejected = node.token();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		this.world.clock.advance(Duration.ofSeconds(260));
		node.token();
		CompletableFuture<BearerToken> next = node.source.afterRejection("demo", BearerToken.Available.of(rejected))
			.toFuture();
		assertThat(next).isNotDone();
		answer.countDown();
		assertThat(RefreshWorld.tokenOf(await(next))).isNotEqualTo(rejected);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

}
