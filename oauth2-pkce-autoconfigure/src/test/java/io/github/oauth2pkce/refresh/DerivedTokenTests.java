package io.github.oauth2pkce.refresh;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.testing.Waiting;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static io.github.oauth2pkce.refresh.RefreshWorld.skipOf;
import static io.github.oauth2pkce.refresh.RefreshWorld.tokenOf;
import static org.assertj.core.api.Assertions.assertThat;

/** Tokens that are made from the login of another provider, over real HTTP. */
@Timeout(60)
class DerivedTokenTests {

	private static final CredentialId API = CredentialId.ofApplication("api");

	private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

	private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

	private final RefreshWorld world = new RefreshWorld();

	/** The server of the API, where the login of the other one is shown. */
	private final FakeAuthorizationServer other = FakeAuthorizationServer.start("", this.world.clock)
		.register(FakeClient.publicClient("exchanger"));

	private final Provider api = exchange("api", "demo", ForeignToken.ACCESS_TOKEN, null);

	private RefreshWorld.Node node = start();

	@AfterEach
	void close() {
		this.world.close();
		this.other.close();
	}

	private RefreshWorld.Node start(Provider... more) {
		List<Provider> providers = new ArrayList<>(List.of(this.world.provider, this.api));
		providers.addAll(List.of(more));
		return this.world.start(this.world.store, providers.toArray(Provider[]::new));
	}

	private Provider exchange(String id, String source, String type, @Nullable String requested) {
		return atOther(id, Grant.TOKEN_EXCHANGE).scopes(List.of("read"))
			.exchange(new Exchange(provider(source, type), null, "https://api.example", requested))
			.build();
	}

	private ProviderBuilder atOther(String id, Grant grant) {
		return Provider.withId(id, "exchanger").grant(grant).endpoints(TestProviders.endpoints(this.other));
	}

	private static ForeignToken provider(String id, String type) {
		return new ForeignToken(Source.PROVIDER, id, type, "oauth2.pkce.providers.api.subject-token.provider");
	}

	private BearerToken current() {
		return current(this.node, API);
	}

	private static BearerToken current(RefreshWorld.Node node, CredentialId id) {
		return Waiting.await(node.credentials.current(id, RefreshTrigger.EXPIRY));
	}

	private List<RecordedRequest> exchanges() {
		return this.other.requests(Endpoint.TOKEN);
	}

	@Test
	void exchangesTheTokenOfTheLogin() {
		this.node.login();
		String token = tokenOf(current());
		RecordedRequest request = exchanges().get(0);
		assertThat(request.parameter("grant_type")).isEqualTo(EXCHANGE);
		assertThat(request.parameter("subject_token")).isEqualTo(this.world.stored().accessToken());
		assertThat(request.parameter("subject_token_type")).isEqualTo(ForeignToken.ACCESS_TOKEN);
		assertThat(request.parameter("audience")).isEqualTo("https://api.example");
		assertThat(request.parameter("scope")).isEqualTo("read");
		assertThat(request.parameter("client_id")).isEqualTo("exchanger");
		assertThat(token).isNotEqualTo(this.world.stored().accessToken());
		assertThat(tokenOf(current())).isEqualTo(token);
		assertThat(exchanges()).hasSize(1);
	}

	@Test
	void presentsTheTokenOfTheLoginAsAnAssertion() {
		Provider jwtBearer = atOther("api", Grant.JWT_BEARER)
			.exchange(new Exchange(provider("demo", ForeignToken.ACCESS_TOKEN), null, null, null))
			.build();
		this.node = this.world.start(this.world.store, this.world.provider, jwtBearer).login();
		tokenOf(current());
		RecordedRequest request = exchanges().get(0);
		assertThat(request.parameter("grant_type")).isEqualTo(JWT_BEARER);
		assertThat(request.parameter("assertion")).isEqualTo(this.world.stored().accessToken());
		assertThat(request.parameter("subject_token")).isNull();
	}

	@Test
	void withoutTheLoginNobodyIsAskedAndTheNextCallLooksAgain() {
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		CredentialStatus status = this.node.credentials.status(API);
		assertThat(status.lastError()).isEqualTo("subject_token_missing");
		assertThat(status.lastOutcome()).isEqualTo(RefreshOutcome.REFUSED);
		assertThat(status.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.node.refreshes()).filteredOn((refresh) -> refresh.id().equals(API))
			.extracting(RefreshListener.Refresh::outcome)
			.containsExactly(RefreshOutcome.REFUSED, RefreshOutcome.SUPPRESSED);
		assertThat(this.node.refreshes().get(0).reason())
			.isEqualTo("No token from provider 'demo' (oauth2.pkce.providers.api.subject-token.provider):"
					+ " nobody is logged in there");
		assertThat(exchanges()).isEmpty();
		this.node.login();
		tokenOf(current());
		assertThat(this.node.credentials.status(API).lastError()).isNull();
	}

	@Test
	void outlivesTheRefreshOfTheLogin() {
		this.node.login();
		String token = tokenOf(current());
		this.node.current(RefreshTrigger.MANUAL);
		assertThat(tokenOf(current())).isEqualTo(token);
		assertThat(exchanges()).hasSize(1);
	}

	@Test
	void refreshesTheLoginFirstWhenThatHasEnded() {
		this.node.login();
		tokenOf(current());
		this.world.clock.advance(RefreshWorld.LONG);
		tokenOf(current());
		assertThat(this.world.server.refreshesGranted()).isOne();
		assertThat(exchanges()).hasSize(2);
		assertThat(exchanges().get(1).parameter("subject_token")).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void logoutTakesWhatWasMadeFromTheLogin() {
		this.node.login();
		tokenOf(current());
		assertThat(this.world.store.load(API)).isNotNull();
		this.node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(API)).isNull();
		assertThat(exchanges()).hasSize(1);
	}

	@Test
	void anotherLoginNeverGetsWhatWasMadeFromTheFirst() {
		this.node.login();
		String first = tokenOf(current());
		this.world.clock.advance(Duration.ofSeconds(1));
		this.node.login();
		assertThat(tokenOf(current())).isNotEqualTo(first);
		assertThat(exchanges().get(1).parameter("subject_token")).isEqualTo(this.world.stored().accessToken());
	}

	@Test
	void loginThatComesDuringAnExchangeNeverGetsWhatIsMadeFromTheFirst() {
		this.node.login();
		CountDownLatch gate = new CountDownLatch(1);
		this.other.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(gate));
		CompletableFuture<BearerToken> first = this.node.credentials.current(API, RefreshTrigger.EXPIRY);
		this.other.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(20));
		this.world.clock.advance(Duration.ofSeconds(1));
		this.node.login();
		CompletableFuture<BearerToken> second = this.node.credentials.current(API, RefreshTrigger.EXPIRY);
		gate.countDown();
		assertThat(skipOf(Waiting.await(first))).isEqualTo(SkipReason.NO_TOKEN);
		String token = tokenOf(Waiting.await(second));
		assertThat(exchanges()).hasSize(2);
		assertThat(exchanges().get(1).parameter("subject_token")).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.store.load(API).accessToken()).isEqualTo(token);
	}

	@Test
	void nothingIsKeptOfAnExchangeWhoseLoginIsRejectedMeanwhile() {
		this.node.login();
		CountDownLatch gate = new CountDownLatch(1);
		this.other.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(gate));
		CompletableFuture<BearerToken> asked = this.node.credentials.current(API, RefreshTrigger.EXPIRY);
		this.other.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(20));
		this.world.server.endSessions();
		this.node.current(RefreshTrigger.MANUAL);
		gate.countDown();
		assertThat(skipOf(Waiting.await(asked))).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(API)).isNull();
	}

	@ParameterizedTest
	@MethodSource("changes")
	void tokenThatWasAskedForInOtherWordsIsNotUsedAfterARestart(UnaryOperator<ProviderBuilder> change) {
		this.node.login();
		String token = tokenOf(current());
		Provider changed = change
			.apply(atOther("api", Grant.TOKEN_EXCHANGE).scopes(List.of("read")).exchange(this.api.exchange()))
			.build();
		this.node = this.world.start(this.world.store, this.world.provider, changed);
		assertThat(tokenOf(current())).isNotEqualTo(token);
		assertThat(exchanges()).hasSize(2);
	}

	static Stream<UnaryOperator<ProviderBuilder>> changes() {
		ForeignToken login = provider("demo", ForeignToken.ACCESS_TOKEN);
		return Stream.of((api) -> api.scopes(List.of("read", "write")),
				(api) -> api.resources(List.of("https://other.example")),
				(api) -> api.exchange(new Exchange(login, null, "https://other.example", null)),
				(api) -> api.exchange(new Exchange(login, null, "https://api.example", ForeignToken.ACCESS_TOKEN)));
	}

	@Test
	void anotherLoginIsTriedAlthoughTheFirstWasRefused() {
		this.node.login();
		this.other.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "Not this one"));
		assertThat(skipOf(current())).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(skipOf(current())).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(exchanges()).hasSize(1);
		this.world.clock.advance(Duration.ofSeconds(1));
		this.node.login();
		tokenOf(current());
		assertThat(exchanges()).hasSize(2);
	}

	@Test
	void rejectedLoginTakesWhatWasMadeFromIt() {
		this.node.login();
		tokenOf(current());
		this.world.server.endSessions();
		this.node.current(RefreshTrigger.MANUAL);
		assertThat(this.world.stored().isRefreshTokenRejected()).isTrue();
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(exchanges()).hasSize(1);
	}

	@Test
	void isKeptWithTheLoginOverARestart() {
		this.node.login();
		String token = tokenOf(current());
		this.node = start();
		assertThat(tokenOf(current())).isEqualTo(token);
		assertThat(exchanges()).hasSize(1);
	}

	@Test
	void whatWasMadeFromALoginThatHasGoneMeanwhileIsNotUsedAfterARestart() {
		this.node.login();
		tokenOf(current());
		Credential login = this.world.stored();
		this.world.store.remove(RefreshWorld.ID, login.generation());
		this.node = start();
		assertThat(this.world.store.load(API)).isNotNull();
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void twoNodesExchangeOncePerExpiry() {
		SharedStores stores = SharedStores.h2();
		twoExchangeOncePerExpiry(stores.open(), stores.open());
	}

	@Test
	void twoProcessesExchangeOncePerExpiry(@TempDir Path directory) {
		twoExchangeOncePerExpiry(new FileTokenStore(directory, null, List.of()),
				new FileTokenStore(directory, null, List.of()));
	}

	private void twoExchangeOncePerExpiry(TokenStore one, TokenStore other) {
		RefreshWorld.Node first = this.world.start(one, this.world.provider, this.api).login();
		RefreshWorld.Node second = this.world.start(other, this.world.provider, this.api);
		for (int round = 1; round <= 3; round++) {
			List<CompletableFuture<BearerToken>> asked = new ArrayList<>();
			for (int call = 0; call < 50; call++) {
				asked.add(first.credentials.current(API, RefreshTrigger.EXPIRY));
				asked.add(second.credentials.current(API, RefreshTrigger.EXPIRY));
			}
			assertThat(asked.stream().map((token) -> tokenOf(Waiting.await(token))).distinct()).hasSize(1);
			assertThat(exchanges()).hasSize(round);
			this.world.clock.advance(RefreshWorld.LONG);
		}
	}

	@Test
	void tokenOfTwoLoginsEndsWithEither() {
		Provider second = Provider.withId("agent", "cli")
			.issuerUri(this.world.server.issuer())
			.endpoints(TestProviders.endpoints(this.world.server))
			.build();
		Provider both = atOther("api", Grant.TOKEN_EXCHANGE)
			.exchange(new Exchange(provider("demo", ForeignToken.ACCESS_TOKEN),
					provider("agent", ForeignToken.ACCESS_TOKEN), null, null))
			.build();
		CredentialId agent = CredentialId.ofApplication("agent");
		this.node = this.world.start(this.world.store, this.world.provider, second, both).login();
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		this.node.credentials.loggedIn(agent, this.world.server.uri(Endpoint.TOKEN),
				TestLogins.device(this.world.server, second));
		String token = tokenOf(current());
		assertThat(tokenOf(current())).isEqualTo(token);
		assertThat(exchanges().get(0).parameter("actor_token")).isEqualTo(this.world.store.load(agent).accessToken());
		this.node.credentials.forget(agent, (credential) -> {
		});
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
	}

	/** What is made from a person's login is theirs, and ends with it and no other. */
	@Test
	void eachUserHasTokensOfTheirOwnLogin() {
		Provider login = TestProviders.device(this.world.server).principal(PrincipalKind.CURRENT_USER).build();
		this.node = this.world.start(this.world.store, login, this.api.withPrincipal(PrincipalKind.CURRENT_USER));
		for (String user : List.of("alice", "bob")) {
			this.node.credentials.loggedIn(new CredentialId("demo", user), this.world.server.uri(Endpoint.TOKEN),
					TestLogins.device(this.world.server, login));
		}
		String alices = tokenOf(current(this.node, new CredentialId("api", "alice")));
		String bobs = tokenOf(current(this.node, new CredentialId("api", "bob")));
		assertThat(exchanges()).extracting((request) -> request.parameter("subject_token"))
			.containsExactly(this.world.store.load(new CredentialId("demo", "alice")).accessToken(),
					this.world.store.load(new CredentialId("demo", "bob")).accessToken());
		assertThat(bobs).isNotEqualTo(alices);
		assertThat(skipOf(current(this.node, new CredentialId("api", "carol")))).isEqualTo(SkipReason.NO_TOKEN);
		this.node.credentials.forget(new CredentialId("demo", "alice"), (credential) -> {
		});
		assertThat(skipOf(current(this.node, new CredentialId("api", "alice")))).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.world.store.load(new CredentialId("api", "alice"))).isNull();
		assertThat(tokenOf(current(this.node, new CredentialId("api", "bob")))).isEqualTo(bobs);
	}

	@Test
	void serverInTroubleIsAPassingFailure() {
		this.node.login();
		this.other.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(skipOf(current())).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(skipOf(current())).isEqualTo(SkipReason.REFRESH_BACKOFF);
	}

	@Test
	void loginWhoseServerIsInTroubleIsAPassingFailure() {
		this.node.login();
		this.world.clock.advance(RefreshWorld.LONG);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		assertThat(skipOf(current())).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(this.node.credentials.status(API).lastError()).isEqualTo("subject_token_unavailable");
	}

	/** Cross-app access: login, identity assertion at its server, token at the API's. */
	@Test
	void chainLeadsFromAnIdTokenToAnIdentityAssertionToAToken() {
		Provider jag = identityAssertion("https://other.example");
		Provider saas = byIdentityAssertion(atOther("saas", Grant.JWT_BEARER));
		this.node = start(jag, saas).login();
		assertThat(this.world.stored().assertion()).isEqualTo(idToken(3600));
		String token = tokenOf(current(this.node, CredentialId.ofApplication("saas")));
		assertThat(token).startsWith("at.");
		RecordedRequest exchange = this.world.server.requests(Endpoint.TOKEN, "company").get(0);
		assertThat(exchange.parameter("subject_token")).isEqualTo(idToken(3600));
		assertThat(exchange.parameter("subject_token_type")).isEqualTo(ForeignToken.ID_TOKEN);
		assertThat(exchange.parameter("requested_token_type")).isEqualTo(ForeignToken.ID_JAG);
		assertThat(exchanges().get(0).parameter("assertion")).startsWith("no-bearer.");
		int requests = this.world.tokenRequests();
		assertThat(this.node.source.current("jag").block()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(this.world.tokenRequests()).isEqualTo(requests);
		BearerToken never = current(this.node, CredentialId.ofApplication("jag"));
		assertThat(skipOf(never)).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.node.source.atHand("jag")).isNull();
		this.node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		assertThat(skipOf(current(this.node, CredentialId.ofApplication("saas")))).isEqualTo(SkipReason.NO_TOKEN);
	}

	@Test
	void endOfAChainIsAnotherTokenWhenItsFirstLinkIs() {
		Provider last = exchange("last", "api", ForeignToken.ACCESS_TOKEN, null);
		CredentialId id = CredentialId.ofApplication("last");
		this.node = start(last).login();
		String token = tokenOf(current(this.node, id));
		this.node = start(last);
		assertThat(tokenOf(current(this.node, id))).isEqualTo(token);
		Provider changed = atOther("api", Grant.TOKEN_EXCHANGE).scopes(List.of("read", "write"))
			.exchange(this.api.exchange())
			.build();
		this.node = this.world.start(this.world.store, this.world.provider, changed, last);
		assertThat(tokenOf(current(this.node, id))).isNotEqualTo(token);
		assertThat(exchanges()).hasSize(4);
	}

	@Test
	void whatAMachineGotByTheTokenOfALoginEndsWithThatLogin() {
		this.other.register(FakeClient.confidential("robot", "robot-secret"));
		Provider machine = byLogin(Provider.withId("machine", "robot").clientSecret("robot-secret"))
			.grant(Grant.CLIENT_CREDENTIALS)
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
			.build();
		CredentialId id = CredentialId.ofApplication("machine");
		this.node = this.world.start(this.world.store, this.world.provider, machine).login();
		String token = tokenOf(current(this.node, id));
		this.node.current(RefreshTrigger.MANUAL);
		assertThat(tokenOf(current(this.node, id))).isEqualTo(token);
		this.node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		assertThat(this.node.source.atHand("machine")).isNull();
		this.world.clock.advance(Duration.ofSeconds(1));
		this.node.login();
		assertThat(tokenOf(current(this.node, id))).isNotEqualTo(token);
	}

	/** The client says by it who it is; the person is another one. */
	@Test
	void loginOfAPersonOutlivesTheLoginByWhichItsClientIsKnown() {
		Provider person = byLogin(Provider.withId("person", "exchanger"))
			.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
			.build();
		CredentialId id = CredentialId.ofApplication("person");
		this.node = this.world.start(this.world.store, this.world.provider, person).login();
		this.node.credentials.loggedIn(id, this.other.uri(Endpoint.TOKEN), TestLogins.device(this.other, person));
		this.node.credentials.forget(RefreshWorld.ID, (credential) -> {
		});
		tokenOf(current(this.node, id));
	}

	/** No request shows it here: what counts is what becomes of the answers. */
	private ProviderBuilder byLogin(ProviderBuilder client) {
		return client.endpoints(TestProviders.endpoints(this.other))
			.assertion(new Assertion(null, null, null, null, null, Duration.ofMinutes(1),
					provider("demo", ForeignToken.ACCESS_TOKEN), null));
	}

	@Test
	void identityAssertionIsNotShownAgainWhenThereIsNoNewOne() {
		Provider jag = identityAssertion("https://other.example");
		Provider saas = byIdentityAssertion(atOther("saas", Grant.JWT_BEARER));
		CredentialId id = CredentialId.ofApplication("saas");
		this.node = start(jag, saas).login();
		tokenOf(current(this.node, id));
		this.world.server.enqueue(Endpoint.TOKEN, Answer.status(503));
		Waiting.await(this.node.credentials.current(id, RefreshTrigger.MANUAL));
		assertThat(exchanges()).hasSize(1);
		assertThat(this.node.credentials.status(id).lastError()).isEqualTo("subject_token_unavailable");
	}

	private Provider identityAssertion(@Nullable String audience) {
		this.world.server.register(FakeClient.publicClient("company"));
		this.world.server.tokens().answer().put("id_token", idToken(3600));
		return Provider.withId("jag", "company")
			.grant(Grant.TOKEN_EXCHANGE)
			.endpoints(TestProviders.endpoints(this.world.server))
			.exchange(new Exchange(provider("demo", ForeignToken.ID_TOKEN), null, audience, ForeignToken.ID_JAG))
			.build();
	}

	private static Provider byIdentityAssertion(ProviderBuilder provider) {
		return provider.exchange(new Exchange(provider("jag", ForeignToken.ACCESS_TOKEN), null, null, null)).build();
	}

	@Test
	void identityAssertionIsForTheServerThatReadsItUnlessSomebodySaysOtherwise() {
		Provider jag = identityAssertion(null);
		Provider saas = byIdentityAssertion(atOther("saas", Grant.JWT_BEARER).issuerUri(this.other.issuer())
			.endpoints(Provider.Endpoints.NONE)
			.resources(List.of("https://tools.example/mcp")));
		this.node = start(jag, saas).login();
		tokenOf(current(this.node, CredentialId.ofApplication("saas")));
		RecordedRequest exchange = this.world.server.requests(Endpoint.TOKEN, "company").get(0);
		assertThat(exchange.parameter("audience")).isEqualTo(this.other.issuer());
		assertThat(exchange.parameter("resource")).isEqualTo("https://tools.example/mcp");
	}

	private RefreshWorld.Node startWithIdTokens() {
		return this.world.start(this.world.store, this.world.provider,
				exchange("api", "demo", ForeignToken.ID_TOKEN, null));
	}

	@Test
	void refreshBringsAnotherIdTokenWhenThatHasEnded() {
		this.world.server.tokens().answer().put("id_token", idToken(60));
		this.node = startWithIdTokens().login();
		this.world.clock.advance(Duration.ofSeconds(61));
		this.world.server.tokens().answer().put("id_token", idToken(600));
		tokenOf(current());
		assertThat(exchanges().get(0).parameter("subject_token")).isEqualTo(idToken(600));
		assertThat(this.world.server.refreshesGranted()).isOne();
	}

	@Test
	void idTokenThatNoRefreshRenewsIsSaidToHaveEndedAndRefreshedForOnce() {
		this.world.server.tokens().answer().put("id_token", idToken(60));
		this.node = startWithIdTokens().login();
		this.world.clock.advance(Duration.ofSeconds(61));
		for (int call = 0; call < 3; call++) {
			assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		}
		assertThat(this.node.credentials.status(API).lastError()).isEqualTo("subject_token_expired");
		assertThat(this.world.server.refreshesGranted()).isOne();
		assertThat(exchanges()).isEmpty();
	}

	@Test
	void loginWithoutAnIdTokenIsASentence() {
		this.node = startWithIdTokens().login();
		assertThat(skipOf(current())).isEqualTo(SkipReason.NO_TOKEN);
		assertThat(this.node.refreshes().get(0).reason()).contains("has sent no ID token with the login");
	}

	@Test
	void hugeIdTokenIsNotKept() {
		this.world.server.tokens().answer().put("id_token", "x".repeat(17 * 1024));
		this.node.login();
		assertThat(this.world.stored().assertion()).isNull();
	}

	@Test
	void tokenThatIsNoAccessTokenAndWasNotAskedForIsRefused() {
		this.node.login();
		this.other.tokens().answer().put("token_type", "N_A");
		assertThat(current()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(this.node.credentials.status(API).lastError()).isEqualTo("unsupported_token_type");
	}

	@Test
	void idTokenThatCallsItselfABearerIsRefused() {
		this.node.login();
		this.other.tokens().answer().put("issued_token_type", ForeignToken.ID_TOKEN);
		assertThat(current()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(this.node.credentials.status(API).lastError()).isEqualTo("unsupported_token_type");
	}

	private static String idToken(long seconds) {
		Instant end = TestCredentials.NOW.plusSeconds(seconds);
		String claims = "{\"sub\":\"alice\",\"exp\":" + end.getEpochSecond() + "}";
		return "eyJhbGciOiJub25lIn0."
				+ Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
				+ ".c2ln";
	}

}
