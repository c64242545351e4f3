package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.TestCredentials;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** Nodes that share a database or a Redis, and a server that detects reuse. */
@Timeout(120)
class SharedStoreRefreshTests {

	private final RefreshWorld world = new RefreshWorld().lockTimeout(Duration.ofSeconds(30));

	@AfterEach
	void close() {
		this.world.close();
	}

	@ParameterizedTest
	@EnumSource
	void twoNodesRefreshOncePerRoundOverFiftyRounds(Server server) {
		SharedStores stores = server.stores();
		Node first = this.world.start(stores.open(), this.world.provider).login();
		Node second = this.world.start(stores.open(), this.world.provider);
		for (int round = 1; round <= 50; round++) {
			this.world.clock.advance(RefreshWorld.LONG);
			CompletableFuture<BearerToken> one = first.ask(RefreshTrigger.EXPIRY);
			CompletableFuture<BearerToken> two = second.ask(RefreshTrigger.EXPIRY);
			assertThat(RefreshWorld.tokenOf(await(one))).isEqualTo(RefreshWorld.tokenOf(await(two)));
			assertThat(this.world.server.refreshRequests()).as("round " + round).isEqualTo(round);
		}
	}

	@ParameterizedTest
	@EnumSource
	void nodeThatWasPausedDoesNotSpendTheRefreshTokenAgain(Server server) throws Exception {
		SharedStores stores = server.stores();
		PausedStore paused = new PausedStore(stores.open(Duration.ofSeconds(1)));
		Node first = this.world.start(paused, this.world.provider).login();
		Node second = this.world.start(stores.open(), this.world.provider);
		this.world.clock.advance(RefreshWorld.LONG);
		paused.armed = true;
		CompletableFuture<BearerToken> late = first.ask(RefreshTrigger.EXPIRY);
		await(paused.reached);
		String token = second.token();
		paused.goOn.countDown();
		assertThat(RefreshWorld.tokenOf(await(late))).isEqualTo(token);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
		assertThat(first.outcomes()).containsExactly(RefreshOutcome.ADOPTED);
	}

	@ParameterizedTest
	@EnumSource
	void logoutOfOneNodeIsNotUndoneByTheOther(Server server) throws Exception {
		SharedStores stores = server.stores();
		Node first = this.world.start(stores.open(), this.world.provider).login();
		Node second = this.world.start(stores.open(), this.world.provider);
		second.token();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(first.credentials.forget(RefreshWorld.ID, (credential) -> {
		})).isTrue();
		assertThat(second.current()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(stores.open().load(RefreshWorld.ID)).isNull();
		assertThat(this.world.server.refreshRequests()).isZero();
	}

	/** During a rollout, a person may have logged in to both versions. */
	@ParameterizedTest
	@EnumSource
	void logoutForgetsTheLoginOfAVersionWithoutNamespaces(Server server) {
		SharedStores stores = server.stores();
		Node node = this.world.start(stores.open(), this.world.provider).login();
		TokenStore before = stores.openBefore();
		Credential newer = stores.open().load(RefreshWorld.ID);
		Credential older = TestCredentials.credential().id(RefreshWorld.ID).generation(7).build();
		assertThat(before.save(older, Credential.NONE)).isTrue();
		List<Credential> revoked = new ArrayList<>();
		assertThat(node.credentials.forget(RefreshWorld.ID, revoked::add)).isTrue();
		assertThat(revoked).containsExactly(newer, older);
		assertThat(node.credentials.load(RefreshWorld.ID)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(before.load(RefreshWorld.ID)).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void logoutDoesNotFailForALoginOfBeforeUnderAnotherKey(Server server) {
		SharedStores stores = server.stores();
		Node node = this.world.start(stores.open(), this.world.provider).login();
		TokenStore before = stores.openBeforeWithAnotherKey();
		Credential older = TestCredentials.credential().id(RefreshWorld.ID).generation(7).build();
		assertThat(before.save(older, Credential.NONE)).isTrue();
		List<Credential> revoked = new ArrayList<>();
		assertThat(node.credentials.forget(RefreshWorld.ID, revoked::add)).isTrue();
		assertThat(revoked).hasSize(1);
		assertThat(before.load(RefreshWorld.ID)).isEqualTo(older);
	}

	/** What nodes share. */
	enum Server {

		POSTGRESQL, REDIS, H2;

		SharedStores stores() {
			return switch (this) {
				case POSTGRESQL -> SharedStores.postgres();
				case REDIS -> SharedStores.redis();
				case H2 -> SharedStores.h2();
			};
		}

	}

	/** Stops once it has the lock, like its process: nothing is renewed any more. */
	private static final class PausedStore extends ForwardingTokenStore {

		private final TokenStore store;

		private final CountDownLatch reached = new CountDownLatch(1);

		private final CountDownLatch goOn = new CountDownLatch(1);

		private volatile boolean armed;

		private PausedStore(TokenStore store) {
			super(store);
			this.store = store;
		}

		@Override
		public void checkWritable(CredentialId id) {
			if (this.armed) {
				try {
					((AutoCloseable) this.store).close();
					this.reached.countDown();
					assertThat(this.goOn.await(60, TimeUnit.SECONDS)).isTrue();
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
			}
			super.checkWritable(id);
		}

	}

}
