package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.code.IssuerCheck;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.WebApplicationType;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Logins in a browser by Spring Security's filters: {@code oauth2Login()}, and
 * {@code oauth2Client()} where a test says so.
 */
@Timeout(120)
abstract class AbstractCodeLoginTests {

	private static final String RESOURCE_METADATA = "oauth2.pkce.providers.public-true.resource-metadata-uri={server}"
			+ "/.well-known/oauth-protected-resource/api";

	private static final String REQUIRED_ISS = "oauth2.pkce.providers.public-true.require-iss=true";

	private final WebApplicationType type;

	private final Class<?> loginApplication;

	private final Class<?> clientApplication;

	private final Browser browser = new Browser();

	AbstractCodeLoginTests(WebApplicationType type, Class<?> loginApplication, Class<?> clientApplication) {
		this.type = type;
		this.loginApplication = loginApplication;
		this.clientApplication = clientApplication;
	}

	/** Refresh with the client that Spring Security's managers use. */
	abstract OAuth2AccessTokenResponse refresh(WebLoginWorld application, OAuth2RefreshTokenGrantRequest request);

	final WebLoginWorld start(Class<?> configuration, String... properties) {
		return new WebLoginWorld(this.type, configuration, properties);
	}

	final WebLoginWorld startWithDiscoveredResource(Class<?> configuration) {
		return start(configuration, RESOURCE_METADATA);
	}

	@Test
	void sendsDiscoveredResourceWithRequestExchangeAndRefreshes() {
		try (WebLoginWorld application = startWithDiscoveredResource(this.loginApplication)) {
			assertThat(application.server().requests()).isEmpty();
			String resource = application.server().uri("/api").toString();
			URI page = application.page(this.browser, "public-true");
			assertThat(Browser.query(page)).containsEntry("resource", resource);
			assertThat(application.logIn(this.browser, page).parameters("resource")).containsExactly(resource);
			refresh(application, application.foreignRefresh("public-true", "public"));
			assertThat(application.lastTokenRequest().parameters("resource")).containsExactly(resource);
			assertThat(application.server().refreshRequests()).isEqualTo(1);
			assertThat(application.server().requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
		}
	}

	@Test
	void pushesTheRequestAndRedeemsTheCodeByAssertionsOfTheKey() {
		KeyPair key = KeyPairs.generate("P-256");
		String prefix = "oauth2.pkce.providers.signer.";
		try (WebLoginWorld application = start(this.loginApplication, prefix + "issuer-uri={server}",
				prefix + "client-id=signer", prefix + "authorization-grant-type=authorization_code",
				prefix + "client-assertion.key=" + KeyPairs.pkcs8(key),
				prefix + "pushed-authorization-requests=always")) {
			application.server().register(FakeClient.signing("signer", KeyPairs.registered(key).toJSONString()));
			RecordedRequest exchange = application.logIn(this.browser, application.page(this.browser, "signer"));
			RecordedRequest pushed = application.server().requests(Endpoint.PUSHED_AUTHORIZATION_REQUEST).get(0);
			assertThat(pushed.parameter("client_assertion")).isNotNull();
			assertThat(exchange.parameter("client_assertion")).isNotNull()
				.isNotEqualTo(pushed.parameter("client_assertion"));
			assertThat(exchange.authorization()).isNull();
		}
	}

	@Test
	void sendsNothingWhereTheResourceIsNotDiscovered() {
		try (WebLoginWorld application = startWithDiscoveredResource(this.loginApplication)) {
			application.server().resourceMetadata().put("resource", "https://evil.example/api");
			HttpResponse<String> answer = this.browser.get(application.uri("/oauth2/authorization/public-true"));
			assertThat(answer.headers().firstValue("Location").orElse(""))
				.doesNotContain(application.server().issuer());
			OAuth2RefreshTokenGrantRequest refresh = application.foreignRefresh("public-true", "public");
			assertThatExceptionOfType(OAuth2AuthorizationException.class)
				.isThrownBy(() -> refresh(application, refresh))
				.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("temporarily_unavailable"))
				.withMessageContaining("resource-metadata-uri");
			assertThat(application.server().requests(Endpoint.AUTHORIZATION)).isEmpty();
			assertThat(application.server().refreshRequests()).isZero();
		}
	}

	@Test
	void refusesAnswersThatDoNotSayWhoTheyAreFromWhereThatIsRequired() {
		try (WebLoginWorld application = start(this.loginApplication, REQUIRED_ISS)) {
			verifyThatIssIsRequired(application);
		}
	}

	private static void verifyThatIssIsRequired(WebLoginWorld application) {
		application.server().discovery().document().put(IssuerCheck.METADATA, false);
		Browser browser = new Browser();
		URI answer = browser.redirect(application.page(browser, "public-true"));
		for (String iss : List.of("", "&iss=https://other.test")) {
			URI wrong = URI.create(answer.toString().replaceFirst("&iss=[^&]*", iss));
			assertThat(browser.get(wrong).statusCode()).isEqualTo(400);
		}
		assertThat(application.server().requests(Endpoint.TOKEN)).isEmpty();
		assertThat(browser.redirect(answer).toString()).doesNotContain("error");
		assertThat(application.server().requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void clientHonoursPkceAndKnowsWhoAnswers() {
		try (WebLoginWorld application = start(this.clientApplication, REQUIRED_ISS)) {
			verifyThatIssIsRequired(application);
			application.verifyPkce("public-true", true);
			application.verifyPkce("public-false", false);
			application.verifyPkce("confidential-true", true);
			application.verifyPkce("confidential-false", false);
		}
	}

	/** RFC 9449: by the key that the session has kept since the browser was sent away. */
	@Test
	void bindsTokensToAKeyThatIsStoredWithThem() {
		try (WebLoginWorld application = start(this.loginApplication, "oauth2.pkce.providers.public-true.dpop=true")) {
			application.server().dpop().require();
			URI page = application.page(this.browser, "public-true");
			application.logIn(this.browser, page);
			assertThat(application.server().dpop().refusals()).isEmpty();
			Credential stored = application.bean(TokenStore.class).load(new CredentialId("public-true", "alice"));
			assertThat(stored).isNotNull();
			DpopKey key = stored.origin().key();
			assertThat(key).isNotNull();
			assertThat(key.thumbprint()).isEqualTo(Browser.query(page).get("dpop_jkt"));
			// Nobody could make its proofs there.
			assertThat(catchThrowable(() -> refresh(application, application.foreignRefresh("public-true", "public"))))
				.isInstanceOf(OAuth2AuthorizationException.class);
		}
	}

	/**
	 * Spring Security keeps a visitor's tokens in the session, and sends them as bearers.
	 */
	@Test
	void visitorWhoIsNotSignedInGetsNoBoundToken() {
		try (WebLoginWorld application = start(this.clientApplication, "oauth2.pkce.providers.public-true.dpop=true")) {
			URI answer = this.browser.redirect(application.page(this.browser, "public-true"));
			AtomicReference<HttpResponse<String>> response = new AtomicReference<>();
			String log = WebLoginWorld.logOf(() -> {
				response.set(this.browser.get(answer));
				assertThat(application.bean(Logins.class).awaitListeners(Duration.ofSeconds(20))).isTrue();
			});
			assertThat(response.get().statusCode()).isEqualTo(500);
			assertThat(log).contains("Not logged in to 'public-true'",
					"is bound to a key (dpop), and would be kept in the session of a visitor who is not signed in");
		}
	}

	/** As with a resolver of the application's own: the token would be a bearer. */
	@Test
	void loginThatBeganWithoutAKeyIsRefusedWhereOneIsDemanded() {
		try (WebLoginWorld application = start(this.loginApplication)) {
			URI page = application.page(this.browser, "public-true");
			application.server().dpop().ignore();
			URI answer = this.browser.redirect(page);
			ClientRegistration registration = ClientRegistration.withRegistrationId("public-true")
				.clientId("public")
				.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
				.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
				.redirectUri("http://localhost/callback")
				.authorizationUri("https://unused.example")
				.tokenUri(application.server().uri(Endpoint.TOKEN).toString())
				.build();
			assertThat(answer.toString()).contains("code=");
			Provider bound = Provider.withId("public-true", "public").dpop(true).build();
			CodeTokenClient client = new CodeTokenClient(new Providers(List.of(bound)),
					application.bean(TokenEndpoint.class), application.bean(Discovery.class), (id) -> Runnable::run,
					Duration.ofSeconds(10), application.bean(WebLogins.class));
			assertThatExceptionOfType(OAuth2AuthorizationException.class)
				.isThrownBy(() -> client.exchange(new OAuth2AuthorizationCodeGrantRequest(registration,
						new OAuth2AuthorizationExchange(
								OAuth2AuthorizationRequest.authorizationCode()
									.authorizationUri("https://unused.example")
									.clientId("public")
									.redirectUri("http://localhost/callback")
									.state("s")
									.build(),
								OAuth2AuthorizationResponse.success("code")
									.redirectUri("http://localhost/callback")
									.state("s")
									.build()))))
				.withMessageContaining("began without a key");
			assertThat(application.server().requests(Endpoint.TOKEN)).isEmpty();
		}
	}

	/** RFC 9126: the browser carries a reference, and the session all of the request. */
	@ParameterizedTest
	@CsvSource({ "public-true", "confidential-false" })
	void pushesRequestsWhereTheServerDemandsIt(String provider) {
		try (WebLoginWorld application = start(this.loginApplication)) {
			application.server().authorization().demandPush();
			URI page = application.page(this.browser, provider);
			assertThat(Browser.query(page)).containsOnlyKeys("client_id", "request_uri");
			RecordedRequest pushed = application.server().requests(Endpoint.PUSHED_AUTHORIZATION_REQUEST).get(0);
			assertThat(pushed.form()).containsKeys("response_type", "redirect_uri", "state");
			application.logIn(this.browser, page);
			assertThat(application.bean(TokenStore.class).load(new CredentialId(provider, "alice"))).isNotNull();
		}
	}

	@Nested
	@TestInstance(TestInstance.Lifecycle.PER_CLASS)
	class WithOneProvider {

		private WebLoginWorld application;

		@BeforeAll
		void start() {
			this.application = WebLoginWorld.withOneProvider(AbstractCodeLoginTests.this.type,
					AbstractCodeLoginTests.this.loginApplication);
			this.application.server().discovery().document().put(IssuerCheck.METADATA, false);
		}

		@AfterAll
		void stop() {
			this.application.close();
		}

		@Test
		void sendsThePersonStraightToIt() {
			URI next = new Browser().redirect(this.application.uri("/somewhere"));
			assertThat(next.getPath()).isEqualTo("/oauth2/authorization/public-true");
		}

		@Test
		void acceptsAnswersThatDoNotSayWhoTheyAreFromIfTheServerNeverSaidSo() {
			Browser browser = new Browser();
			URI answer = browser.redirect(this.application.page(browser, "public-true"));
			URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=https://other.test"));
			assertThat(browser.get(wrong).statusCode()).isEqualTo(400);
			URI without = URI.create(answer.toString().replaceFirst("&iss=[^&]*", ""));
			assertThat(without.toString()).doesNotContain("iss=");
			assertThat(browser.redirect(without)).isEqualTo(this.application.uri("/"));
		}

	}

	@Nested
	@TestInstance(TestInstance.Lifecycle.PER_CLASS)
	class WithFourProviders {

		private WebLoginWorld application;

		private Browser browser;

		@BeforeAll
		void start() {
			this.application = AbstractCodeLoginTests.this.start(AbstractCodeLoginTests.this.loginApplication,
					"oauth2.pkce.providers.public-true.additional-parameters.access_type=offline",
					"oauth2.pkce.providers.public-true.additional-parameters.prompt=consent",
					"oauth2.pkce.providers.public-true.resource=https://one.test/ab,urn:two",
					"oauth2.pkce.providers.public-false.scope=models",
					"management.endpoints.web.exposure.include=oauth2providers",
					"management.endpoint.oauth2providers.access=unrestricted");
		}

		@BeforeEach
		void openBrowser() {
			this.browser = new Browser();
		}

		@AfterAll
		void stop() {
			this.application.close();
		}

		private Credential stored(String provider) {
			Credential stored = this.application.bean(TokenStore.class).load(new CredentialId(provider, "alice"));
			assertThat(stored).isNotNull();
			return stored;
		}

		private void expire(String provider) {
			Credential stored = stored(provider);
			this.application.bean(Credentials.class)
				.loggedIn(stored.id(), this.application.server().uri(Endpoint.TOKEN), new TokenResponse(
						stored.accessToken(), Duration.ZERO, stored.refreshToken(), null, stored.scopes()));
		}

		@ParameterizedTest
		@CsvSource({ "public-true, true", "public-false, false", "confidential-true, true",
				"confidential-false, false" })
		void honoursPkce(String provider, boolean pkce) {
			this.application.verifyPkce(provider, pkce);
		}

		@Test
		void logsNoToken() {
			this.application.verifyThatALoginLogsNoToken(this.browser, "public-true");
		}

		@Test
		void sendsResourceWithRequestAndExchange() {
			URI page = this.application.page(this.browser, "public-true");
			RecordedRequest exchange = this.application.logIn(this.browser, page);
			List<RecordedRequest> asked = this.application.server().requests(Endpoint.AUTHORIZATION);
			assertThat(asked.get(asked.size() - 1).parameters("resource")).containsExactly("https://one.test/ab",
					"urn:two");
			assertThat(exchange.parameters("resource")).containsExactly("https://one.test/ab");
		}

		@Test
		void sendsResourceWithRefreshes() {
			this.application.logIn(this.browser, this.application.page(this.browser, "public-true"));
			for (OAuth2RefreshTokenGrantRequest request : List.of(
					this.application.storedRefresh("public-true", "alice"),
					this.application.foreignRefresh("public-true", "public"))) {
				int before = this.application.server().refreshRequests();
				if (request.getAccessToken().getTokenValue().equals(stored("public-true").accessToken())) {
					expire("public-true");
				}
				refresh(this.application, request);
				assertThat(this.application.server().refreshRequests()).isEqualTo(before + 1);
				RecordedRequest refresh = this.application.lastTokenRequest();
				assertThat(refresh.parameter("refresh_token")).isEqualTo(request.getRefreshToken().getTokenValue());
				assertThat(refresh.parameters("resource")).containsExactly("https://one.test/ab");
				assertThat(refresh.hasParameter("code_verifier")).isFalse();
			}
		}

		/** Of a token that is in a visitor's session, for one. */
		@Test
		void refreshBySpringsOwnClientLogsNoToken() {
			OAuth2RefreshTokenGrantRequest request = this.application.foreignRefresh("public-true", "public");
			AtomicReference<OAuth2AccessTokenResponse> response = new AtomicReference<>();
			String log = WebLoginWorld.logOf(() -> response.set(refresh(this.application, request)));
			WebLoginWorld.verifyHasNoToken(log, response.get().getAccessToken().getTokenValue());
		}

		@Test
		void additionalParametersGoWithTheAuthorizationRequestOnly() {
			URI page = this.application.page(this.browser, "public-true");
			assertThat(Browser.query(page)).containsEntry("access_type", "offline").containsEntry("prompt", "consent");
			assertThat(this.application.logIn(this.browser, page).form()).doesNotContainKeys("access_type", "prompt");
			assertThat(Browser.query(this.application.page(this.browser, "public-false")))
				.doesNotContainKey("access_type");
		}

		/** Twice: the second must not lose what the first has brought. */
		@Test
		void theNextLoginAsksForWhatAResourceDemandsAndForWhatIsGranted() {
			this.application.logIn(this.browser, this.application.page(this.browser, "public-false"));
			challenged("public-false", new ResourceDemand(true, Set.of("write"), "gold", 60L, "{\"a\":1}", null));
			// RFC 6749 section 5.1: what was asked for need not be said.
			this.application.server().tokens().answer().remove("scope");
			URI page = this.application.page(this.browser, "public-false");
			assertThat(Browser.query(page)).containsEntry("scope", "models write")
				.containsEntry("acr_values", "gold")
				.containsEntry("max_age", "60")
				.containsEntry("claims", "{\"a\":1}");
			assertThat(this.application.logIn(this.browser, page).form()).doesNotContainKeys("scope", "acr_values",
					"max_age", "claims");
			this.application.server().tokens().answer().reset();
			assertThat(stored("public-false").scopes()).containsExactlyInAnyOrder("models", "write");
			assertThat(Browser.query(this.application.page(this.browser, "public-false")))
				.containsEntry("scope", "models")
				.doesNotContainKeys("acr_values", "max_age", "claims");

			challenged("public-false", new ResourceDemand(true, Set.of("admin"), null, null, null, null));
			assertThat(Browser.query(this.application.page(this.browser, "public-false"))).containsEntry("scope",
					"models write admin");
			this.application.logIn(this.browser, this.application.page(this.browser, "public-false"));
		}

		/**
		 * Strangers must be able to sign in, whatever a resource says of somebody else.
		 */
		@Test
		void whoIsNotSignedInIsAskedForNothingMoreAndMeetsNoDemand() {
			this.application.signIn(this.browser, "public-false", "alice");
			challenged("public-false", new ResourceDemand(true, Set.of("admin"), "gold", null, null, null));
			URI page = this.application.page(new Browser(), "public-false");
			assertThat(Browser.query(page)).containsEntry("scope", "models").doesNotContainKey("acr_values");
			this.application.signIn(new Browser(), "public-false", "bob");
			assertThat(Browser.query(this.application.page(this.browser, "public-false")))
				.containsEntry("scope", "models admin")
				.containsEntry("acr_values", "gold");
			this.application.logIn(this.browser, this.application.page(this.browser, "public-false"));
		}

		@Test
		void aStepUpThatTheServerRefusesIsNotTriedAgain() {
			this.application.signIn(this.browser, "public-false", "alice");
			challenged("public-false", new ResourceDemand(true, Set.of("no-such-scope"), null, null, null, null));
			this.application.server().authorization().fail("invalid_scope", null);
			this.browser.redirect(this.browser.redirect(this.application.page(this.browser, "public-false")));
			this.application.server().authorization().succeed();
			assertThat(Browser.query(this.application.page(this.browser, "public-false"))).containsEntry("scope",
					"models");
		}

		private void challenged(String provider, ResourceDemand demand) {
			this.application.bean(BearerListeners.class).challenged(provider, demand);
		}

		@Test
		void keepsTheLoginInOurStore() {
			this.application.logIn(this.browser, this.application.page(this.browser, "confidential-true"));
			Credential stored = stored("confidential-true");
			assertThat(stored.refreshToken()).isNotNull();
			assertThat(this.application.server().issuedSecrets()).contains(stored.accessToken(), stored.refreshToken());
		}

		@Test
		void linksEveryProviderOnTheLoginPage() {
			String page = this.browser.get(this.application.uri("/login")).body();
			assertThat(page).contains("/oauth2/authorization/public-true", "/oauth2/authorization/public-false",
					"/oauth2/authorization/confidential-true", "/oauth2/authorization/confidential-false");
		}

		@ParameterizedTest
		@CsvSource({ "SELF, true", "https://other.test, false", ", false", "TWICE, false" })
		void checksWhoAnswersBeforeTheCodeIsRedeemed(String iss, boolean accepted) {
			URI answer = this.browser.redirect(this.application.page(this.browser, "public-true"));
			Map<String, String> parameters = Browser.query(answer);
			String query = "code=" + parameters.get("code") + "&state=" + parameters.get("state");
			String self = "&iss=" + this.application.server().issuer();
			if (iss != null) {
				String value = "&iss=" + iss;
				query += value.replace("&iss=SELF", self).replace("&iss=TWICE", self + self);
			}
			int before = this.application.server().requests(Endpoint.TOKEN).size();
			HttpResponse<String> response = this.browser.get(Browser.with(answer, query));
			if (accepted) {
				assertThat(response.headers().firstValue("Location").map(answer::resolve))
					.hasValue(this.application.uri("/"));
				return;
			}
			assertThat(response.statusCode()).isEqualTo(400);
			assertThat(response.headers().firstValue("Content-Security-Policy")).isPresent();
			assertThat(this.application.server().requests(Endpoint.TOKEN)).hasSize(before);
			// The pending login is still there for the right answer.
			assertThat(this.browser.redirect(answer)).isEqualTo(this.application.uri("/"));
		}

		@Test
		void checksWhoPostsAnAnswer() {
			URI answer = this.browser.redirect(this.application.page(this.browser, "public-true"));
			URI wrong = URI.create(answer.toString().replaceFirst("iss=[^&]*", "iss=x"));
			assertThat(this.browser.send("POST", wrong).statusCode()).isIn(400, 403);
			assertThat(this.browser.redirect(answer)).isEqualTo(this.application.uri("/"));
		}

		@Test
		void endpointSaysWhereABrowserLoginBegins() {
			OAuth2ProvidersEndpoint endpoint = this.application.bean(OAuth2ProvidersEndpoint.class);
			String page = "http://localhost:" + this.application.uri("/").getPort()
					+ "/oauth2/authorization/public-true";
			assertThatIllegalArgumentException().isThrownBy(() -> endpoint.act("public-true", "login"))
				.withMessage("A login to provider 'public-true' begins in a browser, at " + page);
			assertThat(String.valueOf(endpoint.provider("public-true").get("remedy")))
				.startsWith("Log in: open " + page)
				.contains("oauth2.pkce.providers.public-true.principal=current-user");
		}

		@Test
		void showsTheLoginPageWhenTheTokenEndpointIsDown() {
			URI answer = this.browser.redirect(this.application.page(this.browser, "public-true"));
			this.application.server().answerAlways(Endpoint.TOKEN, Answer.connectionClosed());
			assertThat(this.browser.redirect(answer)).isEqualTo(this.application.uri("/login?error"));
			this.application.server().answerAlways(Endpoint.TOKEN, Answer.normally());
		}

	}

}
