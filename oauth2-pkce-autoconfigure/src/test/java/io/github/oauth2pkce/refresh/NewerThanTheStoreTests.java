package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** The past does not overrule what this process knows to be newer. */
@Timeout(60)
class NewerThanTheStoreTests {

	private final RefreshWorld world = new RefreshWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	/** A failover of Redis within its lag: the last write is gone. */
	@Test
	void storeThatLostTheLastWriteIsWrittenOver() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		String token = node.token();
		this.world.store.fallBackTo(before);
		this.world.clock.advance(Duration.ofSeconds(265));
		node.token();
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL))).isNotEqualTo(token);
		assertThat(this.world.server.refreshesGranted()).isEqualTo(this.world.server.refreshRequests());
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(this.world.start().token()).isNotBlank();
	}

	@Test
	void storeThatLostTheLastFewWritesIsWrittenOver() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		for (int i = 0; i < 5; i++) {
			node.token();
			this.world.clock.advance(RefreshWorld.LONG);
		}
		this.world.store.fallBackTo(before);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.refreshesGranted()).isEqualTo(this.world.server.refreshRequests());
	}

	/** A pooled connection to the primary of before: it reads, and gives no lock. */
	@Test
	void staleReadTakesNoTokenThatWorks() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		String token = node.token();
		this.world.store.fallBackTo(before);
		this.world.store.onLock = () -> {
			throw new TokenStoreException("read-only replica", null);
		};
		this.world.clock.advance(Duration.ofSeconds(265));
		assertThat(node.token()).isEqualTo(token);
		node.current(RefreshTrigger.MANUAL);
		assertThat(node.token()).isEqualTo(token);
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
	}

	@Test
	void logoutIsNotUndoneByAStoreThatFallsBack() {
		Node node = this.world.start().login();
		Credential before = this.world.stored();
		node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		this.world.store.fallBackTo(before);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void logoutElsewhereWinsAgainstMemory() {
		Node node = this.world.startExpired();
		node.token();
		this.world.start().credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void unsavedSuccessorBeatsTheRejectionOfItsPredecessor() {
		Node node = this.world.startExpired();
		this.world.store.onSave = () -> {
			throw new TokenStoreException("away", null);
		};
		node.token();
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		this.world.store.heal();
		Node other = this.world.start();
		// As servers do that do not end the login with the spent token.
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "spent"));
		assertThat(other.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.stored().isRefreshTokenRejected()).isFalse();
	}

	/** And the dead record was stamped by a node whose clock is ahead. */
	@Test
	void loginMadeWhileTheStoreWasAwayBeatsTheDeadOneThatItReplaces() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		Credential dead = before.rejected("invalid_grant", this.world.clock.instant().plusSeconds(30));
		assertThat(this.world.store.save(dead, before.generation())).isTrue();
		this.world.store.fail();
		this.world.server.endSessions();
		node.login();
		String token = node.token();
		this.world.store.heal();
		node.current(RefreshTrigger.MANUAL);
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.world.stored().isRefreshTokenRejected()).isFalse();
		assertThat(this.world.stored().generation()).isGreaterThan(dead.generation());
		assertThat(node.token()).isNotEqualTo(token).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void loginMadeWhileTheStoreWasAwayBeatsARefreshOfTheLoginOfBefore() {
		Node node = this.world.startExpired();
		Node other = this.world.start();
		this.world.store.fail();
		this.world.clock.advance(Duration.ofSeconds(1));
		node.login();
		String token = node.token();
		this.world.store.heal();
		this.world.clock.advance(Duration.ofSeconds(2));
		assertThat(other.token()).isNotEqualTo(token);
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.STARTUP))).isEqualTo(token);
		node.credentials.saveUnsaved();
		assertThat(RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL)))
			.isEqualTo(this.world.stored().accessToken());
	}

	/** A metadata server that is slow keeps no lock, and what was read before is old. */
	@Test
	void endpointsAreResolvedBeforeTheLock() {
		this.world.startExpired();
		Node node = this.world.start(this.world.store, this.world.discovering());
		Node other = this.world.start();
		CountDownLatch goOn = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.DISCOVERY, Answer.normally().processedAfter(goOn));
		CompletableFuture<BearerToken> late = node.ask(RefreshTrigger.EXPIRY);
		this.world.server.takeRequest(Endpoint.DISCOVERY, Duration.ofSeconds(20));
		String token = other.token();
		goOn.countDown();
		assertThat(RefreshWorld.tokenOf(await(late))).isEqualTo(token);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.ADOPTED);
	}

}
