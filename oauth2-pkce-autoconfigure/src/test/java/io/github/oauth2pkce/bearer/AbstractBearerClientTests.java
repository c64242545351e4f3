package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.target.BearerPolicies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What all HTTP clients have to do alike, through the clients that applications use. The
 * token at hand is {@code one} unless a test says otherwise.
 */
public abstract class AbstractBearerClientTests {

	protected static final String API = "https://api.example.com";

	protected static final String INVALID_TOKEN = "Bearer realm=\"api\", error=\"invalid_token\"";

	protected final StubTransport transport = new StubTransport();

	protected final RecordingListener listener = new RecordingListener();

	protected StubTokenSource source = StubTokenSource.withToken("one");

	protected BearerPolicies policies = TestPolicies.forBaseUrls(API);

	/** How often the client has the filter: by Boot's builder, and by hand. */
	protected int times = 1;

	/** Whether the requests of the client have a place for the reason of a skip. */
	protected boolean showsSkips = true;

	/** Sends a request and gives the status that the application sees. */
	protected abstract int send(Call call);

	@Test
	void sendsTheBearerToABaseUrl() {
		assertThat(send(Call.to(API + "/things").header("Accept", "text/plain"))).isEqualTo(200);
		assertThat(this.transport.only().authorization()).isEqualTo("Bearer one");
		assertThat(this.transport.only().headers().getFirst("Accept")).isEqualTo("text/plain");
		assertThat(this.transport.only().skipReason()).isNull();
		assertThat(this.listener.events).containsExactly("propagated github");
		assertThat(this.source.everythingAsked()).isEmpty();
	}

	@Test
	void asksTheSourceWhenNothingIsAtHand() {
		this.source = new StubTokenSource();
		this.source.current = BearerToken.Available.of("two");
		send(Call.to(API + "/things"));
		assertThat(this.transport.authorizations()).containsExactly("Bearer two");
		assertThat(this.source.asked).containsExactly("github");
	}

	/** A source of the application's own, which has broken its promise. */
	@Test
	void aSourceThatGivesNothingHasNoToken() {
		this.source = StubTokenSource.givingNothing();
		assertThat(send(Call.to(API + "/things"))).isEqualTo(200);
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.NO_TOKEN);
	}

	@Test
	void aSourceThatGivesNothingAfterA401LeavesItToTheCaller() {
		this.source.afterRejection = Mono.empty();
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API + "/things"))).isEqualTo(401);
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_recoverable");
	}

	@Test
	void aSourceThatCannotNoteATakenTokenCostsNoAnswer() {
		this.source.refreshingTo("two");
		this.source.noting = Mono.error(new IllegalStateException("no note"));
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API + "/things"))).isEqualTo(200);
	}

	@Test
	void aSourceThatTakesLongToNoteATakenTokenDelaysNoAnswer() {
		this.source.refreshingTo("two");
		this.source.noting = Mono.never();
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API + "/things"))).isEqualTo(200);
	}

	@Test
	void leavesOtherTargetsAlone() {
		send(Call.to("https://elsewhere.example.com/things"));
		assertThat(this.transport.only().authorization()).isNull();
		assertThat(this.transport.only().skipReason()).isNull();
		assertThat(this.listener.events).isEmpty();
	}

	@Test
	void leavesAnUnknownProviderToItsOwnFilter() {
		send(Call.to(API + "/things").naming("somebody-elses"));
		assertThat(this.transport.only().authorization()).isNull();
		assertThat(this.transport.only().skipReason()).isNull();
		assertThat(this.listener.events).isEmpty();
	}

	@Test
	void sendsTheBearerOfTheProviderThatTheRequestNames() {
		this.policies = new BearerPolicies(List.of(TestPolicies.policy(), TestPolicies.policyOf("other", API)));
		send(Call.to(API + "/things").naming("github"));
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void sendsNoBearerWhereTwoProvidersHaveAnEqualClaim() {
		this.policies = new BearerPolicies(List.of(TestPolicies.policy(API), TestPolicies.policyOf("other", API)));
		send(Call.to(API + "/things"));
		assertThat(this.transport.only().authorization()).isNull();
		assertThat(this.listener.events).isEmpty();
		send(Call.to(API + "/things").naming("github"));
		assertThat(this.transport.authorizations()).containsExactly("null", "Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://anywhere.example.com/", "http://localhost:8080/x", "http://127.0.0.1/x",
			"http://[::1]:8080/x" })
	void sendsTheBearerOfANamedProviderWithoutBaseUrlsAnywhereSecure(String uri) {
		this.policies = TestPolicies.forBaseUrls();
		send(Call.to(uri).naming("github"));
		assertThat(this.transport.only().authorization()).isEqualTo("Bearer one");
	}

	@Test
	void sendsNoBearerOfAProviderWithoutBaseUrlsThatIsNotNamed() {
		this.policies = TestPolicies.forBaseUrls();
		send(Call.to(API));
		assertThat(this.transport.only().authorization()).isNull();
		assertThat(this.listener.events).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Authorization", "authorization", "AUTHORIZATION" })
	void keepsTheCallersOwnAuthorization(String name) {
		send(Call.to(API).header(name, "Basic abc"));
		assertThat(this.transport.only().authorization()).isEqualTo("Basic abc");
		assertSkipped(SkipReason.USER_SET);
	}

	/** RFC 6750 section 2: not more than one method in each request. */
	@ParameterizedTest
	@ValueSource(strings = { "?access_token=theirs", "?page=2&access_token=theirs", "?access_token=theirs&page=2" })
	void addsNoBearerToTheCallersOwnInTheQuery(String query) {
		this.policies = TestPolicies.failing(API);
		send(Call.to(API + "/things" + query));
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.USER_SET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "?access_token=", "?access_token", "?my_access_token=1", "?access_tokens=1",
			"?q=access_token=1", "#access_token=1" })
	void whatIsNoTokenInTheQueryDoesNotCount(String query) {
		send(Call.to(API + "/things" + query));
		assertThat(this.transport.only().authorization()).isEqualTo("Bearer one");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://elsewhere.example.com/", "http://api.example.com/" })
	void looksForTheCallersAuthorizationBeforeAnythingElse(String uri) {
		this.policies = TestPolicies.failing(API);
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		send(Call.to(uri).naming("github").header("Authorization", "Basic abc"));
		assertThat(this.transport.only().authorization()).isEqualTo("Basic abc");
		assertSkipped(SkipReason.USER_SET);
		assertThat(this.source.asked).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://elsewhere.example.com/", "https://api.example.com:8443/",
			"https://api.example.com@evil.com/", "http://api.example.com/" })
	void refusesOtherOriginsEvenIfTheRequestNamesTheProvider(String uri) {
		send(Call.to(uri).naming("github"));
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.ORIGIN_NOT_ALLOWED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://api.example.com/", "http://127.0.0.1.example.com/", "http://localhost.evil.com/" })
	void refusesPlainHttpToOtherMachines(String uri) {
		this.policies = TestPolicies.forBaseUrls();
		send(Call.to(uri).naming("github"));
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.INSECURE_TRANSPORT);
	}

	@Test
	void refusesPlainHttpEvenIfItIsABaseUrl() {
		this.policies = TestPolicies.forBaseUrls("http://api.example.com");
		send(Call.to("http://api.example.com/"));
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.INSECURE_TRANSPORT);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void refusesPlainHttpBesideBaseUrlsThatAreSecure(boolean named) {
		this.policies = TestPolicies.forBaseUrls("https://api.example.com", "http://api.example.com");
		Call call = Call.to("http://api.example.com/");
		send(named ? call.naming("github") : call);
		assertThat(this.transport.only().authorization()).isNull();
		assertSkipped(SkipReason.INSECURE_TRANSPORT);
	}

	@ParameterizedTest
	@EnumSource(names = { "USER_SET", "ORIGIN_NOT_ALLOWED", "INSECURE_TRANSPORT" }, mode = EnumSource.Mode.EXCLUDE)
	void sendsWithoutBearerAndSaysWhyTheSourceHasNone(SkipReason reason) {
		this.source = StubTokenSource.without(reason, AuthorizationState.LOGIN_REQUIRED);
		assertThat(send(Call.to(API + "/things").posting("body"))).isEqualTo(200);
		assertThat(this.transport.only().authorization()).isNull();
		assertThat(this.transport.only().body()).isEqualTo("body");
		assertSkipped(reason);
	}

	@Test
	void asksAndCountsOnceIfItIsThereTwice() {
		this.times = 2;
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		send(Call.to(API));
		assertSkipped(SkipReason.NO_TOKEN);
		assertThat(this.source.asked).containsExactly("github");
	}

	@Test
	void countsOnceWhatIsRefusedIfItIsThereTwice() {
		this.times = 2;
		send(Call.to(API).header("Authorization", "Basic abc"));
		assertThat(this.transport.only().authorization()).isEqualTo("Basic abc");
		assertSkipped(SkipReason.USER_SET);
	}

	@Test
	void sendsNothingIfAMissingBearerIsAFailure() {
		this.policies = TestPolicies.failing(API);
		this.source = StubTokenSource.without(SkipReason.REAUTHENTICATION_REQUIRED,
				AuthorizationState.REAUTHENTICATION_REQUIRED);
		AuthenticationRequiredException failure = catchThrowableOfType(AuthenticationRequiredException.class,
				() -> send(Call.to(API)));
		assertThat(failure.getProviderId()).isEqualTo("github");
		assertThat(failure.getState()).isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		assertThat(failure.getReason()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
		assertThat(failure).hasMessageContaining("github").hasMessageContaining("reauthentication_required");
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(this.transport.received).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github reauthentication_required");
	}

	@Test
	void sendsNothingToARefusedOriginIfAMissingBearerIsAFailure() {
		this.policies = TestPolicies.failing(API);
		AuthenticationRequiredException failure = catchThrowableOfType(AuthenticationRequiredException.class,
				() -> send(Call.to("https://elsewhere.example.com").naming("github")));
		assertThat(failure.getReason()).isEqualTo(SkipReason.ORIGIN_NOT_ALLOWED);
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isFalse();
		assertThat(this.transport.received).isEmpty();
	}

	@Test
	void replaysOnceWithARefreshedToken() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API + "/things").header("X-Trace", "1").posting("body"))).isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
		assertThat(this.transport.received).extracting(StubTransport.Received::body).containsExactly("body", "body");
		assertThat(this.transport.received).extracting((request) -> request.headers().getFirst("X-Trace"))
			.containsExactly("1", "1");
		assertThat(this.transport.received).extracting(StubTransport.Received::uri)
			.containsOnly(URI.create(API + "/things"));
		assertThat(this.source.rejected).containsExactly("one");
		assertThat(this.source.taken).containsExactly("github");
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github replayed");
	}

	@Test
	void replaysWithANewerTokenWithoutForcingARefresh() {
		this.transport.answer(401, INVALID_TOKEN);
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("one");
		StubTokenSource source = this.source;
		// What another request has got meanwhile.
		this.transport.beforeAnswering(() -> source.atHand = BearerToken.Available.of("two"));
		int status = send(Call.to(API));
		assertThat(status).isEqualTo(200);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
		assertThat(this.source.rejected).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github adopted");
	}

	@Test
	void givesTheSecond401ToTheCaller() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN).answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one", "Bearer two");
		assertThat(this.source.rejected).containsExactly("one");
		assertThat(this.source.taken).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github replayed");
	}

	@Test
	void givesThe401ToTheCallerIfThereIsNoOtherToken() {
		this.source.refreshingTo("one");
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_recoverable");
	}

	@Test
	void givesThe401ToTheCallerIfTheRefreshFails() {
		this.source.afterRejection = Mono
			.just(new BearerToken.Skipped(SkipReason.REFRESH_BACKOFF, AuthorizationState.AUTHORIZED));
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_recoverable");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Bearer", "Bearer realm=\"x\"", "Basic realm=\"x\"", "Basic error=\"invalid_token\"",
			"Bearer error=\"invalid_token\", error=\"invalid_token\"", "Bearer error=\"invalid_token" })
	void neverRefreshesBecauseOfA401ThatDoesNotBlameTheToken(String challenge) {
		this.transport.answer(401, challenge.isEmpty() ? new String[0] : new String[] { challenge });
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.source.everythingAsked()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_recoverable");
	}

	@ParameterizedTest
	@CsvSource({ "403, insufficient_scope", "401, insufficient_scope", "401, insufficient_user_authentication",
			"401, insufficient_claims" })
	void countsAnswersThatAskForMoreThanTheBearerIsGoodFor(int status, String error) {
		this.transport.answer(status, "Bearer error=\"" + error + "\", scope=\"admin\"");
		assertThat(send(Call.to(API))).isEqualTo(status);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.source.everythingAsked()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github insufficient_scope");
	}

	@ParameterizedTest
	@ValueSource(strings = { "insufficient_user_authentication", "insufficient_claims" })
	void neverRefreshesWhereTheLoginIsNotGoodEnoughEvenIfTheTokenIsBlamedToo(String error) {
		this.transport.answer(401, INVALID_TOKEN, "Bearer error=\"" + error + "\"");
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.source.everythingAsked()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github insufficient_scope");
	}

	@ParameterizedTest
	@ValueSource(ints = { 401, 403 })
	void tellsWhatAChallengeDemands(int status) {
		this.transport.answer(status, "Basic realm=\"x\"", "Bearer error=\"insufficient_scope\", scope=\"files:write\","
				+ " resource_metadata=\"https://api.example.com/metadata\"");
		send(Call.to(API));
		assertThat(this.listener.demands).containsExactly(
				new ResourceDemand(true, Set.of("files:write"), null, null, null, "https://api.example.com/metadata"));
	}

	/** It may be what a login begins with. */
	@Test
	void tellsWhatAChallengeNamesToARequestThatLacksItsBearer() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.transport.answer(401, "Bearer scope=\"files:read\"");
		send(Call.to(API));
		assertThat(this.listener.demands)
			.containsExactly(new ResourceDemand(false, Set.of("files:read"), null, null, null, null));
	}

	/** No token was sent, so that none was too weak. */
	@Test
	void aRequestWithoutBearerHadNoneThatWasNotGoodEnough() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.transport.answer(401, "Bearer error=\"insufficient_scope\", scope=\"files:read\"");
		send(Call.to(API));
		assertThat(this.listener.demands)
			.containsExactly(new ResourceDemand(false, Set.of("files:read"), null, null, null, null));
	}

	/** Twice, the filter tells once. */
	@Test
	void tellsOfAChallengeOnceIfItIsThereTwice() {
		this.times = 2;
		this.transport.answer(403, "Bearer error=\"insufficient_scope\"");
		send(Call.to(API));
		assertThat(this.listener.demands).hasSize(1);
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.transport.answer(401, "Bearer");
		send(Call.to(API));
		assertThat(this.listener.demands).hasSize(2);
	}

	@Test
	void theAnswerToAReplayIsTheCallersAlone() {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN).answer(403, "Bearer error=\"insufficient_scope\", scope=\"admin\"");
		assertThat(send(Call.to(API))).isEqualTo(403);
		assertThat(this.listener.demands).containsExactly(ResourceDemand.NONE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://elsewhere.example.com/", "http://api.example.com/" })
	void believesNoChallengeOfATargetThatMayNotHaveTheBearer(String uri) {
		this.transport.answer(401, "Bearer scope=\"admin\", resource_metadata=\"https://evil.example.com/\"");
		send(Call.to(uri).naming("github"));
		assertThat(this.listener.demands).isEmpty();
	}

	@Test
	void believesNoChallengeToTheCallersOwnAuthorization() {
		this.transport.answer(401, "Bearer scope=\"admin\"");
		send(Call.to(API).header("Authorization", "Bearer theirs"));
		assertThat(this.listener.demands).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "401 | Basic realm=\"x\"", "500 | Bearer scope=\"x\"", "200 | Bearer scope=\"x\"" })
	void tellsOfNoOtherAnswers(int status, String challenge) {
		this.transport.answer(status, challenge);
		send(Call.to(API));
		assertThat(this.listener.demands).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "400", "403", "404", "500", "503" })
	void neverRefreshesBecauseOfAnotherStatus(int status) {
		this.transport.answer(status, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(status);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.source.everythingAsked()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void findsTheChallengeAmongOthers() {
		this.source.refreshingTo("two");
		this.transport.answer(401, "Negotiate", "Basic realm=\"a, Bearer\", bearer ERROR=invalid_token");
		assertThat(send(Call.to(API))).isEqualTo(200);
	}

	@Test
	void doesNotRecoverIfToldNotTo() {
		this.policies = TestPolicies.notRetrying(API);
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.source.everythingAsked()).isEmpty();
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_recoverable");
	}

	@Test
	void doesNotRecoverTheCallersOwnAuthorization() {
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API).header("Authorization", "Bearer theirs"))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.listener.events).containsExactly("skipped github user_set");
	}

	@Test
	void doesNotRecoverARequestWithoutBearer() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(send(Call.to(API))).isEqualTo(401);
		assertThat(this.transport.received).hasSize(1);
		assertThat(this.listener.events).containsExactly("skipped github no_token");
	}

	private void assertSkipped(SkipReason reason) {
		assertThat(this.transport.only().skipReason()).isEqualTo(this.showsSkips ? reason : null);
		assertThat(this.listener.events).containsExactly("skipped github " + reason.tag());
	}

}
