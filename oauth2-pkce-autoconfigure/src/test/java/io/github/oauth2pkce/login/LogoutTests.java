package io.github.oauth2pkce.login;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.login.LoginWorld.Application;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;

import static io.github.oauth2pkce.testing.Waiting.await;
import static io.github.oauth2pkce.login.LoginWorld.DEMO;
import static io.github.oauth2pkce.login.LoginWorld.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Forgetting always works here, and at the server when it can be reached. */
@Timeout(60)
class LogoutTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private final LoginWorld world = new LoginWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// Revoking.

	@Test
	void refreshTokenIsRevokedWithItsHintAndTheCredentialForgotten() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		Credential stored = stored();
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).singleElement().satisfies((request) -> {
			assertThat(request.parameters("token")).containsExactly(stored.refreshToken());
			assertThat(request.parameters("token_type_hint")).containsExactly("refresh_token");
			assertThat(request.parameters("client_id")).containsExactly("cli");
		});
		assertForgotten(application);
	}

	@Test
	void accessTokenIsRevokedWhenThereIsNoOther() throws Exception {
		this.world.server.tokens().refreshTokenOnLogin(false);
		Application application = this.world.start().loggedIn(this.world);
		String accessToken = stored().accessToken();
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).singleElement().satisfies((request) -> {
			assertThat(request.parameters("token")).containsExactly(accessToken);
			assertThat(request.parameters("token_type_hint")).containsExactly("access_token");
		});
		assertForgotten(application);
	}

	@Test
	void confidentialClientAuthenticatesAsAtTheTokenEndpoint() throws Exception {
		this.world.server.register(FakeClient.confidential("cli", "cli-secret").requirePkce());
		Application application = this.world.start(this.world.provider().clientSecret("cli-secret").build())
			.loggedIn(this.world);
		application.logout().forget(DEMO);
		assertThat(revocations()).singleElement()
			.satisfies((request) -> assertThat(request.authorization()).startsWith("Basic "));
		assertForgotten(application);
	}

	static Stream<Answer> refusals() {
		return Stream.of(Answer.error(200, "invalid_token", "Invalid token"), Answer.status(503),
				Answer.status(503).withHeader("Retry-After", "60"), Answer.error(400, "unsupported_token_type", null),
				Answer.error(401, "invalid_client", null), Answer.status(404),
				Answer.text(200, "text/html", "<html>Fine</html>"), Answer.connectionClosed(),
				Answer.status(200).cutInBody(), Answer.redirect("https://elsewhere.example/"));
	}

	@ParameterizedTest
	@MethodSource("refusals")
	void credentialIsForgottenWhateverTheServerSays(Answer refusal) throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		this.world.server.answerAlways(Endpoint.REVOCATION, refusal);
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertForgotten(application);
	}

	@Test
	void credentialIsForgottenWhenTheServerIsDown() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		this.world.server.stop();
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertForgotten(application);
	}

	@Test
	void credentialIsForgottenWhenTheMetadataCannotBeRead() throws Exception {
		Application application = this.world.start(discovering()).loggedIn(this.world);
		this.world.server.discovery().serveOnly();
		application = this.world.start(discovering());
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).isEmpty();
		assertForgotten(application);
	}

	@Test
	void serverWithoutRevocationEndpointIsNotAsked() throws Exception {
		this.world.server.discovery().document().remove("revocation_endpoint");
		Application application = this.world.start(discovering()).loggedIn(this.world);
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).isEmpty();
		assertForgotten(application);
	}

	@Test
	void discoveredRevocationEndpointIsUsed() throws Exception {
		Application application = this.world.start(discovering()).loggedIn(this.world);
		application.logout().forget(DEMO);
		assertThat(revocations()).hasSize(1);
	}

	@Test
	void tokenOfAnotherServerIsForgottenButNotSentToThisOne() throws Exception {
		this.world.start().loggedIn(this.world);
		Provider moved = this.world.provider()
			.endpoints(new Endpoints(null, null, this.world.server.uri("/moved/token"),
					this.world.server.uri(Endpoint.REVOCATION)))
			.build();
		Application application = this.world.start(moved);
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).isEmpty();
		assertForgotten(application);
	}

	@Test
	void tokenOfAnotherClientIsForgottenButNotSent() throws Exception {
		this.world.start().loggedIn(this.world);
		Application application = this.world
			.start(Provider.withId("demo", "another").endpoints(this.world.provider().build().endpoints()).build());
		assertThat(application.logout().forget(DEMO)).isTrue();
		assertThat(revocations()).isEmpty();
		assertForgotten(application);
	}

	// Forgetting.

	@Test
	void nothingToForgetIsNoFailure() {
		Application application = this.world.start();
		assertThat(application.logout().forget(DEMO)).isFalse();
		assertThat(this.world.server.requests()).isEmpty();
	}

	@Test
	void unknownProviderIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.world.start().logout().forget(CredentialId.ofApplication("nobody")));
	}

	@Test
	void forgettingOneUserLeavesTheOthersAndTheApplication() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		CredentialId alice = new CredentialId("demo", "alice");
		CredentialId bob = new CredentialId("demo", "bob");
		await(application.logins().start(alice).completion());
		await(application.logins().start(bob).completion());
		assertThat(application.logout().forget(alice)).isTrue();
		assertThat(this.world.store.load(alice)).isNull();
		assertThat(this.world.store.load(bob)).isNotNull();
		assertThat(stored()).isNotNull();
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void storeThatCannotForgetSaysSo() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		this.world.store.onRemove = () -> {
			throw new TokenStoreException("The disk is gone", null);
		};
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> application.logout().forget(DEMO))
			.withMessage("The disk is gone");
		assertThat(revocations()).hasSize(1);
	}

	@Test
	void personMayLogInAgainAtOnce() throws Exception {
		Application application = this.world.start().loggedIn(this.world);
		application.logout().forget(DEMO);
		application.loggedIn(this.world);
		assertThat(application.bearer()).isInstanceOf(BearerToken.Available.class);
	}

	// Races.

	@Test
	void runningLoginIsGivenUpAndStoresNothing() throws Exception {
		this.world.server.device().approveAtOnce();
		CountDownLatch polling = this.world.holdPolling();
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		await(login.shown());
		assertThat(application.logout().forget(DEMO)).isFalse();
		polling.countDown();
		assertThat(failureOf(login.completion()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
		assertForgotten(application);
	}

	@Test
	void answerToAPollInFlightIsNotStoredAfterALogout() throws Exception {
		this.world.server.device().approveAtOnce();
		CountDownLatch answer = this.world.hold();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		this.world.server.takeRequest(Endpoint.TOKEN, SOON);
		application.logout().forget(DEMO);
		answer.countDown();
		assertThat(failureOf(login.completion()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
		assertForgotten(application);
	}

	@Test
	void tokensThatHaveComeButAreNotStoredYetAreDropped() throws Exception {
		this.world.server.device().approveAtOnce();
		CountDownLatch come = new CountDownLatch(1);
		CountDownLatch goOn = this.world.hold();
		/** Counters are called on the login's own thread. */
		class Holding implements LoginListener, Listeners.Counter {

			@Override
			public void polled(Login login, PollResult result) {
				come.countDown();
				while (goOn.getCount() > 0) {
					Thread.onSpinWait();
				}
			}

		}
		Application application = this.world.start(SOON, List.of(new Holding()), List.of(),
				this.world.provider().build());
		Login login = application.logins().start("demo");
		come.await();
		assertThat(application.logout().forget(DEMO)).isFalse();
		goOn.countDown();
		assertThat(failureOf(login.completion()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
		assertForgotten(application);
	}

	@Test
	void loginWhoseTokensAreBeingStoredIsForgottenAfterwards() throws Exception {
		this.world.server.device().approveAtOnce();
		CountDownLatch saving = new CountDownLatch(1);
		CountDownLatch goOn = this.world.hold();
		this.world.store.onSave = () -> {
			saving.countDown();
			await(goOn);
		};
		Application application = this.world.start();
		Login login = application.logins().start("demo");
		saving.await();
		CompletableFuture<Boolean> forgotten = CompletableFuture.supplyAsync(() -> application.logout().forget(DEMO));
		goOn.countDown();
		assertThat(await(forgotten)).isTrue();
		await(login.completion());
		assertThat(revocations()).hasSize(1);
		assertForgotten(application);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 20_000 })
	void logoutDuringARefreshWins(long lockTimeout) throws Exception {
		Application application = this.world
			.start(Duration.ofMillis(lockTimeout), List.of(), List.of(), this.world.provider().build())
			.loggedIn(this.world);
		this.world.clock.advance(Duration.ofHours(1));
		CountDownLatch answer = this.world.hold();
		this.world.server.requests(Endpoint.TOKEN)
			.forEach((seen) -> this.world.server.takeRequest(Endpoint.TOKEN, SOON));
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		CompletableFuture<BearerToken> refresh = application.credentials().current(DEMO, RefreshTrigger.EXPIRY);
		this.world.server.takeRequest(Endpoint.TOKEN, SOON);
		CompletableFuture<Boolean> forgotten = CompletableFuture.supplyAsync(() -> application.logout().forget(DEMO));
		if (lockTimeout == 1) {
			assertThat(await(forgotten)).isTrue();
		}
		answer.countDown();
		await(refresh);
		assertThat(await(forgotten)).isTrue();
		assertForgotten(application);
	}

	private Provider discovering() {
		return this.world.provider().endpoints(Endpoints.NONE).build();
	}

	private List<RecordedRequest> revocations() {
		return this.world.server.requests(Endpoint.REVOCATION);
	}

	private Credential stored() {
		Credential stored = this.world.store.load(DEMO);
		assertThat(stored).isNotNull();
		return stored;
	}

	/** Here, and after a restart. */
	private void assertForgotten(Application application) {
		BearerToken nothing = new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		assertThat(this.world.store.load(DEMO)).isNull();
		assertThat(application.source().atHand("demo")).isNull();
		assertThat(application.bearer()).isEqualTo(nothing);
		assertThat(application.credentials().status(DEMO).state()).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		Application restarted = this.world.start();
		assertThat(restarted.credentials().load(DEMO)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(restarted.bearer()).isEqualTo(nothing);
	}

}
