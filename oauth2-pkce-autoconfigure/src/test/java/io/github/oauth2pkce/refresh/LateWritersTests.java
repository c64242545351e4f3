package io.github.oauth2pkce.refresh;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.RefreshTokenRotation;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** Writers that are late, that overlap, or that a store leads in circles. */
@Timeout(60)
class LateWritersTests {

	private final RefreshWorld world = new RefreshWorld();

	private final CountDownLatch goOn = new CountDownLatch(1);

	@AfterEach
	void close() {
		this.goOn.countDown();
		this.world.close();
	}

	/** Kotlin and Lombok know no checked exceptions, and stores are written in both. */
	@Test
	void checkedExceptionOfAStoreLosesNoToken() {
		this.world.withoutTimers = true;
		Node node = this.world.startExpired();
		this.world.store.onSave = () -> sneak(new IOException("connection reset"));
		String token = node.token();
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		this.world.store.onSave = () -> {
		};
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotEqualTo(token);
		assertThat(this.world.server.refreshesGranted()).isEqualTo(this.world.server.refreshRequests());
	}

	@Test
	void checkedExceptionOfAStoreIsAStoreErrorBeforeTheAnswer() {
		Node node = this.world.startExpired();
		this.world.store.onLoad = () -> sneak(new IOException("connection reset"));
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
	}

	/** Reads come from a replica that is behind, writes go to the primary. */
	@Test
	void storeThatRefusesTheGenerationThatItShowsIsNotAskedForEver() {
		this.world.withoutTimers = true;
		this.world.startExpired();
		AtomicInteger saves = new AtomicInteger();
		Node node = this.world.start(new ForwardingTokenStore(this.world.store) {
			@Override
			public boolean save(Credential credential, long expectedGeneration) {
				saves.incrementAndGet();
				return false;
			}
		}, this.world.provider);
		String token = node.token();
		assertThat(saves).hasValueLessThan(20);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
	}

	/** Node B reads what the failover brought back, and node A reads B's verdict. */
	@Test
	void verdictOnATokenOfBeforeAFailoverTakesNoLoginThatIsNewer() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		node.token();
		this.world.store.fallBackTo(before);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "spent"));
		assertThat(this.world.start().skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.stored().isRefreshTokenRejected()).isFalse();
	}

	@Test
	void verdictAfterAFailoverThatWasSeenTakesNoLoginThatIsNewer() {
		Node node = this.world.startExpired();
		Credential before = this.world.stored();
		node.token();
		this.world.store.fallBackTo(before);
		this.world.store.onSave = () -> {
			throw new TokenStoreException("read-only", null);
		};
		node.credentials.load(RefreshWorld.ID);
		this.world.store.heal();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "spent"));
		assertThat(this.world.start().skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
	}

	/** A server that does not rotate: the verdict is about the token that memory has. */
	@Test
	void verdictOnTheTokenInMemoryIsBelieved() {
		this.world.server.tokens().rotation(RefreshTokenRotation.STATIC);
		Node node = this.world.startExpired();
		node.token();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.server.endSessions();
		assertThat(this.world.start().skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		int requests = this.world.server.refreshRequests();
		assertThat(node.skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(this.world.server.refreshRequests()).isEqualTo(requests);
	}

	/** A connection that vanishes under the save: the spent token is not sent again. */
	@Test
	void flightAfterOneThatIsStuckInTheSaveUsesItsToken() {
		this.world.lockTimeout(Duration.ofMillis(200)).requestTimeout(Duration.ofSeconds(5));
		this.world.margin(Duration.ofMillis(-4800));
		this.world.startExpired();
		AtomicBoolean stuck = new AtomicBoolean();
		CountDownLatch reached = new CountDownLatch(1);
		Node node = this.world.start(new ForwardingTokenStore(this.world.store) {
			@Override
			public boolean save(Credential credential, long expectedGeneration) {
				if (stuck.compareAndSet(false, true)) {
					reached.countDown();
					await(LateWritersTests.this.goOn);
				}
				return super.save(credential, expectedGeneration);
			}

			/** As a lease that has run out. */
			@Override
			public Lock lock(CredentialId id, Duration timeout) {
				return () -> {
				};
			}
		}, this.world.provider);
		CompletableFuture<BearerToken> first = node.ask(RefreshTrigger.EXPIRY);
		await(reached);
		String token = callUntilThereIsAToken(node);
		assertThat(token).isEqualTo(this.world.stored().accessToken());
		this.goOn.countDown();
		await(first);
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
		assertThat(this.world.server.refreshesGranted()).isEqualTo(this.world.server.refreshRequests());
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
	}

	/** The answer to a save comes when the next flight has refreshed once more. */
	@Test
	void saveThatIsAnsweredLateReplacesNothingThatIsNewer() {
		this.world.lockTimeout(Duration.ofMillis(200)).requestTimeout(Duration.ofSeconds(5));
		this.world.margin(Duration.ofMillis(-4800));
		this.world.startExpired();
		AtomicBoolean stuck = new AtomicBoolean();
		CountDownLatch reached = new CountDownLatch(1);
		Node node = this.world.start(new ForwardingTokenStore(this.world.store) {
			@Override
			public boolean save(Credential credential, long expectedGeneration) {
				boolean saved = super.save(credential, expectedGeneration);
				if (stuck.compareAndSet(false, true)) {
					reached.countDown();
					await(LateWritersTests.this.goOn);
				}
				return saved;
			}

			/** As a lease that has run out. */
			@Override
			public Lock lock(CredentialId id, Duration timeout) {
				return () -> {
				};
			}
		}, this.world.provider);
		CompletableFuture<BearerToken> first = node.ask(RefreshTrigger.EXPIRY);
		await(reached);
		callUntilThereIsAToken(node);
		String token = RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL));
		this.goOn.countDown();
		await(first);
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.refreshesGranted()).isEqualTo(this.world.server.refreshRequests());
	}

	/** It has read the refresh token that another one has spent since. */
	@Test
	void flightThatWasStuckBeforeTheRequestSendsNothing() {
		this.world.lockTimeout(Duration.ofMillis(200)).requestTimeout(Duration.ofSeconds(5));
		this.world.margin(Duration.ofMillis(-4800));
		Node node = this.world.startExpired();
		AtomicBoolean stuck = new AtomicBoolean();
		CountDownLatch reached = new CountDownLatch(1);
		this.world.store.onCheckWritable = () -> {
			if (stuck.compareAndSet(false, true)) {
				reached.countDown();
				await(this.goOn);
			}
		};
		CompletableFuture<BearerToken> first = node.ask(RefreshTrigger.EXPIRY);
		await(reached);
		String token = callUntilThereIsAToken(node);
		this.goOn.countDown();
		await(first);
		assertThat(this.world.server.refreshRequests()).isOne();
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
	}

	private String callUntilThereIsAToken(Node node) {
		for (int call = 0; call < 100; call++) {
			BearerToken now = node.source.current("demo").block(Duration.ofSeconds(10));
			if (now instanceof BearerToken.Available available) {
				return available.accessToken();
			}
		}
		throw new AssertionError("There is never a token");
	}

	/** The person did not wait for the flight, and the store blinked. */
	@Test
	void refreshOfTheLoginOfBeforeDoesNotReplaceANewLoginThatIsNotSavedYet() {
		this.world.lockTimeout(Duration.ofMillis(200));
		this.world.withoutTimers = true;
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(this.goOn));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		Awaitility.await().until(() -> this.world.server.refreshesGranted() == 1);
		this.world.store.onSave = () -> {
			throw new TokenStoreException("away", null);
		};
		this.world.clock.advance(Duration.ofSeconds(1));
		node.login();
		String token = RefreshWorld.tokenOf(node.source.atHand("demo"));
		this.world.store.heal();
		this.goOn.countDown();
		await(flight);
		assertThat(node.token()).isEqualTo(token);
		this.world.clock.advance(Duration.ofSeconds(265));
		RefreshWorld.tokenOf(node.current(RefreshTrigger.MANUAL));
		assertThat(this.world.stored().loggedInAt()).isEqualTo(node.credentials.known(RefreshWorld.ID).loggedInAt());
	}

	/** And while it was away, the flight could not save either. */
	@Test
	void refreshThatCannotBeSavedDoesNotReplaceANewLoginThatIsNotSavedYet() {
		this.world.lockTimeout(Duration.ofMillis(200));
		this.world.withoutTimers = true;
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(this.goOn));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		Awaitility.await().until(() -> this.world.server.refreshesGranted() == 1);
		this.world.store.onSave = () -> {
			throw new TokenStoreException("away", null);
		};
		this.world.clock.advance(Duration.ofSeconds(1));
		node.login();
		String token = RefreshWorld.tokenOf(node.source.atHand("demo"));
		this.goOn.countDown();
		await(flight);
		this.world.store.heal();
		assertThat(node.token()).isEqualTo(token);
		node.credentials.saveUnsaved();
		Awaitility.await().until(() -> this.world.stored().accessToken().equals(token));
	}

	@Test
	void logoutDuringARefreshWinsAlsoWhenTheSaveFails() {
		this.world.lockTimeout(Duration.ofMillis(200));
		Node node = this.world.startExpired();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(this.goOn));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		Awaitility.await().until(() -> this.world.server.refreshesGranted() == 1);
		assertThat(node.credentials.forget(RefreshWorld.ID, (credential) -> {
		})).isTrue();
		this.world.store.onSave = () -> {
			throw new TokenStoreException("away", null);
		};
		this.goOn.countDown();
		await(flight);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		this.world.store.heal();
		node.credentials.saveUnsaved();
		Awaitility.await().until(() -> node.source.atHand("demo") == null);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@SuppressWarnings("unchecked")
	private static <E extends Exception> void sneak(Exception ex) throws E {
		throw (E) ex;
	}

}
