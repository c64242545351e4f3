package io.github.oauth2pkce.login;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.LoginWorld.Application;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener.Refresh;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.token.TokenResponse;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.web.reactive.function.client.WebClient;

import static io.github.oauth2pkce.login.LoginWorld.DEMO;
import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class StepUpsTests {

	private final LoginWorld world = new LoginWorld();

	private final ResourceDemands demands = new ResourceDemands();

	private final AtomicReference<Credentials> credentials = new AtomicReference<>();

	private StepUps stepUps = stepUps(this.world.provider().build());

	@AfterEach
	void close() {
		this.world.close();
	}

	private StepUps stepUps(Provider provider) {
		AuthorizationServerClient client = new AuthorizationServerClient((any) -> WebClient.create(),
				Duration.ofSeconds(10));
		Discovery discovery = new Discovery(client, Clock.systemUTC());
		return new StepUps(new Providers(List.of(provider)), this.demands, discovery, this.credentials::get);
	}

	private Application started(Provider provider) {
		this.stepUps = stepUps(provider);
		Application application = this.world.start(Duration.ofSeconds(20), List.of(this.stepUps), List.of(this.stepUps),
				provider);
		this.credentials.set(application.credentials());
		return application;
	}

	private void demand(@Nullable String acrValues, String... scopes) {
		this.stepUps.challenged("demo", new ResourceDemand(true, Set.of(scopes), acrValues, null, null, null));
	}

	private boolean isMissing() {
		return this.demands.missing("demo").insufficient();
	}

	@Test
	void whatWasDemandedIsForgottenWhenWhoeverWaitsForTheLoginGoesOn() {
		this.world.server.device().approveAtOnce();
		Application application = started(this.world.provider().build());
		demand("gold", "admin");
		assertThat(isMissing()).isTrue();
		application.logins().logIn("demo");
		assertThat(isMissing()).isFalse();
	}

	@Test
	void loginThatWasAskedForBeforeMeetsNoDemand() {
		Application application = started(this.world.provider().build());
		Login login = application.logins().start("demo");
		String code = await(login.shown()).userCode().userCode();
		demand("gold");
		this.world.server.approve(code);
		await(login.completion());
		assertThat(isMissing()).isTrue();
	}

	/** A resource that demands what nobody grants must not keep a person out. */
	@ParameterizedTest
	@CsvSource({ "invalid_scope, false", "access_denied, false", "invalid_request, false",
			"unmet_authentication_requirements, false", "expired_token, true", "server_error, true",
			"invalid_client, true" })
	void whatALoginWasRefusedForIsNotDemandedAgain(String error, boolean kept) {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.error(400, error, null));
		Application application = started(this.world.provider().build());
		demand(null, "admin");
		assertThat(application.logins().start("demo").completion()).failsWithin(Duration.ofSeconds(20));
		assertThat(isMissing()).isEqualTo(kept);
	}

	/** Some servers show the person an error page, and tell the application nothing. */
	@Test
	void theSecondLoginInARowThatNobodyFinishesIsTakenForARefusal() {
		Application application = started(this.world.provider().build());
		demand(null, "admin");
		for (boolean kept : new boolean[] { true, false }) {
			this.world.server.enqueue(Endpoint.TOKEN, Answer.error(400, "expired_token", null));
			assertThat(application.logins().start("demo").completion()).failsWithin(Duration.ofSeconds(20));
			assertThat(isMissing()).isEqualTo(kept);
		}
	}

	@Test
	void aUserWhoseLoginLacksNothingLeavesTheDemandToThoseWhoLackIt() {
		started(this.world.provider().scopes(Set.of("models")).build()).credentials()
			.loggedIn(new CredentialId("demo", "bob"), this.world.server.uri(Endpoint.TOKEN),
					new TokenResponse("token", null, null, null, Set.of("models")));
		demand(null, "models");
		refreshed("bob", RefreshOutcome.REFRESHED);
		refreshed("bob", RefreshOutcome.ADOPTED);
		loggedIn("bob", LoginOutcome.SUCCESS, null);
		assertThat(isMissing()).isTrue();
		loggedIn("alice", LoginOutcome.SUCCESS, null);
		assertThat(isMissing()).isFalse();
	}

	/** Or no user could log in any more. */
	@ParameterizedTest
	@CsvSource({ "invalid_scope, false", "access_denied, false", "server_error, true" })
	void whatALoginOfAUserWasRefusedForIsNotDemandedAgain(String error, boolean kept) {
		started(this.world.provider().build());
		demand(null, "admin");
		loggedIn("bob", LoginOutcome.FAILED, error);
		assertThat(isMissing()).isEqualTo(kept);
	}

	/** A web login knows for itself what it was asked for. */
	@Test
	void aLoginThatDidNotBeginHereMeetsNoDemand() {
		started(this.world.provider().build());
		demand("gold");
		this.stepUps.ended(ended(login("bob"), LoginOutcome.SUCCESS, null));
		assertThat(isMissing()).isTrue();
	}

	private void loggedIn(String user, LoginOutcome outcome, @Nullable String errorCode) {
		Login login = login(user);
		this.stepUps.started(login);
		this.stepUps.ended(ended(login, outcome, errorCode));
	}

	private static Login login(String user) {
		return new Login(new CredentialId("demo", user), () -> {
		});
	}

	private static LoginListener.Ended ended(Login login, LoginOutcome outcome, @Nullable String errorCode) {
		return new LoginListener.Ended(login, Grant.DEVICE_CODE, outcome, true, Duration.ZERO, errorCode, null);
	}

	@Test
	void aLoginElsewhereWithTheScopesMeetsTheDemand() throws Exception {
		started(this.world.provider().scopes(Set.of("models")).build()).loggedIn(this.world);
		demand(null, "models");
		refreshed(RefreshOutcome.ADOPTED);
		assertThat(isMissing()).isFalse();
	}

	@Test
	void aLoginInAnotherProcessMeetsTheDemandAndARefreshThereDoesNot() throws Exception {
		Application other = this.world.start().loggedIn(this.world);
		Application here = started(this.world.provider().build());
		here.credentials().load(DEMO);
		demand("gold");
		this.world.clock.advance(Duration.ofSeconds(20));
		await(other.credentials().current(DEMO, RefreshTrigger.MANUAL));
		adopt(here);
		assertThat(isMissing()).isTrue();
		this.world.clock.advance(Duration.ofSeconds(20));
		other.logins().logIn("demo");
		adopt(here);
		assertThat(isMissing()).isFalse();
	}

	private void adopt(Application application) throws Exception {
		int refreshes = this.world.server.refreshRequests();
		Credential known = application.credentials().known(DEMO);
		assertThat(known).isNotNull();
		await(application.credentials().afterRejection(DEMO, BearerToken.Available.of(known.accessToken())));
		assertThat(this.world.server.refreshRequests()).as("adopted").isEqualTo(refreshes);
	}

	@Test
	void aTokenWithTheSameScopesMeetsNoDemand() throws Exception {
		started(this.world.provider().scopes(Set.of("models")).build()).loggedIn(this.world);
		demand(null, "admin");
		refreshed(RefreshOutcome.REFRESHED);
		assertThat(isMissing()).isTrue();
		demand("gold", "models");
		refreshed(RefreshOutcome.REFRESHED);
		assertThat(isMissing()).isTrue();
	}

	@Test
	void aMachinesNextTokenMeetsTheDemandIfItHasTheScopes() throws Exception {
		this.world.server.register(FakeClient.confidential("machine", "secret"));
		Provider machine = Provider.withId("demo", "machine")
			.clientSecret("secret")
			.issuerUri(this.world.server.issuer())
			.grant(Grant.CLIENT_CREDENTIALS)
			.build();
		Application application = started(machine);
		for (boolean more : new boolean[] { false, true }) {
			demand(null, "admin");
			this.world.server.tokens().grantedScope(more ? "models admin" : "models");
			await(application.credentials().current(DEMO, RefreshTrigger.MANUAL));
			assertThat(isMissing()).isEqualTo(!more);
		}
	}

	private void refreshed(RefreshOutcome outcome) {
		refreshed(CredentialId.APPLICATION, outcome);
	}

	private void refreshed(String user, RefreshOutcome outcome) {
		this.stepUps.refreshed(
				new Refresh(new CredentialId("demo", user), RefreshTrigger.EXPIRY, outcome, Duration.ZERO, null, 0));
	}

}
