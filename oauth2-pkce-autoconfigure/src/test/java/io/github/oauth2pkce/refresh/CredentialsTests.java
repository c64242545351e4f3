package io.github.oauth2pkce.refresh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.token.TokenResponse;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Logins, logouts, restarts and other processes. */
@Timeout(120)
class CredentialsTests {

	private final RefreshWorld world = new RefreshWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// Two processes.

	@Test
	void twoProcessesRefreshOncePerRoundOverFiftyRounds(@TempDir Path directory) {
		// Reuse detection is on: one double use would end the login.
		TokenStore firstStore = new FileTokenStore(directory, null, List.of());
		TokenStore secondStore = new FileTokenStore(directory, null, List.of());
		Node first = this.world.start(firstStore, this.world.provider).login();
		Node second = this.world.start(secondStore, this.world.provider);
		for (int round = 1; round <= 50; round++) {
			this.world.clock.advance(RefreshWorld.LONG);
			CompletableFuture<BearerToken> one = first.ask(RefreshTrigger.EXPIRY);
			CompletableFuture<BearerToken> two = second.ask(RefreshTrigger.EXPIRY);
			assertThat(RefreshWorld.tokenOf(await(one))).isEqualTo(RefreshWorld.tokenOf(await(two)));
			assertThat(this.world.server.refreshRequests()).as("round " + round).isEqualTo(round);
		}
	}

	@Test
	void adoptsWhatAnotherProcessRefreshed() {
		Node node = this.world.startExpired();
		Node other = this.world.start();
		String token = other.token();
		assertThat(node.token()).isEqualTo(token);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.ADOPTED);
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void processWithAnOlderTokenUsesItToItsEndAndOverwritesNothing() {
		Node node = this.world.start().login();
		String older = node.token();
		String newer = RefreshWorld.tokenOf(this.world.start().current(RefreshTrigger.MANUAL));
		assertThat(node.token()).isEqualTo(older).isNotEqualTo(newer);
		assertThat(this.world.stored().accessToken()).isEqualTo(newer);
		this.world.clock.advance(RefreshWorld.LONG);
		node.token();
		assertThat(this.world.server.refreshesGranted()).isEqualTo(2);
	}

	@Test
	void restartKeepsTheLogin(@TempDir Path directory) {
		String token = this.world.start(new FileTokenStore(directory, null, List.of()), this.world.provider)
			.login()
			.token();
		Node restarted = this.world.start(new FileTokenStore(directory, null, List.of()), this.world.provider);
		assertThat(restarted.token()).isEqualTo(token);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(restarted.token()).isNotEqualTo(token);
	}

	@Test
	void usersDoNotShareCredentials() {
		Node node = this.world.start();
		CredentialId alice = new CredentialId("demo", "alice");
		CredentialId bob = new CredentialId("demo", "bob");
		TokenResponse response = TestLogins.device(this.world.server, this.world.provider);
		node.credentials.loggedIn(alice, this.world.server.uri(Endpoint.TOKEN), response);
		assertThat(await(node.credentials.current(alice, RefreshTrigger.EXPIRY)))
			.isEqualTo(BearerToken.Available.of(response.accessToken()));
		assertThat(RefreshWorld.skipOf(await(node.credentials.current(bob, RefreshTrigger.EXPIRY))))
			.isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void unknownProviderIsAnError() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.world.start().credentials.status(CredentialId.ofApplication("nobody")))
			.withMessageContaining("nobody");
	}

	// State before the first use.

	@Test
	void nothingIsKnownBeforeTheFirstReading() {
		assertThat(this.world.start().state()).isEqualTo(AuthorizationState.UNKNOWN);
	}

	@Test
	void loadTellsTheStateWithoutNetwork() {
		Node node = this.world.start();
		assertThat(node.credentials.load(RefreshWorld.ID)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		this.world.startExpired();
		int requests = this.world.server.requests().size();
		assertThat(this.world.start().credentials.load(RefreshWorld.ID)).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.world.server.requests()).hasSize(requests);
	}

	@Test
	void loadOfAStoreThatFailsIsUnknown() {
		Node node = this.world.start();
		this.world.store.onLoad = () -> {
			throw new TokenStoreException("down", null);
		};
		assertThat(node.credentials.load(RefreshWorld.ID)).isEqualTo(AuthorizationState.UNKNOWN);
		assertThat(node.storeFailures()).containsExactly("load");
	}

	@Test
	void slowLoadDoesNotBringBackWhatWasForgottenMeanwhile() throws Exception {
		Node node = this.world.start().login();
		CountDownLatch read = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicBoolean first = new AtomicBoolean(true);
		this.world.store.afterLoad = () -> {
			if (first.getAndSet(false)) {
				read.countDown();
				await(goOn);
			}
		};
		CompletableFuture<AuthorizationState> load = CompletableFuture
			.supplyAsync(() -> node.credentials.load(RefreshWorld.ID));
		await(read);
		node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		goOn.countDown();
		assertThat(await(load)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(node.source.atHand("demo")).isNull();
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void slowReadingOfAFlightDoesNotBringBackWhatWasForgottenMeanwhile() {
		this.world.start().login();
		Node node = this.world.start();
		CountDownLatch read = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicBoolean first = new AtomicBoolean(true);
		this.world.store.afterLoad = () -> {
			if (first.getAndSet(false)) {
				read.countDown();
				await(goOn);
			}
		};
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		await(read);
		CompletableFuture<Boolean> logout = CompletableFuture
			.supplyAsync(() -> node.credentials.forget(RefreshWorld.ID, (credential) -> {
			}));
		try {
			// Either it may not begin yet, or it is done: both are right.
			logout.get(200, TimeUnit.MILLISECONDS);
		}
		catch (Exception ex) {
			assertThat(logout).isNotDone();
		}
		goOn.countDown();
		await(flight);
		assertThat(await(logout)).isTrue();
		assertThat(node.source.atHand("demo")).isNull();
		assertThat(node.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
	}

	// Login.

	@Test
	void loginIsStoredBeforeItIsUsed() {
		Node node = this.world.start();
		this.world.store.onSave = () -> assertThat(node.source.atHand("demo")).isNull();
		node.login();
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(this.world.stored().accessToken()));
	}

	@Test
	void loginThatCannotBeStoredIsServedFromMemoryAndStoredLater() {
		Node node = this.world.start();
		this.world.store.onSave = () -> {
			throw new TokenStoreException("disk full", null);
		};
		node.login();
		String token = node.token();
		assertThat(node.status().lastError()).isEqualTo("store_error");
		CountDownLatch saved = new CountDownLatch(1);
		this.world.store.onSave = saved::countDown;
		await(saved);
		Awaitility.await().until(() -> node.status().lastError() == null);
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotEqualTo(token);
		assertThat(this.world.start().token()).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void loginAfterAnUnsavedRefreshOfTheSameInstantIsWhatCallersGet() {
		Node node = this.world.startExpired();
		this.world.store.onSave = () -> {
			throw new TokenStoreException("disk full", null);
		};
		String refreshed = node.token();
		this.world.store.heal();
		node.login();
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken()).isNotEqualTo(refreshed);
	}

	@Test
	void loginIsNotLostWhenTheLockCannotBeUsed() {
		Node node = this.world.start();
		this.world.store.onLock = () -> {
			throw new IllegalStateException("driver");
		};
		node.login();
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void loginIsServedFromMemoryWhenTheStoreNeitherReadsNorWritesItsRecord() {
		this.world.start().login();
		Node node = this.world.start();
		this.world.store.onLoad = () -> {
			throw new TokenStoreException("other key", null);
		};
		node.login();
		assertThat(node.token()).isNotBlank();
		assertThat(node.status().lastError()).isEqualTo("store_error");
	}

	@Test
	void loginReplacesWhatAStoreThatWasAwayHasKept() {
		Node node = this.world.startExpired();
		this.world.clock.advance(Duration.ofSeconds(1));
		this.world.store.fail();
		node.login();
		String token = node.token();
		CountDownLatch saved = new CountDownLatch(1);
		this.world.store.onSave = saved::countDown;
		this.world.store.onLoad = () -> {
		};
		await(saved);
		Awaitility.await().until(() -> node.status().lastError() == null);
		assertThat(this.world.stored().accessToken()).isEqualTo(token);
		assertThat(this.world.start().token()).isEqualTo(token);
	}

	@Test
	void loginThatAStoreCouldNotTakeIsRefreshedWhenItIsBack() {
		Node node = this.world.startExpired();
		this.world.clock.advance(Duration.ofSeconds(1));
		this.world.store.fail();
		this.world.server.endSessions();
		node.login();
		String token = node.token();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.store.heal();
		assertThat(node.token()).isNotEqualTo(token).isEqualTo(this.world.stored().accessToken());
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.REFRESHED);
	}

	@Test
	void laterLoginOfAnotherProcessIsNotReplacedByOneThatAStoreCouldNotTake() {
		Node node = this.world.startExpired();
		this.world.store.fail();
		node.login();
		this.world.clock.advance(Duration.ofSeconds(1));
		this.world.store.heal();
		Node other = this.world.start().login();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(other.token()).isEqualTo(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void loginOnAThreadThatIsBeingStoppedIsStored(@TempDir Path directory) {
		TokenStore store = new FileTokenStore(directory, null, List.of());
		Node node = this.world.start(store, this.world.provider).login();
		TokenResponse second = TestLogins.device(this.world.server, this.world.provider);
		Thread.currentThread().interrupt();
		node.credentials.loggedIn(RefreshWorld.ID, this.world.server.uri(Endpoint.TOKEN), second);
		assertThat(Thread.interrupted()).isTrue();
		assertThat(store.load(RefreshWorld.ID).accessToken()).isEqualTo(second.accessToken());
	}

	@Test
	void loginDuringARefreshWins() {
		Node node = this.world.startExpired();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(5));
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(5));
		Node other = this.world.start().login();
		answer.countDown();
		assertThat(RefreshWorld.tokenOf(await(flight))).isEqualTo(other.token());
		assertThat(this.world.stored().accessToken()).isEqualTo(other.token());
	}

	// Logout.

	@Test
	void logoutForgetsAndHandsOverWhatToRevoke() {
		Node node = this.world.start().login();
		Credential stored = this.world.stored();
		AtomicReference<Credential> revoked = new AtomicReference<>();
		assertThat(node.credentials.forget(RefreshWorld.ID, revoked::set)).isTrue();
		assertThat(revoked).hasValue(stored);
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(node.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(this.world.store.load(RefreshWorld.ID)).isNull();
		assertThat(node.credentials.forget(RefreshWorld.ID, revoked::set)).isFalse();
	}

	@Test
	void logoutOfThisProcessDuringARefreshWins() {
		Node node = this.world.startExpired();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		AtomicReference<Credential> revoked = new AtomicReference<>();
		CompletableFuture<Boolean> logout = CompletableFuture
			.supplyAsync(() -> node.credentials.forget(RefreshWorld.ID, revoked::set));
		answer.countDown();
		await(flight);
		assertThat(await(logout)).isTrue();
		assertThat(this.world.store.load(RefreshWorld.ID)).isNull();
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void logoutOfAnotherProcessDuringARefreshWins() {
		Node node = this.world.startExpired();
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		CompletableFuture<BearerToken> flight = node.ask(RefreshTrigger.EXPIRY);
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(5));
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(5));
		assertThat(this.world.start().credentials.forget(RefreshWorld.ID, (credential) -> {
		})).isTrue();
		answer.countDown();
		assertThat(RefreshWorld.skipOf(await(flight))).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(RefreshWorld.ID)).isNull();
		assertThat(node.state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
	}

	@Test
	void logoutForgetsWhatCouldNotBeSavedToo() {
		Node node = this.world.startExpired();
		this.world.store.onSave = () -> {
			throw new TokenStoreException("disk full", null);
		};
		String unsaved = node.token();
		AtomicReference<Credential> revoked = new AtomicReference<>();
		assertThat(node.credentials.forget(RefreshWorld.ID, revoked::set)).isTrue();
		assertThat(revoked.get().accessToken()).isEqualTo(unsaved);
		this.world.store.heal();
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(RefreshWorld.ID)).isNull();
	}

	@Test
	void logoutWhileTheStoreIsAwayStopsTheBearerAndIsAnError() {
		Node node = this.world.start().login();
		Credential stored = this.world.stored();
		this.world.store.fail();
		AtomicReference<Credential> revoked = new AtomicReference<>();
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> node.credentials.forget(RefreshWorld.ID, revoked::set));
		assertThat(revoked).hasValue(stored);
		assertThat(node.source.atHand("demo")).isNull();
		assertThat(node.skip()).isEqualTo(SkipReason.STORE_ERROR);
	}

	@Test
	void logoutWhileTheStoreIsAwayForgetsALoginThatItCouldNotTake() {
		Node node = this.world.start();
		this.world.store.fail();
		node.login();
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> node.credentials.forget(RefreshWorld.ID, (credential) -> {
			}));
		this.world.store.heal();
		assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(RefreshWorld.ID)).isNull();
	}

	@Test
	void logoutThatTheStoreRefusesIsAnError() {
		Node node = this.world.start().login();
		this.world.store.onRemove = () -> {
			throw new IllegalStateException("driver");
		};
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> node.credentials.forget(RefreshWorld.ID, (credential) -> {
			}));
		assertThat(node.storeFailures()).containsExactly("remove");
	}

}
