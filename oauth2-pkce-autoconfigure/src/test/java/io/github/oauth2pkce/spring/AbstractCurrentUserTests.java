package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.boot.WebApplicationType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code principal: current-user} in an application whose users are signed in by Spring
 * Security. Its pages below {@code /call} call the API, each in a way of its own, and say
 * whose bearer came with the call.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AbstractCurrentUserTests {

	private final WebApplicationType type;

	private final Class<?> configuration;

	private WebLoginWorld application;

	final Browser alice = new Browser();

	final Browser bob = new Browser();

	AbstractCurrentUserTests(WebApplicationType type, Class<?> configuration) {
		this.type = type;
		this.configuration = configuration;
	}

	/** The ways that know the signed-in user. */
	abstract List<String> ways();

	/** The same, to an API of a provider that users have no login at. */
	abstract List<String> waysToOtherProvider();

	/**
	 * Whose bearer comes with calls that nobody's request makes, and which name a user.
	 */
	abstract List<String> callInBackground(String user);

	@BeforeAll
	void start() {
		this.application = new WebLoginWorld(this.type, this.configuration,
				"oauth2.pkce.providers.public-true.principal=current-user",
				"oauth2.pkce.providers.public-true.base-urls={server}/api",
				"oauth2.pkce.providers.confidential-true.principal=current-user",
				"oauth2.pkce.providers.confidential-true.base-urls={server}/api/other",
				"oauth2.pkce.providers.confidential-true.on-missing-token=fail", "test.api={server}/api");
		signInAgain();
	}

	@AfterAll
	void stop() {
		this.application.close();
	}

	private void signInAgain() {
		this.application.signIn(this.alice, "public-true", "alice");
		this.application.signIn(this.bob, "public-true", "bob");
	}

	final <T> T bean(Class<T> type) {
		return this.application.bean(type);
	}

	final String call(Browser browser, String way) {
		return browser.get(this.application.uri("/call/" + way)).body();
	}

	@ParameterizedTest
	@MethodSource("ways")
	void eachUserHasTheirOwnBearer(String way) {
		for (int round = 0; round < 3; round++) {
			assertThat(call(this.alice, way)).isEqualTo("alice");
			assertThat(call(this.bob, way)).isEqualTo("bob");
			assertThat(call(new Browser(), way)).isEqualTo("nobody");
		}
	}

	@ParameterizedTest
	@MethodSource("ways")
	void rejectedBearerIsReplacedByOneOfTheSameUser(String way) {
		this.application.server().invalidateAccessTokens();
		assertThat(call(this.alice, way)).isEqualTo("alice");
		assertThat(call(this.bob, way)).isEqualTo("bob");
		// So that the next of these refreshes again, rather than waits.
		signInAgain();
	}

	@Test
	void fiftyUsersAtOnceSeeNothingOfEachOther() throws Exception {
		FiftyUsers.logInAndCall(this.application, "public-true",
				List.of("web-client", "other-scheduler", "rest-client"));
		signInAgain();
	}

	@Test
	void backgroundWorkNamesItsUser() {
		assertThat(callInBackground("alice")).containsOnly("alice");
		assertThat(callInBackground("bob")).containsOnly("bob");
		assertThat(callInBackground("carol")).containsOnly("nobody");
		assertThat(callInBackground("anonymousUser")).containsOnly("nobody");
		assertThat(callInBackground("application")).containsOnly("nobody");
		BearerTokenSource source = bean(BearerTokenSource.class);
		assertThat(source.current("public-true", "alice").block()).isInstanceOfSatisfying(BearerToken.Available.class,
				(token) -> assertThat(token.accessToken())
					.isEqualTo(bean(TokenStore.class).load(new CredentialId("public-true", "alice")).accessToken()));
		assertThat(source.current("public-true").block()).isInstanceOfSatisfying(BearerToken.Skipped.class,
				(skipped) -> assertThat(skipped.reason()).isEqualTo(SkipReason.NO_TOKEN));
	}

	@Test
	void requestThatNamesAUserIsThatUsersWhoeverSendsIt() {
		for (String way : List.of("named/bob", "rest-named/bob")) {
			assertThat(call(this.alice, way)).isEqualTo("bob");
			assertThat(call(new Browser(), way)).isEqualTo("bob");
		}
	}

	/**
	 * Spring Security's own clients throw what sends the browser to the login page.
	 */
	@ParameterizedTest
	@MethodSource("waysToOtherProvider")
	void missingLoginSendsNoBrowserAway(String way) {
		int before = this.application.server().requests(Endpoint.AUTHORIZATION).size();
		HttpResponse<String> refused = this.alice.get(this.application.uri("/call/" + way));
		assertThat(refused.statusCode()).isEqualTo(500);
		assertThat(refused.headers().firstValue("Location")).isEmpty();
		assertThat(call(this.alice, way + "-handled")).isEqualTo("login required");
		HttpResponse<String> stranger = new Browser().get(this.application.uri("/call/web-client"));
		assertThat(stranger.statusCode()).isEqualTo(200);
		assertThat(this.application.server().requests(Endpoint.AUTHORIZATION)).hasSize(before);
	}

	@Test
	void theNextLoginOfAUserBringsWhatAResourceDemandsOfThem() {
		for (String way : List.of("web-client", "rest-client")) {
			this.application.server()
				.enqueue(Endpoint.API, Answer.status(403)
					.withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + way + "\""));
			assertThat(this.alice.get(this.application.uri("/call/" + way)).statusCode()).isEqualTo(500);
			URI page = this.application.page(this.alice, "public-true");
			assertThat(List.of(Browser.query(page).get("scope").split(" "))).contains(way);
			assertThat(Browser.query(this.application.page(new Browser(), "public-true"))).doesNotContainKey("scope");
			this.application.logIn(this.alice, URI.create(page + "&login_hint=alice"));
			assertThat(call(this.alice, way)).isEqualTo("alice");
			assertThat(Browser.query(this.application.page(this.alice, "public-true"))).doesNotContainKey("scope");
		}
	}

	@Test
	void whoeverIsCalledAsTheApplicationHasNoLogin() {
		Browser browser = new Browser();
		this.application.signIn(browser, "public-true", "application");
		assertThat(call(browser, "web-client")).isEqualTo("nobody");
		assertThat(bean(TokenStore.class).load(CredentialId.ofApplication("public-true"))).isNull();
	}

	@Test
	void oneUsersLoginsAtTwoProvidersAreKeptApart() {
		Browser dora = new Browser();
		this.application.signIn(dora, "public-true", "dora");
		assertThat(call(dora, "web-client")).isEqualTo("dora");
		assertThat(call(dora, "other-provider-handled")).isEqualTo("login required");
		this.application.signIn(dora, "confidential-true", "dora");
		Credential other = bean(TokenStore.class).load(new CredentialId("confidential-true", "dora"));
		assertThat(call(dora, "other-provider")).isEqualTo("dora");
		List<RecordedRequest> sent = this.application.server().requests(Endpoint.API);
		assertThat(sent.get(sent.size() - 1).bearer()).isEqualTo(other.accessToken());
	}

}
