package io.github.oauth2pkce.login;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.VirtualTime;
import io.github.oauth2pkce.login.LoginWorld.Application;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialCodec;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.login.LoginWorld.DEMO;
import static io.github.oauth2pkce.login.LoginWorld.failureOf;
import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

/** A code that outlives its process, and that several processes know. */
@Timeout(60)
class DeviceCeremonyTests {

	private final LoginWorld world = new LoginWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	private Node start() {
		return start(this.world.provider().build());
	}

	private Node start(Provider provider) {
		Semaphore waits = new Semaphore(0);
		VirtualTime time = new VirtualTime(this.world.clock);
		time.onWait((wait) -> waits.acquire());
		return new Node(this.world.startKept(time, provider), waits);
	}

	private static String code(Login login) {
		return await(login.shown()).userCode().userCode();
	}

	/** The code, when the person has been asked for it, on another thread. */
	private String asked(Node application) {
		String code = code(application.logins().start("demo"));
		Awaitility.await().until(() -> this.world.prompts.stream().anyMatch((shown) -> shown.userCode().equals(code)));
		return code;
	}

	private Login resumed(Node application, boolean quietly) {
		application.logins().resume(DEMO, quietly);
		Login login = application.logins().running(DEMO);
		assertThat(login).isNotNull();
		return login;
	}

	private int ceremonies() {
		return this.world.server.requests(Endpoint.DEVICE_AUTHORIZATION).size();
	}

	// After a restart.

	@Test
	void applicationThatStartsAgainGoesOnWithTheSameCode() throws Exception {
		Node stopped = start();
		String code = asked(stopped);
		stopped.logins().close();
		Node restarted = start();
		Login login = resumed(restarted, false);
		assertThat(code(login)).isEqualTo(code);
		this.world.server.approve(code);
		restarted.waited(1);
		await(login.completion());
		assertThat(restarted.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(ceremonies()).isEqualTo(1);
		assertThat(this.world.prompts).extracting("userCode").containsExactly(code, code);
		assertThat(this.world.store.load(DEMO.ofDeviceLogin())).as("nothing is left").isNull();
	}

	@Test
	void codeIsShownForAsLongAsItStillWorks() {
		Node stopped = start();
		Login first = stopped.logins().start("demo");
		code(first);
		stopped.logins().close();
		this.world.clock.advance(Duration.ofMinutes(4));
		Login.Shown shown = await(resumed(start(), false).shown());
		assertThat(shown.expiresAt()).isEqualTo(await(first.shown()).expiresAt());
		assertThat(shown.userCode().expiresIn()).isLessThanOrEqualTo(Duration.ofMinutes(6));
	}

	@Test
	void loginThatIsAskedForAgainShowsTheSameCode() {
		Node stopped = start();
		String code = code(stopped.logins().start("demo"));
		stopped.logins().close();
		assertThat(code(start().logins().start("demo"))).isEqualTo(code);
	}

	@Test
	void cancelledLoginIsNotGoneOnWith() throws Exception {
		Node application = start();
		Login login = application.logins().start("demo");
		String code = code(login);
		login.cancel();
		failureOf(login.completion());
		Node restarted = start();
		restarted.logins().resume(DEMO, false);
		assertThat(restarted.logins().running(DEMO)).isNull();
		assertThat(code(restarted.logins().start("demo"))).isNotEqualTo(code);
	}

	@Test
	void codeThatHasExpiredIsNotShownAgain() {
		Node stopped = start();
		String code = code(stopped.logins().start("demo"));
		stopped.logins().close();
		this.world.clock.advance(Duration.ofMinutes(10));
		Node restarted = start();
		restarted.logins().resume(DEMO, false);
		assertThat(restarted.logins().running(DEMO)).isNull();
		assertThat(code(restarted.logins().start("demo"))).isNotEqualTo(code);
	}

	@Test
	void codeThatNobodyHasUsedIsRemovedWhenSomebodyLooksAfterItsEnd() {
		Node killed = start();
		code(killed.logins().start("demo"));
		killed.logins().close();
		Node idle = start();
		this.world.clock.advance(Duration.ofMinutes(10));
		idle.logins().resume(DEMO, true);
		assertThat(this.world.store.load(DEMO.ofDeviceLogin())).as("another clock may be slow").isNotNull();
		this.world.clock.advance(Duration.ofMinutes(2));
		idle.logins().resume(DEMO, true);
		assertThat(this.world.store.load(DEMO.ofDeviceLogin())).isNull();
	}

	@Test
	void codeOfAnotherClientIsNotShown() {
		Node stopped = start();
		code(stopped.logins().start("demo"));
		stopped.logins().close();
		this.world.server.register(FakeClient.publicClient("other").requirePkce());
		Node other = start(Provider.withId("demo", "other")
			.issuerUri(this.world.server.issuer())
			.endpoints(TestProviders.endpoints(this.world.server))
			.build());
		code(other.logins().start("demo"));
		assertThat(ceremonies()).isEqualTo(2);
	}

	@Test
	void codeThatAsksForLessIsNoUse() {
		Node stopped = start(this.world.provider().scopes(List.of("openid")).build());
		code(stopped.logins().start("demo"));
		stopped.logins().close();
		Node wider = start(this.world.provider().scopes(List.of("openid", "email")).build());
		code(wider.logins().start("demo"));
		assertThat(ceremonies()).isEqualTo(2);
	}

	/** It is the server that knows how the person has to log in for it. */
	@Test
	void codeThatWasAskedForInAnotherWayIsNoUse() {
		Node stopped = start();
		code(stopped.logins().start("demo"));
		stopped.logins().close();
		Node steppedUp = start(this.world.provider().additionalParameters(Map.of("acr_values", "gold")).build());
		String code = code(steppedUp.logins().start("demo"));
		assertThat(ceremonies()).isEqualTo(2);
		steppedUp.logins().close();
		assertThat(code(start().logins().start("demo"))).as("one that asks for more").isEqualTo(code);
	}

	@Test
	void codeThatHasBecomeALoginIsOver() throws Exception {
		Node killed = start();
		String code = code(killed.logins().start("demo"));
		Credential left = this.world.store.load(DEMO.ofDeviceLogin());
		this.world.server.approve(code);
		Login login = killed.logins().start("demo");
		killed.waited(1);
		await(login.completion());
		// As if the process had died after it saved the login.
		assertThat(this.world.store.save(left, Credential.NONE)).isTrue();
		Node restarted = start();
		restarted.credentials().load(DEMO);
		restarted.logins().resume(DEMO, false);
		assertThat(restarted.logins().running(DEMO)).isNull();
	}

	@Test
	void serverThatHasGivenTheTokensToADeadProcessIsExplained() throws Exception {
		Node stopped = start();
		code(stopped.logins().start("demo"));
		stopped.logins().close();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", null));
		Node restarted = start();
		Login login = resumed(restarted, false);
		restarted.waited(1);
		assertThat(failureOf(login.completion())).hasMessageContaining("log in again");
	}

	@Test
	void deviceCodeVerifierAndKeyAreNotInPlainTextOutsideTheRecord() {
		Node application = start();
		code(application.logins().start("demo"));
		Credential record = this.world.store.load(DEMO.ofDeviceLogin());
		assertThat(record).isNotNull();
		String secrets = record.assertion();
		assertThat(secrets).contains("deviceCode", "codeVerifier");
		assertThat(record.toString()).doesNotContain(secrets);
		assertThat(new String(CredentialCodec.encode(record), StandardCharsets.UTF_8)).as("what is encrypted")
			.contains("deviceCode");
	}

	// Several processes.

	@Test
	void nodesShowOneCodeAndAllAreLoggedIn() throws Exception {
		Node one = start();
		Node two = start();
		Login first = one.logins().start("demo");
		String code = code(first);
		Login second = two.logins().start("demo");
		assertThat(code(second)).isEqualTo(code);
		this.world.server.approve(code);
		one.waited(1);
		await(first.completion());
		two.waited(1);
		await(second.completion());
		for (Node node : List.of(one, two)) {
			assertThat(node.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		}
		assertThat(ceremonies()).isEqualTo(1);
		assertThat(this.world.polls()).as("of one").isEqualTo(1);
		assertThat(this.world.ends()).allSatisfy((ended) -> assertThat(ended.saved()).isTrue());
	}

	@Test
	void nodeThatWasNotAskedKnowsTheCodeAndKeepsItToItself() throws Exception {
		Node one = start();
		String code = asked(one);
		Node idle = start();
		Login login = resumed(idle, true);
		assertThat(code(login)).isEqualTo(code);
		assertThat(this.world.prompts).hasSize(1);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.world.told()).containsExactly("started demo", "code " + code));
		// Until somebody asks it.
		assertThat(idle.logins().start("demo")).isSameAs(login);
		assertThat(this.world.told()).containsExactly("started demo", "code " + code, "started demo", "code " + code);
	}

	@Test
	void nodeThatWasNotAskedSaysNothingWhenAnotherIsLoggedIn() throws Exception {
		Node one = start();
		Login first = one.logins().start("demo");
		String code = code(first);
		one.waited(1);
		// It has polled, so that it is the one that does.
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(10));
		Node idle = start();
		Login second = resumed(idle, true);
		code(second);
		this.world.server.approve(code);
		one.waited(1);
		await(first.completion());
		idle.waited(1);
		await(second.completion());
		assertThat(idle.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.world.ends()).hasSize(1);
	}

	/** Whatever a store without locks lets them ask for. */
	@Test
	void nodesThatStartTogetherShowOneCode() {
		List<Node> nodes = List.of(start(), start(), start(), start());
		assertThat(nodes.parallelStream().map((node) -> code(node.logins().start("demo"))).distinct()).hasSize(1);
	}

	@Test
	void loginThatIsCancelledAtOneNodeEndsAtAll() throws Exception {
		Node one = start();
		Login first = one.logins().start("demo");
		code(first);
		Node two = start();
		Login second = two.logins().start("demo");
		code(second);
		first.cancel();
		failureOf(first.completion());
		two.waited(1);
		LoginException failure = failureOf(second.completion());
		assertThat(failure.errorCode()).isEqualTo("ended_elsewhere");
		assertThat(failure).hasMessage("Another process or node has ended this login; its log says why");
	}

	@Test
	void logoutAtOneNodeEndsTheLoginAtAll() throws Exception {
		Node one = start();
		Login login = one.logins().start("demo");
		String code = code(login);
		Node two = start();
		two.application().logout().forget(DEMO);
		this.world.server.approve(code);
		one.waited(1);
		assertThat(failureOf(login.completion()).errorCode()).isEqualTo("ended_elsewhere");
		assertThat(this.world.server.requests(Endpoint.TOKEN)).isEmpty();
		assertThat(this.world.store.load(DEMO)).isNull();
	}

	/** The server has said yes to a poll that it got before. */
	@Test
	void logoutAtOneNodeWinsOverThePollOfAnother() throws Exception {
		Node one = start();
		Login login = one.logins().start("demo");
		this.world.server.approve(code(login));
		CountDownLatch goOn = this.world.hold();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().processedAfter(goOn));
		one.waited(1);
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(10));
		start().application().logout().forget(DEMO);
		goOn.countDown();
		assertThat(failureOf(login.completion()).errorCode()).isEqualTo("ended_elsewhere");
		assertThat(this.world.store.load(DEMO)).isNull();
	}

	@Test
	void nodeThatStopsLeavesTheCodeToTheOthers() throws Exception {
		Node one = start();
		Login first = one.logins().start("demo");
		String code = code(first);
		one.waited(1);
		this.world.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(10));
		Node two = start();
		Login second = two.logins().start("demo");
		code(second);
		one.logins().close();
		this.world.server.approve(code);
		// Some waits, until the claim is given back.
		two.waited(20);
		await(second.completion());
		assertThat(ceremonies()).isEqualTo(1);
	}

	@Test
	void goingOnNeverBeginsALogin() {
		Node idle = start();
		idle.logins().resume(DEMO, true);
		idle.logins().resume(DEMO, false);
		assertThat(idle.logins().running(DEMO)).isNull();
		assertThat(this.world.server.requests()).isEmpty();
	}

	// A store in trouble.

	@Test
	void storeThatIsDownKeepsNobodyFromLoggingIn() throws Exception {
		Node application = start();
		this.world.store.fail();
		this.world.store.onLock = this.world.store.onLoad;
		Login login = application.logins().start("demo");
		this.world.server.approve(code(login));
		application.waited(1);
		await(login.completion());
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	@Test
	void storeThatGoesDownMeanwhileKeepsNobodyFromLoggingIn() throws Exception {
		Node application = start();
		Login login = application.logins().start("demo");
		this.world.server.approve(code(login));
		this.world.store.fail();
		application.waited(1);
		await(login.completion());
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.AUTHORIZED);
	}

	/** Else each node would poll and prompt for a code that another one shows. */
	@Test
	void nodeThatWasNotAskedLeavesTheCodeToOthersWhenTheStoreFails() throws Exception {
		Node one = start();
		asked(one);
		Node idle = start();
		code(resumed(idle, true));
		CountDownLatch turns = new CountDownLatch(6);
		this.world.store.onLoad = () -> {
			turns.countDown();
			throw new TokenStoreException("down", null);
		};
		idle.waited(20);
		await(turns);
		assertThat(this.world.server.requests(Endpoint.TOKEN)).isEmpty();
		assertThat(this.world.prompts).hasSize(1);
	}

	/**
	 * A process.
	 *
	 * @param application what runs in it
	 * @param waits how many of its waits may end; nobody polls without one
	 */
	private record Node(Application application, Semaphore waits) {

		Logins logins() {
			return this.application.logins();
		}

		Credentials credentials() {
			return this.application.credentials();
		}

		void waited(int number) {
			this.waits.release(number);
		}

	}

}
