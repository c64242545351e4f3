package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.testing.Waiting;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** What listeners, executors and stores of other people do to a flight: nothing. */
@Timeout(60)
class ForeignCodeTests {

	private final RefreshWorld world = new RefreshWorld();

	private final CountDownLatch never = new CountDownLatch(1);

	@AfterEach
	void close() {
		this.never.countDown();
		this.world.close();
	}

	@Test
	void listenerThatNeverReturnsKeepsNobodyWaiting() {
		List<RefreshOutcome> heard = new CopyOnWriteArrayList<>();
		Node node = this.world.start(new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				await(ForeignCodeTests.this.never);
			}
		}, new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				heard.add(refresh.outcome());
			}
		}).login();
		for (int i = 1; i <= 40; i++) {
			this.world.clock.advance(RefreshWorld.LONG);
			assertThat(node.token()).isNotBlank();
		}
		Awaitility.await().until(() -> heard.size() == 40);
	}

	@Test
	void listenerMayAskForATokenOfTheSameProvider() {
		CompletableFuture<BearerToken> answer = new CompletableFuture<>();
		AtomicInteger calls = new AtomicInteger();
		Node[] nodes = new Node[1];
		nodes[0] = this.world.start(new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				if (calls.getAndIncrement() == 0) {
					answer.complete(nodes[0].current());
				}
			}
		}).login();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.server.endSessions();
		assertThat(nodes[0].skip()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(RefreshWorld.skipOf(await(answer))).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

	@Test
	void listenerMayLogOut() {
		CompletableFuture<Boolean> forgotten = new CompletableFuture<>();
		Node[] nodes = new Node[1];
		nodes[0] = this.world.start(new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				forgotten.complete(nodes[0].credentials.forget(RefreshWorld.ID, (credential) -> {
				}));
			}
		}).login();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(nodes[0].current()).isInstanceOf(BearerToken.Available.class);
		assertThat(await(forgotten)).isTrue();
		assertThat(nodes[0].skip()).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void errorOfOneListenerIsNotTheFlightsAndNotTheOthers() {
		Node node = this.world.start(new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				throw new NoSuchMethodError("of another version");
			}

			@Override
			public void storeFailed(CredentialId id, String operation, Exception failure) {
				throw new NoClassDefFoundError("of a jar that was replaced");
			}
		}).login();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.store.onSave = () -> {
			throw new IllegalStateException("away");
		};
		String token = node.token();
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
		assertThat(node.storeFailures()).contains("save");
		assertThat(node.status().nextAttemptAt()).as("no backoff after a success").isNull();
		this.world.store.heal();
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotEqualTo(token);
	}

	@Test
	void listenersAreToldWhenCallersHaveTheirAnswerAndLocksAreFree() {
		CompletableFuture<BearerToken> caller = new CompletableFuture<>();
		CompletableFuture<Boolean> answeredBefore = new CompletableFuture<>();
		Node node = this.world.start(new RefreshListener() {
			@Override
			public void refreshed(Refresh refresh) {
				// The caller goes on although this listener waits for it.
				caller.join();
				answeredBefore.complete(true);
			}
		}).login();
		this.world.clock.advance(RefreshWorld.LONG);
		caller.complete(node.current());
		assertThat(await(answeredBefore)).isTrue();
	}

	/** As the kernel does it to a container at its limit of processes. */
	@Test
	void threadThatCannotBeStartedCostsOneAnswer() {
		Node node = this.world.startExpired();
		this.world.onExecute = () -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.afterRejection("some-token")).isInstanceOf(BearerToken.Skipped.class);
		this.world.onExecute = () -> {
		};
		assertThat(node.token()).isNotBlank();
	}

	@Test
	void refreshAheadThatCannotBeStartedCostsNoTokenThatWorks() {
		Node node = this.world.start().login();
		String token = node.token();
		this.world.clock.advance(Duration.ofSeconds(265));
		this.world.onExecute = () -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		assertThat(node.source.atHand("demo")).isEqualTo(BearerToken.Available.of(token));
		assertThat(node.token()).isEqualTo(token);
	}

	/** A firewall that drops a connection without a word, under a driver without end. */
	@Test
	void flightThatIsStuckInTheStoreIsNotJoinedForEver() {
		this.world.lockTimeout(Duration.ofMillis(200)).requestTimeout(Duration.ofSeconds(5));
		this.world.margin(Duration.ofMillis(-4800));
		Node node = this.world.startExpired();
		AtomicBoolean stuck = new AtomicBoolean();
		CountDownLatch reached = new CountDownLatch(1);
		this.world.store.onLoad = () -> {
			if (stuck.compareAndSet(false, true)) {
				reached.countDown();
				await(this.never);
			}
		};
		CompletableFuture<BearerToken> first = node.ask(RefreshTrigger.EXPIRY);
		await(reached);
		String token = null;
		for (int call = 0; token == null && call < 100; call++) {
			BearerToken now = node.source.current("demo").block(Duration.ofSeconds(10));
			token = (now instanceof BearerToken.Available available) ? available.accessToken() : null;
		}
		assertThat(token).isNotNull().isEqualTo(this.world.stored().accessToken());
		this.never.countDown();
		assertThat(await(first)).isEqualTo(BearerToken.Available.of(token));
		assertThat(this.world.server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void storeThatHangsAtTheSaveIsNotAskedFourTimes() {
		Node node = this.world.startExpired();
		AtomicInteger saves = new AtomicInteger();
		CountDownLatch passed = new CountDownLatch(1);
		this.world.withoutTimers = true;
		this.world.store.onSave = () -> {
			if (saves.incrementAndGet() == 1) {
				// In earnest: a command timeout.
				pause(passed, Duration.ofMillis(2100));
			}
			throw new IllegalStateException("command timed out");
		};
		assertThat(node.token()).isNotBlank();
		assertThat(saves).hasValue(1);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.PERSIST_FAILED);
	}

	@Test
	void loginStoredForAnotherEndpointCostsNoLockForEachCall() {
		this.world.startExpired();
		this.world.server.discovery().document().put("token_endpoint", this.world.server.uri("/api/token").toString());
		AtomicInteger probes = new AtomicInteger();
		this.world.store.onCheckWritable = probes::incrementAndGet;
		AtomicInteger locks = new AtomicInteger();
		this.world.store.onLock = locks::incrementAndGet;
		Node node = this.world.start(this.world.store, this.world.discovering());
		for (int call = 0; call < 500; call++) {
			assertThat(node.skip()).isEqualTo(SkipReason.NO_TOKEN);
		}
		assertThat(locks).hasValue(1);
		assertThat(probes).hasValue(0);
		assertThat(node.credentials.load(RefreshWorld.ID).needsPerson()).as("logInIfNeeded asks").isTrue();
	}

	@Test
	void resourceThatRejectsAThousandAtOnceCostsOneReadOfTheStore() {
		Node node = this.world.start().login();
		String token = node.token();
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "600"));
		node.afterRejection(token);
		CountDownLatch reading = new CountDownLatch(1);
		this.world.store.onLoad = () -> await(reading);
		int loads = this.world.store.loads.get();
		List<CompletableFuture<BearerToken>> asked = new CopyOnWriteArrayList<>();
		for (int call = 0; call < 1000; call++) {
			asked.add(node.source.afterRejection("demo", BearerToken.Available.of(token)).toFuture());
		}
		reading.countDown();
		asked.forEach(Waiting::await);
		assertThat(this.world.store.loads.get() - loads).isEqualTo(1);
	}

	@Test
	void grantThatThrowsIsNotAskedByEachCall() {
		AtomicInteger asked = new AtomicInteger();
		MachineGrant broken = new MachineGrant() {
			@Override
			public Grant grant() {
				return Grant.CLIENT_CREDENTIALS;
			}

			@Override
			public TokenResponse obtain(Provider provider, URI tokenEndpoint, PresentedTokens tokens) {
				asked.incrementAndGet();
				throw new IllegalStateException("broken");
			}
		};
		Credentials credentials = builder(TestProviders.machine(this.world.server).build())
			.machineGrants(List.of(broken))
			.clock(this.world.clock)
			.build();
		for (int call = 0; call < 3; call++) {
			assertThat(await(credentials.current(RefreshWorld.MACHINE, RefreshTrigger.EXPIRY)))
				.isInstanceOf(BearerToken.Skipped.class);
		}
		assertThat(asked).hasValue(1);
		assertThat(credentials.status(RefreshWorld.MACHINE))
			.extracting(CredentialStatus::lastError, CredentialStatus::lastOutcome)
			.containsExactly("internal_error", RefreshOutcome.TRANSIENT);
	}

	@Test
	void clockThatFailsOnceATokenIsSavedCausesNoBackoff() {
		AtomicBoolean broken = new AtomicBoolean();
		Credentials credentials = builder(this.world.provider).store(this.world.store).clocks(this.world.clock, () -> {
			if (broken.getAndSet(false)) {
				throw new IllegalStateException("broken");
			}
			return this.world.clock.instant();
		}).build();
		this.world.startExpired();
		this.world.store.onSave = () -> broken.set(true);
		await(credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
		assertThat(this.world.server.refreshesGranted()).isOne();
		assertThat(credentials.status(RefreshWorld.ID).nextAttemptAt()).isNull();
		BearerToken token = await(credentials.current(RefreshWorld.ID, RefreshTrigger.EXPIRY));
		assertThat(token).isEqualTo(BearerToken.Available.of(this.world.stored().accessToken()));
	}

	private CredentialsBuilder builder(Provider provider) {
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(10));
		return Credentials.builder(new Providers(List.of(provider)), new TokenEndpoint(client),
				new Discovery(client, this.world.clock));
	}

	private static void pause(CountDownLatch latch, Duration time) {
		try {
			latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
