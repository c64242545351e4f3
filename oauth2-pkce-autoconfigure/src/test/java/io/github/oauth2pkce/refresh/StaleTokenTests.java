package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** The skew is a reason to refresh a token, and none to withhold it. */
@Timeout(60)
class StaleTokenTests {

	private static final Duration LIFETIME = Duration.ofSeconds(16);

	private final RefreshWorld world = new RefreshWorld();

	private Node node;

	private String token;

	@AfterEach
	void close() {
		this.world.close();
	}

	/** A token of 16 s with 7 s to go: inside the skew, which is capped at 8 s. */
	private void startStale() {
		this.world.server.tokens().accessTokenLifetime(LIFETIME);
		this.node = this.world.start().login();
		this.token = this.node.token();
		this.world.clock.advance(Duration.ofSeconds(9));
	}

	@Test
	void staleTokenIsRefreshedBeforeItIsUsed() {
		startStale();
		assertThat(this.node.token()).isNotEqualTo(this.token);
	}

	@ParameterizedTest
	@ValueSource(ints = { 503, 429, 500 })
	void tokenIsSentUntilItHasEndedWhenTheServerIsInTrouble(int status) {
		startStale();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.status(status));
		for (int second = 0; second < 7; second++) {
			assertThat(this.node.token()).isEqualTo(this.token);
			this.world.clock.advance(Duration.ofMillis(990));
		}
		this.world.clock.advance(Duration.ofSeconds(1));
		assertThat(this.node.current()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(this.node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	@Test
	void tokenIsSentWhenTheStoreIsAway() {
		startStale();
		this.world.store.fail();
		this.world.store.onLock = () -> {
			throw new TokenStoreException("connection refused", null);
		};
		assertThat(this.node.token()).isEqualTo(this.token);
		assertThat(this.node.token()).isEqualTo(this.token);
	}

	@Test
	void tokenIsSentWhenTheRefreshTokenIsDead() {
		startStale();
		this.world.server.endSessions();
		assertThat(this.node.token()).isEqualTo(this.token);
		assertThat(this.node.outcomes()).containsExactly(RefreshOutcome.REJECTED);
		this.world.clock.advance(Duration.ofSeconds(7));
		assertThat(this.node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

	@Test
	void tokenWithoutARefreshTokenIsSentUntilItHasEnded() {
		this.world.server.tokens().refreshTokenOnLogin(false);
		startStale();
		assertThat(this.node.token()).isEqualTo(this.token);
		assertThat(this.node.state()).as("somebody should log in")
			.isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		this.world.clock.advance(Duration.ofSeconds(7));
		assertThat(this.node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

	@Test
	void callerDoesNotWaitForAServerThatHangsUntilTheTokenHasEnded() {
		startStale();
		CountDownLatch never = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().processedAfter(never));
		// In earnest: the caller waits for two seconds, the server for ten.
		assertThat(this.node.source.current("demo").block(Duration.ofSeconds(8)))
			.isEqualTo(BearerToken.Available.of(this.token));
		never.countDown();
	}

	/** Its patience is half of what the token had left, which is none. */
	@Test
	void callerWhoseTokenEndsWhileItWaitsWaitsOn() {
		startStale();
		this.world.clock.advance(Duration.ofSeconds(6));
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().delayed(Duration.ofMillis(1200)));
		CompletableFuture<BearerToken> caller = this.node.source.current("demo").toFuture();
		Awaitility.await().until(() -> this.world.server.refreshRequests() == 1);
		this.world.clock.advance(Duration.ofSeconds(2));
		assertThat(RefreshWorld.tokenOf(await(caller))).isNotEqualTo(this.token);
	}

	@Test
	void rejectedTokenIsNotOfferedAgainBecauseItHasNotEnded() {
		startStale();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.status(503));
		assertThat(RefreshWorld.skipOf(this.node.afterRejection(this.token))).isEqualTo(SkipReason.REFRESH_FAILED);
	}

}
