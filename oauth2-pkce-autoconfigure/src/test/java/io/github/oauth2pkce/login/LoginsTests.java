package io.github.oauth2pkce.login;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.login.LoginWorld.Application;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.testing.Waiting.await;
import static io.github.oauth2pkce.login.LoginWorld.DEMO;
import static io.github.oauth2pkce.login.LoginWorld.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** One running login for each credential, and how each ends. */
@Timeout(60)
class LoginsTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private final LoginWorld world = new LoginWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// One line.

	@Test
	void loginInOneLineReturnsWhenTheTokensAreStored() {
		this.world.server.device().approveAtOnce();
		Application application = this.world.start();
		application.logins().logIn("demo");
		assertThat(stored().refreshToken()).isNotBlank();
	}

	@Test
	void loginInOneLineThrowsWhatAPersonCanRead() {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "access_denied", null));
		Application application = this.world.start();
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> application.logins().logIn("demo"))
			.withMessage("The login was denied")
			.satisfies((ex) -> assertThat(ex.outcome()).isEqualTo(LoginOutcome.DENIED));
	}

	@Test
	void loginIfNeededAsksNobodyWhileTheStoredOneWorks() throws Exception {
		this.world.start().loggedIn(this.world);
		Application restarted = this.world.start();
		int requests = this.world.server.requests().size();
		this.world.clock.advance(Duration.ofHours(1));
		assertThat(restarted.logins().logInIfNeeded("demo")).isFalse();
		assertThat(this.world.server.requests()).hasSize(requests);
		restarted.logout().forget(DEMO);
		assertThat(restarted.logins().logInIfNeeded("demo")).isTrue();
	}

	@Test
	void reactiveLoginCompletesOrFailsAndItsCancellationCancelsNothing() throws Exception {
		CountDownLatch polling = this.world.holdPolling();
		this.world.server.device().approveAtOnce();
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		login.toMono().subscribe().dispose();
		polling.countDown();
		StepVerifier.create(login.toMono()).expectComplete().verify(SOON);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "expired_token", null));
		StepVerifier.create(application.logins().start("demo").toMono())
			.expectErrorMatches(
					(ex) -> ex instanceof LoginException failure && failure.outcome() == LoginOutcome.EXPIRED)
			.verify(SOON);
	}

	@Test
	void interruptEndsTheWaitingAndNotTheLogin() throws Exception {
		CountDownLatch polling = this.world.holdPolling();
		this.world.server.device().approveAtOnce();
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LoginException.class).isThrownBy(login::join)
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("interrupted"));
		assertThat(Thread.interrupted()).isTrue();
		polling.countDown();
		await(login.completion());
	}

	@Test
	void promptIsToldTheEndOfItsLogin() throws Exception {
		List<String> told = new CopyOnWriteArrayList<>();
		this.world.prompt = new UserCodePrompt() {

			@Override
			public void prompt(UserCode userCode) {
				told.add("prompt");
			}

			@Override
			public void ended(UserCode userCode, @Nullable RuntimeException failure) {
				told.add((failure != null) ? String.valueOf(failure.getMessage()) : "logged in");
				throw new IllegalStateException("A prompt that breaks");
			}

		};
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "access_denied", null));
		Application application = this.world.start();
		assertThat(failureOf(application.logins().start("demo").completion()).outcome()).isEqualTo(LoginOutcome.DENIED);
		this.world.server.device().approveAtOnce();
		await(application.logins().start("demo").completion());
		assertThat(told).containsExactly("prompt", "The login was denied", "prompt", "logged in");
	}

	@Test
	void listenersHearOfTheEndBeforeTheApplicationEnds() throws Exception {
		this.world.holdPolling();
		Application application = this.world.start();
		await(application.logins().start("demo").shown());
		application.logins().close();
		assertThat(this.world.told()).endsWith("ended cancelled");
	}

	@Test
	void listenerThatNeverReturnsKeepsNobodyWaiting() throws Exception {
		this.world.events.onEnd = () -> await(this.world.hold());
		Application application = this.world.start().loggedIn(this.world);
		application.loggedIn(this.world).logins().close();
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	// Success.

	@Test
	void tokensOfALoginAreStoredAndInUse() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		Credential stored = stored();
		assertThat(stored.refreshToken()).isNotBlank();
		assertThat(application.bearer()).isEqualTo(BearerToken.Available.of(stored.accessToken()));
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(application.logins().running(DEMO)).isNull();
	}

	@Test
	void tokensAreStoredAndWhoeverWaitsIsAnsweredBeforeListenersHearOfTheEnd() throws Exception {
		AtomicReference<Object> atTheEnd = new AtomicReference<>();
		CompletableFuture<Void> answered = new CompletableFuture<>();
		this.world.events.onEnd = () -> {
			answered.join();
			atTheEnd.set(this.world.store.load(DEMO));
		};
		this.world.start().loggedIn(this.world);
		answered.complete(null);
		assertThat(this.world.ends()).hasSize(1);
		assertThat(atTheEnd.get()).isEqualTo(stored());
	}

	@Test
	void listenersAreToldInOrder() throws Exception {
		// The prompt is on a thread of its own, and may come later than the second wait.
		this.world.time.onWait(2,
				() -> this.world.server.approve(this.world.server.takeUserCode(Duration.ofSeconds(10))));
		await(this.world.start().logins().start("demo").completion());
		assertThat(this.world.told()).containsExactly("started demo", "code " + this.world.prompts.get(0).userCode(),
				"polled pending", "polled success", "ended success");
		assertThat(this.world.ends().get(0).errorCode()).isNull();
		assertThat(this.world.ends().get(0).message()).isNull();
		assertThat(this.world.ends().get(0).saved()).isTrue();
		assertThat(this.world.ends().get(0).grant()).isEqualTo(Grant.DEVICE_CODE);
	}

	@Test
	void codeIsShownWhileTheLoginRuns() throws Exception {
		this.world.holdPolling();
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		Login.Shown shown = await(login.shown());
		assertThat(shown.userCode().userCode()).isEqualTo(this.world.server.takeUserCode(SOON));
		assertThat(shown.expiresAt()).isBetween(this.world.clock.instant().plusSeconds(590),
				this.world.clock.instant().plusSeconds(600));
		assertThat(login.id()).isEqualTo(DEMO);
		assertThat(application.logins().running(DEMO)).isSameAs(login);
		assertThat(login.completion()).isNotDone();
	}

	@Test
	void newLoginClearsARememberedRejection() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		this.world.store.save(stored().rejected("invalid_grant", this.world.clock.instant()), stored().generation());
		this.world.clock.advance(Duration.ofHours(1));
		application = this.world.start();
		assertThat(application.credentials().load(DEMO)).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		application.loggedIn(this.world);
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(stored().isRefreshTokenRejected()).isFalse();
		this.world.clock.advance(Duration.ofHours(1));
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void storeThatFailsDoesNotCostThePersonTheLogin() throws Exception {
		this.world.store.onSave = () -> {
			throw new TokenStoreException("The disk is full", null);
		};
		Application application = this.world.start().loggedIn(this.world);
		assertThat(this.world.store.load(DEMO)).isNull();
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(application.credentials().status(DEMO).lastError()).isEqualTo("store_error");
		assertThat(this.world.told()).endsWith("ended success");
		assertThat(this.world.ends().get(0).saved()).isFalse();
	}

	@Test
	void promptThatCaresIsToldThatALoginIsNotSaved() throws Exception {
		List<String> told = new CopyOnWriteArrayList<>();
		this.world.prompt = new UserCodePrompt() {

			@Override
			public void prompt(UserCode userCode) {
			}

			@Override
			public void ended(UserCode userCode, @Nullable RuntimeException failure) {
				told.add("ended");
			}

			@Override
			public void endedUnsaved(UserCode userCode) {
				told.add("unsaved");
				UserCodePrompt.super.endedUnsaved(userCode);
			}

		};
		Application application = this.world.start().loggedIn(this.world);
		this.world.store.onSave = () -> {
			throw new TokenStoreException("The disk is full", null);
		};
		application.loggedIn(this.world);
		assertThat(told).containsExactly("ended", "unsaved", "ended");
	}

	// One at a time.

	@Test
	void thereIsOneRunningLoginHoweverManyAskForIt() throws Exception {
		CountDownLatch polling = this.world.holdPolling();
		Application application = this.world.start();
		CountDownLatch ready = new CountDownLatch(64);
		CountDownLatch go = new CountDownLatch(1);
		Set<Login> logins = ConcurrentHashMap.newKeySet();
		List<Thread> threads = IntStream.range(0, 64).mapToObj((number) -> new Thread(() -> {
			ready.countDown();
			await(go);
			logins.add(application.logins().start("demo"));
		})).toList();
		threads.forEach(Thread::start);
		ready.await();
		go.countDown();
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(logins).hasSize(1);
		Login login = logins.iterator().next();
		this.world.server.approve(await(login.shown()).userCode().userCode());
		polling.countDown();
		await(login.completion());
		assertThat(this.world.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
		assertThat(this.world.prompts).hasSize(1);
	}

	@Test
	void loginAfterTheEndOfAnotherIsANewOneWithANewProofKey() throws Exception {
		Application application = this.world.start();
		this.world.server.device().approveAtOnce();
		Login first = application.logins().start("demo");
		await(first.completion());
		Login second = application.logins().start("demo");
		await(second.completion());
		assertThat(second).isNotSameAs(first);
		assertThat(this.world.server.requests(Endpoint.TOKEN)).extracting((poll) -> poll.parameter("code_verifier"))
			.doesNotHaveDuplicates()
			.hasSize(2);
	}

	@Test
	void loginsOfProvidersAndOfUsersRunBesideEachOther() throws Exception {
		this.world.holdPolling();
		Application application = this.world.start(this.world.provider("demo").build(),
				this.world.provider("other").build());
		Set<Login> logins = Set.of(application.logins().start("demo"), application.logins().start("other"),
				application.logins().start(new CredentialId("demo", "alice")),
				application.logins().start(new CredentialId("demo", "bob")));
		Set<String> codes = new HashSet<>();
		for (Login login : logins) {
			codes.add(await(login.shown()).userCode().userCode());
		}
		assertThat(codes).hasSize(4);
	}

	// Refusals and failures.

	@Test
	void machineHasNothingToLogIn() {
		Application application = this.world.start(TestProviders.machine(this.world.server).build());
		assertThatIllegalArgumentException().isThrownBy(() -> application.logins().start("machine"))
			.withMessage("Provider 'machine' uses client_credentials: this application cannot start a login for it");
		assertThat(this.world.server.requests()).isEmpty();
	}

	@Test
	void unknownProviderIsRefusedWithTheKnownOnes() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.world.start().logins().start("nobody"))
			.withMessage("No OAuth 2.0 provider 'nobody' is configured; there are: [demo]");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			access_denied          | DENIED  | access_denied          | The login was denied
			authorization_declined | DENIED  | authorization_declined | The login was denied
			expired_token          | EXPIRED | expired_token          | Nobody finished the login in time
			invalid_grant          | FAILED  | invalid_grant          | HTTP 400 invalid_grant: As the server says
			""")
	void outcomeSaysHowTheServerEndedIt(String error, LoginOutcome outcome, String errorCode, String message)
			throws Exception {
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, error, "As the server says"));
		Login login = this.world.start().logins().start("demo");
		LoginException failure = failureOf(login.completion());
		assertThat(failure.outcome()).isEqualTo(outcome);
		assertThat(failure.errorCode()).isEqualTo(errorCode);
		assertThat(failure).hasMessage(message).hasCauseInstanceOf(Exception.class);
		assertThat(this.world.ends()).singleElement().satisfies((ended) -> {
			assertThat(ended.login()).isSameAs(login);
			assertThat(ended.outcome()).isEqualTo(outcome);
			assertThat(ended.errorCode()).isEqualTo(errorCode);
			assertThat(ended.message()).isEqualTo(message);
		});
		assertThat(await(login.shown())).as("the code was shown all the same").isNotNull();
		assertThat(this.world.store.load(DEMO)).isNull();
	}

	@Test
	void personWhoDoesNothingLetsTheLoginExpire() throws Exception {
		LoginException failure = failureOf(this.world.start().logins().start("demo").completion());
		assertThat(failure.outcome()).isEqualTo(LoginOutcome.EXPIRED);
		assertThat(failure.errorCode()).isEqualTo("expired_token");
		assertThat(this.world.time.waited()).isEqualTo(Duration.ofMinutes(10));
	}

	@Test
	void serverThatIsDownFailsTheLoginAndThereIsNoCode() throws Exception {
		this.world.server.stop();
		Login login = this.world.start().logins().start("demo");
		assertThat(failureOf(login.completion())).satisfies((failure) -> {
			assertThat(failure.outcome()).isEqualTo(LoginOutcome.FAILED);
			assertThat(failure.errorCode()).isEqualTo("unreachable");
		});
		assertThat(failureOf(login.shown()).errorCode()).isEqualTo("unreachable");
	}

	@Test
	void serverThatRefusesTheRequestFailsTheLoginAndThereIsNoCode() throws Exception {
		Application application = this.world.start(this.world.provider().pkce(false).build());
		Login login = application.logins().start("demo");
		assertThat(failureOf(login.shown()))
			.hasMessageContaining("invalid_request: Missing parameter: code_challenge_method");
		assertThat(failureOf(login.completion()).errorCode()).isEqualTo("invalid_request");
	}

	@Test
	void endpointThatNobodyKnowsFailsTheLoginNamingTheProperty() throws Exception {
		this.world.server.discovery().document().remove("device_authorization_endpoint");
		Application application = this.world.start(this.world.provider().endpoints(Endpoints.NONE).build());
		assertThat(failureOf(application.logins().start("demo").completion())).satisfies((failure) -> {
			assertThat(failure.outcome()).isEqualTo(LoginOutcome.FAILED);
			assertThat(failure.errorCode()).isEqualTo("discovery_failed");
		}).hasMessageContaining("oauth2.pkce.providers.demo.device-authorization-uri");
	}

	@Test
	void failedLoginIsOverSoThatThereMayBeANewOne() throws Exception {
		Application application = this.world.start();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "access_denied", null));
		Login denied = application.logins().start("demo");
		failureOf(denied.completion());
		assertThat(application.logins().running(DEMO)).isNull();
		application.loggedIn(this.world);
		assertThat(stored()).isNotNull();
	}

	static Stream<Throwable> surprises() {
		return Stream.of(new IllegalStateException("broken"), new NoClassDefFoundError("com/example/Missing"),
				new AssertionError("broken"), new StackOverflowError());
	}

	@ParameterizedTest
	@MethodSource("surprises")
	void promptThatThrowsDoesNotEndTheLogin(Throwable surprise) throws Exception {
		this.world.prompt = (userCode) -> doThrow(surprise);
		Application application = this.world.start().loggedIn(this.world);
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	@ParameterizedTest
	@MethodSource("surprises")
	void listenerThatThrowsDoesNotEndTheLoginNorKeepOthersFromHearing(Throwable surprise) throws Exception {
		LoginListener broken = new LoginListener() {

			@Override
			public void started(Login login) {
				doThrow(surprise);
			}

			@Override
			public void codeIssued(Login login, UserCode userCode) {
				doThrow(surprise);
			}

			@Override
			public void polled(Login login, PollResult result) {
				doThrow(surprise);
			}

			@Override
			public void ended(Ended ended) {
				doThrow(surprise);
			}

		};
		Application application = this.world
			.start(SOON, List.of(broken, this.world.events), List.of(), this.world.provider().build())
			.loggedIn(this.world);
		assertThat(application.logins().running(DEMO)).isNull();
		assertThat(this.world.told()).hasSize(4).endsWith("ended success");
	}

	@Test
	void loginThatBreaksInsideStillEnds() throws Exception {
		this.world.time.onWait((wait) -> {
			throw new NoClassDefFoundError("com/example/Missing");
		});
		Application application = this.world.start();
		LoginException failure = failureOf(application.logins().start("demo").completion());
		assertThat(failure.outcome()).isEqualTo(LoginOutcome.FAILED);
		assertThat(failure.errorCode()).isEqualTo("internal_error");
		assertThat(application.logins().running(DEMO)).isNull();
	}

	// Giving up.

	@Test
	void cancelDuringAWaitEndsTheLoginAndItsPolling() throws Exception {
		this.world.holdPolling();
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		await(login.shown());
		login.cancel();
		assertCancelled(login);
		assertThat(this.world.polls()).isZero();
		assertThat(application.logins().running(DEMO)).isNull();
	}

	@Test
	void cancelDuringAPollEndsTheLoginWithoutWaitingForTheAnswer() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(this.world.hold()));
		Login login = this.world.start().logins().start("demo");
		this.world.server.takeRequest(Endpoint.TOKEN, SOON);
		login.cancel();
		assertCancelled(login);
		assertThat(this.world.polls()).isEqualTo(1);
		assertThat(this.world.store.load(DEMO)).isNull();
	}

	@Test
	void cancelBeforeThereIsACodeEndsTheLogin() throws Exception {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.normally().answeredAfter(this.world.hold()));
		Login login = this.world.start().logins().start("demo");
		this.world.server.takeRequest(Endpoint.DEVICE_AUTHORIZATION, SOON);
		login.cancel();
		assertCancelled(login);
		assertThat(failureOf(login.shown()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
	}

	@Test
	void loginWhoseTokenEndpointNeverAnsweredSaysSo() throws Exception {
		this.world.server.answerAlways(Endpoint.TOKEN, Answer.status(502));
		LoginException failure = failureOf(this.world.start().logins().start("demo").completion());
		assertThat(failure).hasMessageContaining("polls of the token endpoint had no usable answer: HTTP 502");
		assertThat(failure.outcome()).isEqualTo(LoginOutcome.EXPIRED);
		assertThat(failure.errorCode()).isEqualTo("expired_token");
		assertThat(this.world.ends()).extracting(LoginListener.Ended::message).containsExactly(failure.getMessage());
	}

	@Test
	void promptThatNeverReturnsEndsNoLogin() throws Exception {
		this.world.prompt = (userCode) -> await(this.world.hold());
		Application application = this.world.start().loggedIn(this.world);
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void loginIsCancelledThoughItsPromptNeverReturns() throws Exception {
		CountDownLatch prompting = new CountDownLatch(1);
		this.world.prompt = (userCode) -> {
			prompting.countDown();
			await(this.world.hold());
		};
		this.world.holdPolling();
		Login login = this.world.start().logins().start("demo");
		prompting.await();
		login.cancel();
		assertCancelled(login);
		assertThat(this.world.polls()).isZero();
	}

	/** Nothing of a login is locked while others are told of it. */
	@Test
	void loginIsCancelledThoughAListenerNeverReturns() throws Exception {
		CountDownLatch told = new CountDownLatch(1);
		CountDownLatch goOn = this.world.hold();
		class Holding implements LoginListener, Listeners.Counter {

			@Override
			public void codeIssued(Login login, UserCode userCode) {
				told.countDown();
				await(goOn);
			}

		}
		Application application = this.world.start(Duration.ofSeconds(20), List.of(new Holding()), List.of(),
				this.world.provider().build());
		Login login = application.logins().start("demo");
		told.await();
		assertThat(CompletableFuture.runAsync(login::cancel)).succeedsWithin(Duration.ofSeconds(20));
	}

	@Test
	void cancelComesTooLateWhenTheTokensAreBeingStored() throws Exception {
		CountDownLatch saving = new CountDownLatch(1);
		CountDownLatch goOn = this.world.hold();
		this.world.store.onSave = () -> {
			saving.countDown();
			await(goOn);
		};
		this.world.server.device().approveAtOnce();
		Login login = this.world.start().logins().start("demo");
		saving.await();
		login.cancel();
		goOn.countDown();
		await(login.completion());
		assertThat(stored()).isNotNull();
	}

	@Test
	void cancelAfterTheEndChangesNothing() throws Exception {
		Application application = this.world.start();
		this.world.server.device().approveAtOnce();
		Login login = application.logins().start("demo");
		await(login.completion());
		login.cancel();
		assertThat(login.completion()).isCompleted();
		await(application.logins().start("demo").completion());
	}

	@Test
	void cancellingAFutureOfALoginCancelsNothing() throws Exception {
		CountDownLatch polling = this.world.holdPolling();
		Login login = this.world.start().logins().start("demo");
		login.completion().cancel(true);
		login.shown().cancel(true);
		this.world.server.approve(await(login.shown()).userCode().userCode());
		polling.countDown();
		await(login.completion());
	}

	@Test
	void closeGivesAllRunningLoginsUp() throws Exception {
		this.world.holdPolling();
		Application application = this.world.start(this.world.provider("demo").build(),
				this.world.provider("other").build());
		List<Login> logins = List.of(application.logins().start("demo"), application.logins().start("other"));
		for (Login login : logins) {
			await(login.shown());
		}
		application.logins().close();
		for (Login login : logins) {
			assertCancelled(login);
		}
	}

	@Test
	void startsNothingAfterClose() throws Exception {
		Application application = this.world.start();
		Provider provider = this.world.provider().build();
		assertThat(application.logins().canStart(provider)).isTrue();
		application.logins().close();
		assertThat(application.logins().canStart(provider)).isFalse();
		assertThat(failureOf(application.logins().start("demo").completion()).outcome())
			.isEqualTo(LoginOutcome.CANCELLED);
		assertThat(this.world.server.requests()).isEmpty();
		application.logins().reopen();
		application.loggedIn(this.world);
	}

	@Test
	void closeLetsALoginStoreTheTokensThatHaveCome() throws Exception {
		CountDownLatch saving = new CountDownLatch(1);
		CountDownLatch goOn = this.world.hold();
		this.world.store.onSave = () -> {
			saving.countDown();
			await(goOn);
		};
		this.world.server.device().approveAtOnce();
		Application application = this.world.start();
		application.logins().start("demo");
		saving.await();
		Thread closing = new Thread(application.logins()::close);
		closing.start();
		goOn.countDown();
		closing.join();
		assertThat(stored()).isNotNull();
	}

	@Test
	void listenersRunOnADaemonThreadOfTheirOwn() throws Exception {
		Map<String, Boolean> threads = new ConcurrentHashMap<>();
		List<Boolean> interrupted = new CopyOnWriteArrayList<>();
		this.world.events.onEnd = () -> {
			threads.put(Thread.currentThread().getName(), Thread.currentThread().isDaemon());
			interrupted.add(Thread.currentThread().isInterrupted());
		};
		this.world.holdPolling();
		Login login = this.world.start().logins().start("demo");
		await(login.shown());
		login.cancel();
		assertCancelled(login);
		assertThat(threads).hasSize(1).allSatisfy((name, daemon) -> {
			assertThat(name).startsWith("oauth2-listener-");
			assertThat(daemon).isTrue();
		});
		assertThat(interrupted).containsExactly(false);
	}

	private void assertCancelled(Login login) throws Exception {
		LoginException failure = failureOf(login.completion());
		assertThat(failure.outcome()).isEqualTo(LoginOutcome.CANCELLED);
		assertThat(failure.errorCode()).isEqualTo("cancelled");
		assertThat(this.world.ends()).filteredOn((ended) -> ended.login() == login)
			.singleElement()
			.satisfies((ended) -> assertThat(ended.outcome()).isEqualTo(LoginOutcome.CANCELLED));
	}

	private Credential stored() {
		Credential stored = this.world.store.load(DEMO);
		assertThat(stored).isNotNull();
		return stored;
	}

	private static void doThrow(Throwable surprise) {
		if (surprise instanceof Error error) {
			throw error;
		}
		throw (RuntimeException) surprise;
	}

}
