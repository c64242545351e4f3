package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** What one refresh does, outcome by outcome. */
@Timeout(60)
class RefreshFlightTests {

	private final RefreshWorld world = new RefreshWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// Success.

	@Test
	void refreshesAnExpiredTokenAndStoresTheRotatedOne() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		String token = node.token();
		Credential after = this.world.stored();
		assertThat(after.accessToken()).isEqualTo(token).isNotEqualTo(before.accessToken());
		assertThat(after.refreshToken()).isNotEqualTo(before.refreshToken());
		assertThat(after.generation()).isGreaterThan(before.generation());
		assertThat(after.expiresAt()).isEqualTo(this.world.clock.instant().plusSeconds(300));
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REFRESHED);
		assertThat(node.status().lastRefreshAt()).isEqualTo(this.world.clock.instant());
	}

	@Test
	void keepsRefreshTokenAndScopesThatTheAnswerOmits() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.tokens().refreshTokenOnRefresh(false).answer().remove("scope");
		node.token();
		assertThat(this.world.stored().refreshToken()).isEqualTo(before.refreshToken());
		assertThat(this.world.stored().scopes()).isEqualTo(before.scopes()).isNotEmpty();
	}

	@Test
	void savesARotatedRefreshTokenEvenIfTheAccessTokenIsTheSame() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.tokens().answer().put("access_token", before.accessToken());
		assertThat(node.token()).isEqualTo(before.accessToken());
		assertThat(this.world.stored().refreshToken()).isNotEqualTo(before.refreshToken());
		this.world.server.tokens().answer().reset();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotEqualTo(before.accessToken());
	}

	@Test
	void assumesTheConfiguredExpiryWhenTheAnswerHasNone() {
		this.world.server.tokens().answer().remove("expires_in");
		Provider provider = TestProviders.device(this.world.server).assumeExpiry(Duration.ofMinutes(1)).build();
		this.world.start(this.world.store, provider).login();
		assertThat(this.world.stored().expiresAt()).isEqualTo(this.world.clock.instant().plusSeconds(60));
	}

	@Test
	void usersTokenOfUnknownEndIsUsedAsItIs() {
		this.world.server.tokens().answer().remove("expires_in");
		Node node = this.world.start().login();
		String token = node.token();
		this.world.clock.advance(Duration.ofDays(3650));
		assertThat(node.token()).isEqualTo(token);
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	@Test
	void savesBeforeAnybodySeesTheToken() throws Exception {
		Node node = this.world.startExpired();
		CountDownLatch saving = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.world.store.onSave = () -> {
			saving.countDown();
			await(goOn);
		};
		var answer = node.ask(RefreshTrigger.EXPIRY);
		saving.await();
		assertThat(this.world.server.refreshesGranted()).isEqualTo(1);
		assertThat(answer).isNotDone();
		assertThat(node.source.atHand("demo")).isNull();
		assertThat(node.refreshes()).isEmpty();
		goOn.countDown();
		assertThat(RefreshWorld.tokenOf(await(answer))).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void firstReadingAfterAStartIsNoRefreshAtAll() {
		String token = this.world.start().login().token();
		Node restarted = this.world.start();
		assertThat(restarted.current(RefreshTrigger.STARTUP)).isEqualTo(BearerToken.Available.of(token));
		assertThat(restarted.refreshes()).isEmpty();
		assertThat(restarted.status().lastOutcome()).isNull();
	}

	@Test
	void manualTriggerRefreshesAValidToken() {
		Node node = this.world.start().login();
		String before = node.token();
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL))).isNotEqualTo(before);
	}

	// An empty access token.

	@Test
	void emptyAccessTokenIsReportedAndItsRefreshTokenKept() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.tokens().answer().put("access_token", "");
		assertThat(node.skip()).isEqualTo(SkipReason.EMPTY_TOKEN);
		assertThat(this.world.stored().refreshToken()).isNotEqualTo(before.refreshToken());
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.server.tokens().answer().reset();
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isNotBlank();
	}

	/** The server ends the login when it sees the old refresh token again. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void refreshWithoutABearerKeepsItsRefreshToken(boolean foreignType) {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		if (foreignType) {
			this.world.server.tokens().answer().put("token_type", "DPoP");
		}
		else {
			this.world.server.tokens().answer().remove("access_token");
		}
		assertThat(node.skip()).isEqualTo(SkipReason.EMPTY_TOKEN);
		assertThat(this.world.stored().refreshToken()).isNotEqualTo(before.refreshToken());
		assertThat(this.world.stored().accessToken()).isEmpty();
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.server.tokens().answer().reset();
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isNotBlank();
		assertThat(this.world.server.refreshesGranted()).isEqualTo(2);
	}

	@Test
	void emptyAccessTokensDoNotCostOneRequestEach() {
		Node node = this.world.startExpired();
		this.world.server.tokens().answer().put("access_token", "");
		for (int i = 0; i < 100; i++) {
			assertThat(node.current()).isInstanceOf(BearerToken.Skipped.class);
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void emptyAnswerCostsNoTokenThatStillWorks() {
		Node node = this.world.start().login();
		Credential before = this.world.stored();
		this.world.server.tokens().answer().put("access_token", "");
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL))).isEqualTo(before.accessToken());
		assertThat(node.token()).isEqualTo(before.accessToken());
		assertThat(node.status().lastError()).isEqualTo("empty_token");
		assertThat(this.world.stored().refreshToken()).isNotEqualTo(before.refreshToken());
		this.world.server.tokens().answer().reset();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotBlank().isNotEqualTo(before.accessToken());
	}

	// Rejected.

	@Test
	void rejectedRefreshTokenIsAskedOnceOverAThousandCallsAndThreeRestarts() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		for (int i = 0; i < 1000; i++) {
			assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
			this.world.clock.advance(Duration.ofMinutes(5));
		}
		for (int restart = 1; restart <= 3; restart++) {
			Node restarted = this.world.start();
			for (int i = 0; i < 1000; i++) {
				assertThat(restarted.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
			}
			assertThat(restarted.state()).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
			assertThat(restarted.status().lastError()).isEqualTo("invalid_grant");
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.outcomes().get(0)).isEqualTo(RefreshOutcome.REJECTED);
		assertThat(node.state()).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		assertThat(node.status().lastError()).isEqualTo("invalid_grant");
		assertThat(node.status().lastOutcome()).isEqualTo(RefreshOutcome.REJECTED);
	}

	@Test
	void newLoginClearsTheRejection() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		node.skip();
		node.login();
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void loginOfAnotherProcessClearsTheRejection() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		node.skip();
		Node other = this.world.start().login();
		assertThat(node.token()).isEqualTo(other.token());
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	@Test
	void rejectionKeepsTheRecord() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.endSessions();
		node.skip();
		assertThat(this.world.stored().refreshToken()).isEqualTo(before.refreshToken());
		assertThat(this.world.stored().accessToken()).isEqualTo(before.accessToken());
	}

	@Test
	void tokenThatStillWorksIsUsedAfterItsRefreshTokenWasRejected() {
		Node node = this.world.start().login();
		String token = node.token();
		this.world.server.endSessions();
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL))).isEqualTo(token);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REJECTED);
	}

	@Test
	void rejectionIsRememberedInMemoryWhenItCannotBeStored() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		this.world.store.onSave = failing();
		for (int i = 0; i < 10; i++) {
			assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		this.world.store.heal();
		node.skip();
		assertThat(this.world.stored().isRefreshTokenRejected()).isTrue();
		assertThat(node.status().lastError()).isEqualTo("invalid_grant");
		assertThat(node.status().lastOutcome()).isNotEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void configuredCodeMeansRejected() {
		Provider provider = TestProviders.device(this.world.server)
			.rejectedErrorCodes(Set.of("invalid_grant", "token_dead"))
			.build();
		Node node = this.world.start(this.world.store, provider).login();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "token_dead", null));
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

	@Test
	void loserNeverMarksOrRemovesTheWinner() {
		Node node = this.world.startExpired();
		AtomicReference<String> winner = new AtomicReference<>();
		// A login that lands between the server's refusal and our writing it down.
		this.world.store.onSave = () -> {
			this.world.store.heal();
			winner.set(this.world.start().login().token());
		};
		this.world.server.endSessions();
		assertThat(node.token()).isEqualTo(winner.get());
		assertThat(this.world.stored().accessToken()).isEqualTo(winner.get());
		assertThat(this.world.stored().isRefreshTokenRejected()).isFalse();
	}

	@Test
	void loserDoesNotUseAWinnerOfAnotherClient() {
		Node node = this.world.startExpired();
		this.world.server.endSessions();
		this.world.store.onSave = () -> {
			this.world.store.heal();
			Credential stored = this.world.stored();
			this.world.store.save(TestCredentials.credential()
				.origin("https://other.example", "https://other.example/token", "other")
				.lifetime(Duration.ofMinutes(5), this.world.clock.instant().plusSeconds(300))
				.generation(stored.generation() + 1)
				.build(), stored.generation());
		};
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(node.source.atHand("demo")).isNull();
	}

	// Transient.

	@ParameterizedTest
	@ValueSource(ints = { 408, 425, 429, 500, 502, 503, 504 })
	void transientStatusKeepsTheLogin(int status) {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(status, "invalid_grant", "not really"));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.world.stored()).isEqualTo(before);
		assertThat(node.refreshes().get(0).status()).isEqualTo(status);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TRANSIENT);
		recovers(node);
	}

	@ParameterizedTest
	@EnumSource(Fault.class)
	void brokenAnswerKeepsTheLogin(Fault fault) {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.server.enqueue(Endpoint.TOKEN, fault.answer);
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TRANSIENT);
		assertThat(this.world.stored()).isEqualTo(before);
		recovers(node);
	}

	@Test
	void refusedConnectionKeepsTheLogin() {
		Node node = this.world.startExpired();
		this.world.server.stop();
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.status().lastError()).isEqualTo("unreachable");
		this.world.server.restartOnSamePort();
		recovers(node);
	}

	/** Health and endpoint have no more than {@code unreachable}. */
	@Test
	void listenersAreToldWhyAServerIsNotReached() {
		Node node = this.world.startExpired();
		URI token = this.world.server.uri(Endpoint.TOKEN);
		this.world.server.stop();
		node.skip();
		assertThat(node.refreshes()).singleElement().satisfies((refresh) -> {
			assertThat(refresh.reason()).contains(token.toString(), "Connection refused");
			assertThat(refresh.nextAttemptAt()).isAfter(this.world.clock.instant());
		});
	}

	@Test
	void listenersAreToldWhyThereIsNoMetadata() {
		this.world.startExpired();
		String issuer = this.world.server.issuer();
		Node node = this.world.start(this.world.store,
				TestProviders.device(this.world.server).endpoints(Endpoints.NONE).build());
		this.world.server.stop();
		node.skip();
		assertThat(node.refreshes()).singleElement()
			.extracting(RefreshListener.Refresh::reason)
			.asString()
			.contains("No metadata of issuer " + issuer, "Connection refused");
	}

	/** The server has rotated, and the answer is lost: nothing but a try can tell. */
	@Test
	void lostAnswerIsNamedWhenTheRefreshTokenTurnsOutToBeSpent() {
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().dropped());
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(node.refreshes()).extracting(RefreshListener.Refresh::reason)
			.satisfiesExactly((first) -> assertThat(first).contains("may have issued new tokens that did not arrive"),
					(second) -> assertThat(second).contains("invalid_grant", "did not arrive"));
	}

	@Test
	void stalledServerIsATimeout() {
		this.world.requestTimeout(Duration.ofMillis(300));
		Node node = this.world.startExpired();
		CountDownLatch never = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().processedAfter(never));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TIMEOUT);
		recovers(node);
	}

	private void recovers(Node node) {
		int requests = this.world.tokenRequests();
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_BACKOFF);
		assertThat(this.world.tokenRequests()).isEqualTo(requests);
		assertThat(node.status().nextAttemptAt()).isAfter(this.world.clock.instant());
		this.world.clock.advance(Duration.between(this.world.clock.instant(), node.status().nextAttemptAt()));
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(node.status().nextAttemptAt()).isNull();
		assertThat(node.status().lastError()).isNull();
	}

	@Test
	void waitsAsLongAsTheServerAsks() {
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN,
				Answer.error(429, "slow_down", null).withHeader("Retry-After", "120"));
		node.skip();
		assertThat(node.status().nextAttemptAt()).isEqualTo(this.world.clock.instant().plusSeconds(120));
		this.world.clock.advance(Duration.ofSeconds(119));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_BACKOFF);
		this.world.clock.advance(Duration.ofSeconds(1));
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void wrongClientConfigurationIsAskedOnceAMinuteAndKeepsTheLogin() {
		Node node = this.world.startExpired();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.error(401, "invalid_client", "Unknown client"));
		for (int i = 0; i < 100; i++) {
			assertThat(node.current()).isInstanceOf(BearerToken.Skipped.class);
		}
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(node.status().lastError()).isEqualTo("invalid_client");
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.normally());
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void refreshTokenThatEndsDuringABackoffNeedsAPerson() {
		this.world.server.tokens().refreshTokenLifetime(Duration.ofSeconds(400));
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "600"));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		this.world.clock.advance(Duration.ofSeconds(60));
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

	// Where a refresh token may go.

	@Test
	void otherIssuerMeansLoginAndNoRequest() {
		foreign(TestProviders.device(this.world.server).issuerUri("https://other.example").build());
	}

	@Test
	void otherClientMeansLoginAndNoRequest() {
		foreign(Provider.withId("demo", "other").endpoints(TestProviders.endpoints(this.world.server)).build());
	}

	@Test
	void otherTokenEndpointMeansLoginAndNoRequest() {
		foreign(TestProviders.device(this.world.server)
			.endpoints(new Endpoints(null, null, this.world.server.uri("/api/token"), null))
			.build());
	}

	@Test
	void otherDiscoveredTokenEndpointMeansLoginAndNoRequest() {
		this.world.server.discovery().document().put("token_endpoint", this.world.server.uri("/api/token").toString());
		foreign(TestProviders.device(this.world.server).endpoints(Endpoints.NONE).build());
	}

	@Test
	void unexpiredTokenOfAnotherIssuerIsNeitherUsedNorReplacedAfterA401() {
		this.world.start().login();
		Credential before = this.world.stored();
		Provider changed = TestProviders.device(this.world.server).issuerUri("https://other.example").build();
		this.world.store.save(TestCredentials.credential()
			.origin("https://auth.example", this.world.server.uri(Endpoint.TOKEN).toString(), changed.client().id())
			.accessToken(before.accessToken())
			.generation(before.generation() + 1)
			.build(), before.generation());
		int requests = this.world.tokenRequests();
		Node node = this.world.start(this.world.store, changed);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(RefreshWorld.skipOf(node.afterRejection(before.accessToken()))).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.tokenRequests()).isEqualTo(requests);
	}

	private void foreign(Provider changed) {
		this.world.startExpired();
		int requests = this.world.tokenRequests();
		Credential before = this.world.stored();
		Node node = this.world.start(this.world.store, changed);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(node.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(this.world.tokenRequests()).isEqualTo(requests);
		assertThat(this.world.server.requests(Endpoint.API)).isEmpty();
		assertThat(this.world.stored()).isEqualTo(before);
	}

	@Test
	void issuerThatIsDownIsTransient() {
		this.world.startExpired();
		Node node = this.world.start(this.world.store,
				TestProviders.device(this.world.server).endpoints(Endpoints.NONE).build());
		this.world.server.answerAlways(Endpoint.DISCOVERY, Answer.status(503));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.status().lastError()).isEqualTo("discovery_failed");
		this.world.server.answerAlways(Endpoint.DISCOVERY, Answer.normally());
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isNotBlank();
	}

	// The store.

	@Test
	void tokenThatCannotBeSavedIsServedFromMemoryAndSavedLater() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.store.onSave = failing();
		String token = node.token();
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		assertThat(node.status().lastError()).isEqualTo("store_error");
		assertThat(node.storeFailures()).contains("save");
		assertThat(node.token()).isEqualTo(token);
		assertThat(this.world.stored()).isEqualTo(before);
		CountDownLatch saved = new CountDownLatch(1);
		this.world.store.onSave = saved::countDown;
		await(saved);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotEqualTo(token);
		assertThat(node.status().lastError()).isNull();
		assertThat(this.world.start().token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.refreshesGranted()).isEqualTo(2);
	}

	@Test
	void storeThatIsAwayForAMomentIsAskedAgainBeforeTheLockIsGivenBack() {
		Node node = this.world.startExpired();
		AtomicInteger attempts = new AtomicInteger();
		this.world.store.onSave = () -> {
			if (attempts.incrementAndGet() < 3) {
				throw new TokenStoreException("connection reset", null);
			}
		};
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REFRESHED);
		assertThat(node.storeFailures()).isEmpty();
	}

	@Test
	void rejectionOfASpentRefreshTokenDoesNotBeatItsSuccessor() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		this.world.store.onSave = () -> {
			// Another node had taken this one for dead, and was refused.
			this.world.store.heal();
			assertThat(this.world.store.save(before.rejected("invalid_grant", this.world.clock.instant()),
					before.generation()))
				.isTrue();
		};
		String token = node.token();
		assertThat(token).isNotEqualTo(before.accessToken()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.stored().isRefreshTokenRejected()).isFalse();
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REFRESHED);
	}

	@Test
	void unsavedTokenIsSavedBeforeTheEnd() {
		this.world.withoutTimers = true;
		Node node = this.world.startExpired();
		this.world.store.onSave = failing();
		String token = node.token();
		CountDownLatch saved = new CountDownLatch(1);
		this.world.store.onSave = saved::countDown;
		node.credentials.saveUnsaved();
		await(saved);
		assertThat(this.world.start().token()).isEqualTo(token);
	}

	@Test
	void loginEndsABackoff() {
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "600"));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.status().nextAttemptAt()).isNotNull();
		node.login();
		assertThat(node.status().nextAttemptAt()).isNull();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.current()).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void errorOfASaveIsOverWhenTheNextRefreshHasMadeUpForIt() {
		this.world.withoutTimers = true;
		this.world.server.tokens().refreshTokenOnLogin(false);
		this.world.store.onSave = failing();
		Node node = this.world.start().login();
		assertThat(node.status().lastError()).isEqualTo("store_error");
		this.world.store.heal();
		node.current(RefreshTrigger.MANUAL);
		assertThat(this.world.stored().accessToken()).isEqualTo(node.token());
		assertThat(node.status().lastError()).isNull();
	}

	@Test
	void unsavedTokenIsWhatTheNextRefreshStartsFrom() {
		Node node = this.world.startExpired();
		this.world.store.onSave = failing();
		node.token();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.current()).isInstanceOf(BearerToken.Available.class);
		assertThat(this.world.server.refreshesGranted()).isEqualTo(2);
		this.world.store.heal();
		this.world.clock.advance(RefreshWorld.LONG);
		String last = node.token();
		assertThat(this.world.stored().accessToken()).isEqualTo(last);
		assertThat(node.status().lastOutcome()).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void refreshTokenIsNotSpentWhenTheStoreIsNotWritable() {
		Node node = this.world.startExpired();
		this.world.store.onCheckWritable = failing();
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
		assertThat(this.world.server.refreshRequests()).isZero();
		assertThat(node.storeFailures()).contains("save");
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		healed();
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void unexpiredTokenNeedsNoStoreThatIsWritable() {
		String token = this.world.start().login().token();
		this.world.store.onSave = failing();
		this.world.store.onLock = failing();
		this.world.store.onCheckWritable = failing();
		Node restarted = this.world.start();
		assertThat(restarted.token()).isEqualTo(token);
		assertThat(restarted.storeFailures()).isEmpty();
	}

	@Test
	void storeThatCannotBeReadIsUnknown() {
		this.world.startExpired();
		Node node = this.world.start();
		this.world.store.onLoad = failing();
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
		assertThat(node.state()).isEqualTo(AuthorizationState.UNKNOWN);
		assertThat(node.storeFailures()).containsOnly("load");
		assertThat(this.world.server.refreshRequests()).isZero();
		healed();
		assertThat(node.token()).isNotBlank();
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	/** A store that failed is left alone for a second. */
	private void healed() {
		this.world.store.heal();
		this.world.clock.advance(Duration.ofSeconds(1));
	}

	@Test
	void storeThatFailsIsNotAskedByEachCall() {
		Node node = this.world.startExpired();
		this.world.store.fail();
		int loads = this.world.store.loads.get();
		for (int i = 0; i < 1000; i++) {
			assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
		}
		assertThat(this.world.store.loads.get() - loads).isLessThan(5);
		assertThat(node.storeFailures()).hasSizeLessThan(5);
		healed();
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void failureThatNoStoreShouldThrowIsAStoreErrorToo() {
		this.world.startExpired();
		Node node = this.world.start();
		this.world.store.onLoad = () -> {
			throw new IllegalStateException("driver");
		};
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
		healed();
		this.world.store.onLock = () -> {
			throw new IllegalStateException("driver");
		};
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
		assertThat(node.storeFailures()).containsExactly("load", "lock");
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	@Test
	void lockThatIsNotToBeHadIsTransient() {
		Node node = this.world.startExpired();
		this.world.store.onLock = () -> {
			throw new LockTimeoutException(RefreshWorld.ID, Duration.ofSeconds(1));
		};
		assertThat(node.skip()).isEqualTo(SkipReason.LOCK_TIMEOUT);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.LOCK_TIMEOUT);
		assertThat(node.storeFailures()).containsExactly("lock");
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.store.heal();
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void nothingStoredIsNoToken() {
		Node node = this.world.start();
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(node.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(this.world.server.requests()).isEmpty();
	}

	@Test
	void expiredTokenWithoutRefreshTokenNeedsAPerson() {
		this.world.server.tokens().refreshTokenOnLogin(false);
		Node node = this.world.startExpired();
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	// Listeners.

	@Test
	void listenerThatThrowsChangesNothing() {
		Node node = this.world.startExpired().failingListener(new IllegalStateException("listener"));
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(node.refreshes()).hasSize(1);
	}

	@Test
	void listenersAreToldAfterTheTokenIsStored() {
		Node node = this.world.startExpired();
		String before = this.world.stored().accessToken();
		AtomicReference<String> seen = new AtomicReference<>();
		this.world.store.onSave = () -> {
			assertThat(node.refreshes()).isEmpty();
			seen.set(this.world.stored().accessToken());
		};
		node.token();
		assertThat(seen.get()).isEqualTo(before);
		assertThat(node.refreshes()).hasSize(1);
	}

	// The machine grant.

	@Test
	void machineTokenIsAcquiredAnewAndNeverRefreshed() {
		Node node = machine();
		String first = machineToken(node);
		assertThat(machineToken(node)).isEqualTo(first);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(machineToken(node)).isNotEqualTo(first);
		assertThat(this.world.tokenRequests()).isEqualTo(2);
		assertThat(this.world.server.refreshRequests()).isZero();
		assertThat(this.world.store.loads).hasValue(0);
	}

	@Test
	void machineTokenWithoutLifetimeIsAcquiredForEachCall() {
		this.world.server.tokens().answer().remove("expires_in");
		Node node = machine();
		assertThat(machineToken(node)).isNotEqualTo(machineToken(node));
	}

	@Test
	void refusedMachineNeedsAPersonUntilTheServerAccepts() {
		Node node = machine();
		assertThat(node.credentials.status(RefreshWorld.MACHINE).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.error(401, "invalid_client", null));
		assertThat(RefreshWorld.skipOf(machineCall(node))).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(RefreshWorld.skipOf(machineCall(node))).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(this.world.tokenRequests()).isEqualTo(1);
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.normally());
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(machineToken(node)).isNotBlank();
		assertThat(node.credentials.status(RefreshWorld.MACHINE).state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	@Test
	void machineOutageIsTransient() {
		Node node = machine();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(RefreshWorld.skipOf(machineCall(node))).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.credentials.status(RefreshWorld.MACHINE).state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	private Node machine() {
		return this.world.start(this.world.store, TestProviders.machine(this.world.server).build());
	}

	private static BearerToken machineCall(Node node) {
		return await(node.credentials.current(RefreshWorld.MACHINE, RefreshTrigger.EXPIRY));
	}

	private static String machineToken(Node node) {
		return RefreshWorld.tokenOf(machineCall(node));
	}

	// Secrets.

	@Test
	void nothingThatHoldsATokenShowsIt() {
		Node node = this.world.startExpired();
		BearerToken token = node.current();
		Credential stored = this.world.stored();
		Provider provider = this.world.provider;
		Snapshot snapshot = Snapshot.of(new CredentialRules(provider), stored,
				(credential) -> BearerToken.Available.of(credential.accessToken()), TestCredentials.NOW,
				TestCredentials.NOW);
		String text = token + " " + stored + " " + snapshot + " " + node.status() + " " + node.refreshes() + " "
				+ stored.rejected("invalid_grant", this.world.clock.instant()) + " " + node.credentials + " "
				+ new CredentialId("demo", "alice");
		assertThat(this.world.server.issuedSecrets()).isNotEmpty().noneMatch(text::contains);
		assertThat(text).doesNotContain("alice");
	}

	private static Runnable failing() {
		return () -> {
			throw new TokenStoreException("disk full", null);
		};
	}

	/** Answers that are none. */
	enum Fault {

		RESET(Answer.connectionClosed()), HALF(Answer.json(200, "{\"access_token\":\"at-half-of-it\"}").cutInBody()),
		HTML(Answer.text(200, "text/html", "<html>Please log in to the WLAN</html>")),
		HTML_FORBIDDEN(Answer.text(403, "text/html", "<html>Blocked</html>")), EMPTY(Answer.json(200, "")),
		ARRAY(Answer.json(200, "[]")), REDIRECT(Answer.redirect(URI.create("http://127.0.0.1:1/login").toString())),
		NO_TOKEN(Answer.json(200, "{\"token_type\":\"Bearer\",\"expires_in\":300}")),
		HUGE(Answer.json(200, "{\"access_token\":\"" + "a".repeat(20_000_000) + "\"}"));

		private final Answer answer;

		Fault(Answer answer) {
			this.answer = answer;
		}

	}

}
