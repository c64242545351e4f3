package io.github.oauth2pkce.code;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.AuthorizationExpiredException;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class LoopbackGrantTests {

	private static final Duration SOON = Duration.ofSeconds(5);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final Browser browser = new Browser();

	private final TokenEndpoint tokenEndpoint;

	private final Discovery discovery;

	LoopbackGrantTests() {
		AuthorizationServerClient client = new AuthorizationServerClient((provider) -> WebClient.create(),
				Duration.ofSeconds(10));
		this.tokenEndpoint = new TokenEndpoint(client);
		this.discovery = new Discovery(client, Clock.systemUTC());
	}

	@BeforeEach
	void registerClients() {
		this.server.register(FakeClient.publicClient("cli"));
		this.server.register(FakeClient.confidential("service", "s3cret+/ %:word"));
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void logsIn() {
		PendingLogin login = start(cli());
		URI redirect = this.browser.redirect(login.page());
		HttpResponse<String> page = this.browser.get(redirect);
		assertThat(page.statusCode()).isEqualTo(200);
		assertThat(page.body()).contains("You are logged in to “main”. You can close this window",
				"go back to “my &lt;app&gt;”");
		assertThat(login.issued().tokenEndpoint()).isEqualTo(this.server.uri(Endpoint.TOKEN));
		assertThat(login.issued().response().refreshToken()).isNotNull();
		assertThat(login.issued().toString()).doesNotContain(login.issued().response().accessToken());
	}

	@Test
	void asksAsTheRfcSays() {
		PendingLogin login = start(
				cli().scopes(List.of("openid", "a b+c")).resources(List.of("https://one.test/", "urn:two")));
		Map<String, String> query = Browser.query(login.page());
		assertThat(query).containsEntry("response_type", "code")
			.containsEntry("client_id", "cli")
			.containsEntry("scope", "openid a b+c")
			.containsEntry("code_challenge_method", "S256");
		assertThat(query.get("redirect_uri")).matches("http://127\\.0\\.0\\.1:\\d+/callback/main");
		assertThat(query.get("state")).hasSize(43);
		assertThat(login.page().getRawQuery()).contains("resource=https%3A%2F%2Fone.test%2F&resource=urn%3Atwo");
		finish(login);
		assertThat(tokenRequest().parameters("resource")).containsExactly("https://one.test/");
	}

	@Test
	void namesTheDiscoveredResource() {
		PendingLogin login = start(
				cli().resourceMetadataUri(this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api")));
		String resource = this.server.uri("/api").toString();
		assertThat(Browser.query(login.page())).containsEntry("resource", resource);
		finish(login);
		assertThat(tokenRequest().parameters("resource")).containsExactly(resource);
	}

	@Test
	void sendsNobodyAwayWithoutTheResource() {
		this.server.answerAlways(Endpoint.RESOURCE_METADATA, Answer.status(503));
		Provider provider = cli().resourceMetadataUri(this.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api"))
			.build();
		LoopbackGrant grant = new LoopbackGrant(this.tokenEndpoint, this.discovery, identities(), SOON, null);
		assertThatExceptionOfType(DiscoveryException.class).isThrownBy(() -> grant.login(provider, (known, page) -> {
			throw new AssertionError("Nobody may see " + page);
		}, (tokens) -> true)).withMessageContaining("oauth2.pkce.providers.main.resource-metadata-uri");
	}

	@Test
	void additionalParametersGoWithTheAuthorizationRequestOnly() {
		PendingLogin login = start(
				cli().additionalParameters(Map.of("access_type", "offline", "odd name&", "https://a.test/?b=c&d#e")));
		assertThat(Browser.query(login.page())).containsEntry("access_type", "offline")
			.containsEntry("odd%20name%26", "https://a.test/?b=c&d#e");
		finish(login);
		assertThat(tokenRequest().form()).doesNotContainKeys("access_type", "odd name&");
	}

	@Test
	void keepsTheQueryOfTheEndpoint() {
		PendingLogin login = start(cli().endpoints(new Endpoints(this.server.uri("/authorize?tenant=a%20b"), null,
				this.server.uri(Endpoint.TOKEN), null)));
		assertThat(login.page().toString())
			.startsWith(this.server.uri("/authorize?tenant=a%20b&response_type=code&").toString());
		login.cancel();
	}

	@ParameterizedTest
	@CsvSource({ "cli, true", "cli, false", "service, true", "service, false" })
	void sendsChallengeAndVerifierOrNeither(String clientId, boolean pkce) {
		PendingLogin login = start(provider(clientId).pkce(pkce));
		finish(login);
		Map<String, String> asked = Browser.query(login.page());
		RecordedRequest exchange = tokenRequest();
		assertThat(exchange.parameter("grant_type")).isEqualTo("authorization_code");
		assertThat(exchange.parameter("redirect_uri")).isEqualTo(asked.get("redirect_uri"));
		if (pkce) {
			assertThat(asked).containsEntry("code_challenge_method", "S256");
			assertThat(new CodeVerifier(exchange.parameter("code_verifier")).challenge().value())
				.isEqualTo(asked.get("code_challenge"));
		}
		else {
			assertThat(asked).doesNotContainKeys("code_challenge", "code_challenge_method");
			assertThat(exchange.hasParameter("code_verifier")).isFalse();
		}
		if ("service".equals(clientId)) {
			assertThat(exchange.authorization()).startsWith("Basic ");
		}
		else {
			assertThat(exchange.authorization()).isNull();
		}
	}

	@Test
	void usesStateAndVerifierOnce() {
		PendingLogin first = start(cli());
		PendingLogin second = start(cli());
		Map<String, String> one = Browser.query(first.page());
		Map<String, String> two = Browser.query(second.page());
		for (String fresh : List.of("state", "code_challenge", "redirect_uri")) {
			assertThat(one.get(fresh)).isNotEqualTo(two.get(fresh));
		}
		// Crossed on purpose: the answer to one login is a stranger to the other.
		URI answer = this.browser.redirect(first.page());
		assertThat(this.browser.get(Browser.with(second.redirectUri(), answer.getRawQuery())).statusCode())
			.isEqualTo(400);
		finish(second);
		assertThat(this.browser.get(answer).statusCode()).isEqualTo(200);
		assertThat(first.issued().response().accessToken()).isNotEqualTo(second.issued().response().accessToken());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "code=x", "code=x&state=", "code=x&state=wrong", "error=access_denied&state=wrong",
			"state=STATE", "state=STATE&state=STATE&code=x", "state=STATE&code=x&code=y", "state=STATE&code=" })
	void ignoresWhateverIsNotTheAnswer(String query) {
		PendingLogin login = start(cli());
		String state = Browser.query(login.page()).get("state");
		HttpResponse<String> page = this.browser.get(Browser.with(login.redirectUri(), query.replace("STATE", state)));
		assertThat(page.statusCode()).isEqualTo(400);
		assertThat(page.body()).doesNotContain(state);
		assertThat(login.isPending()).isTrue();
		finish(login);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void answersOnlyGetOfTheExactPath() {
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		for (String path : List.of("/", "/favicon.ico", "/callback/main/", "/callback", "/callback/other",
				"/callback/main/x", "/Callback/main", "/%63allback/main")) {
			assertThat(this.browser.get(answer.toString().replace("/callback/main", path)).statusCode()).as(path)
				.isEqualTo(404);
		}
		for (String method : List.of("POST", "PUT", "OPTIONS", "HEAD")) {
			HttpResponse<String> refusal = this.browser.send(method, answer);
			assertThat(refusal.statusCode()).as(method).isEqualTo(405);
			assertThat(refusal.headers().firstValue("Allow")).contains("GET");
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
		assertThat(this.browser.get(answer).statusCode()).isEqualTo(200);
		login.issued();
	}

	@Test
	void takesOneAnswerAndShowsTheEndOnlyAfterTheExchange() throws Exception {
		CountDownLatch answered = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answered));
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		CompletableFuture<HttpResponse<String>> page = CompletableFuture
			.supplyAsync(() -> this.browser.window().get(answer));
		this.server.takeRequest(Endpoint.TOKEN, SOON);
		HttpResponse<String> again = this.browser.get(answer);
		assertThat(again.statusCode()).isEqualTo(400);
		assertThat(again.body()).contains("answered already");
		assertThat(page).isNotDone();
		answered.countDown();
		login.issued();
		assertThat(page.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
	}

	@Test
	void showsTheEndOnlyAfterTheTokensAreKept() throws Exception {
		CountDownLatch keeping = new CountDownLatch(1);
		CompletableFuture<String> kept = new CompletableFuture<>();
		PendingLogin login = PendingLogin.start(grant(), cli().build(), this.browser, (tokens) -> {
			keeping.countDown();
			kept.join();
		});
		URI answer = this.browser.redirect(login.page());
		CompletableFuture<HttpResponse<String>> page = CompletableFuture
			.supplyAsync(() -> this.browser.window().get(answer));
		assertThat(keeping.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(page).isNotDone();
		kept.complete("kept");
		assertThat(page.get(5, TimeUnit.SECONDS).body()).contains("You are logged in");
		login.issued();
	}

	@Test
	void showsThatTheTokensWereNotKept() {
		PendingLogin login = PendingLogin.start(grant(), cli().build(), this.browser, (tokens) -> {
			throw new IllegalStateException("<b>The disk is full</b>");
		});
		HttpResponse<String> page = this.browser.get(this.browser.redirect(login.page()));
		assertThat(page.statusCode()).isEqualTo(500);
		assertThat(page.body()).contains("Not logged in", "&lt;b&gt;The disk is full&lt;/b&gt;");
		assertThat(login.failure()).hasMessageContaining("The disk is full");
	}

	@Test
	void endsWhenThePersonSaysNo() {
		this.server.authorization().fail("access_denied", "<b>No</b> & no");
		PendingLogin login = start(cli());
		HttpResponse<String> page = this.browser.get(this.browser.redirect(login.page()));
		assertThat(page.statusCode()).isEqualTo(400);
		assertThat(page.body()).contains("The login was denied: &lt;b&gt;No&lt;/b&gt; &amp; no",
				"You are not logged in to “main”");
		assertThat(login.failure()).isInstanceOf(AuthorizationDeniedException.class);
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	@Test
	void endsWithTheErrorOfTheServer() {
		PendingLogin login = start(cli());
		String state = Browser.query(login.page()).get("state");
		HttpResponse<String> page = this.browser.get(Browser.with(login.redirectUri(), "error=server_error%1B%5B2J"
				+ "&error_description=%3Cscript%3E" + state + "%0Ax&state=" + state + "&iss=" + this.server.issuer()));
		assertThat(page.statusCode()).isEqualTo(400);
		assertThat(page.body()).contains("answered server_error[2J: &lt;script&gt;***x")
			.doesNotContain("<script", state);
		assertThat(login.failure()).isInstanceOfSatisfying(CodeLoginException.class, (failure) -> {
			assertThat(failure.getError().getErrorCode()).isEqualTo("server_error[2J");
			assertThat(failure).hasMessage("The authorization server answered server_error[2J: <script>***x");
		});
	}

	@Test
	void secretsThatTheServerRepeatsNeverShow() {
		String clientSecret = "s3cret+/ %:word";
		PendingLogin login = start(provider("service"));
		String state = Browser.query(login.page()).get("state");
		String text = "You sent " + state.substring(0, 9) + '\u200B' + state.substring(9) + " as " + clientSecret
				+ " for the-\u200Bcode";
		HttpResponse<String> page = this.browser.get(Browser.with(login.redirectUri(),
				"error=invalid_request&code=the-code&error_description="
						+ URLEncoder.encode(text, StandardCharsets.UTF_8) + "&state=" + state + "&iss="
						+ this.server.issuer()));
		assertThat(page.body()).contains("You sent *** as *** for ***").doesNotContain(state, clientSecret);
		assertThat(login.failure())
			.hasMessage("The authorization server answered invalid_request: You sent *** as *** for ***");
	}

	@Test
	void showsThatTheCodeWasNotRedeemed() {
		this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_grant", "<i>Code not valid</i>"));
		PendingLogin login = start(cli());
		HttpResponse<String> page = this.browser.get(this.browser.redirect(login.page()));
		assertThat(page.statusCode()).isEqualTo(502);
		assertThat(page.body()).contains("Not logged in", "invalid_grant: &lt;i&gt;Code not valid&lt;/i&gt;");
		assertThat(login.failure()).isInstanceOf(TokenRequestException.class);
	}

	@Test
	void saysThatNobodyAnsweredTheExchange() {
		this.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed());
		PendingLogin login = start(cli());
		assertThat(this.browser.get(this.browser.redirect(login.page())).statusCode()).isEqualTo(502);
		assertThat(login.failure()).isInstanceOf(AuthorizationServerUnreachableException.class);
	}

	@Test
	void refusesReplayedCode() {
		PendingLogin first = start(cli().pkce(false));
		URI answer = finish(first);
		PendingLogin second = start(cli().pkce(false));
		String replay = answer.getRawQuery()
			.replace(Browser.query(answer).get("state"), Browser.query(second.page()).get("state"));
		assertThat(this.browser.get(Browser.with(second.redirectUri(), replay)).statusCode()).isEqualTo(502);
		assertThat(second.failure()).isInstanceOfSatisfying(TokenRequestException.class,
				(failure) -> assertThat(failure.errorCode()).isEqualTo("invalid_grant"));
	}

	@Test
	void refusesCodeOfAnotherLoginByItsVerifier() {
		PendingLogin first = start(cli());
		URI answer = this.browser.redirect(first.page());
		PendingLogin second = start(cli());
		String injected = answer.getRawQuery()
			.replace(Browser.query(answer).get("state"), Browser.query(second.page()).get("state"));
		assertThat(this.browser.get(Browser.with(second.redirectUri(), injected)).statusCode()).isEqualTo(502);
		assertThat(second.failure()).isInstanceOf(TokenRequestException.class);
		first.cancel();
	}

	@ParameterizedTest
	@CsvSource({ "true, SELF, true", "true, https://other.test, false", "true, , false", "false, , true",
			"false, https://other.test, false", "false, SELF, true" })
	void checksWhoAnswers(boolean advertised, String iss, boolean accepted) {
		this.server.discovery().document().put(IssuerCheck.METADATA, advertised);
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		Map<String, String> parameters = Browser.query(answer);
		String query = "code=" + parameters.get("code") + "&state=" + parameters.get("state");
		if (iss != null) {
			query += "&iss=" + iss.replace("SELF", this.server.issuer());
		}
		HttpResponse<String> page = this.browser.get(Browser.with(answer, query));
		assertThat(page.statusCode()).isEqualTo(accepted ? 200 : 400);
		if (!accepted) {
			assertThat(page.body()).contains("does not come from the server that was asked");
			assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
			assertThat(login.isPending()).isTrue();
			assertThat(this.browser
				.get(Browser.with(answer, "code=" + parameters.get("code") + "&state=" + parameters.get("state")
						+ "&iss=" + this.server.issuer()))
				.statusCode()).isEqualTo(200);
		}
		login.issued();
	}

	/** RFC 6749 section 3.1: parameters MUST NOT be included more than once. */
	@Test
	void refusesAnIssuerThatIsNamedTwice() {
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		String issuer = "&iss=" + this.server.issuer();
		assertThat(this.browser.get(Browser.with(answer, answer.getRawQuery() + issuer + issuer)).statusCode())
			.isEqualTo(400);
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
		finish(login);
	}

	/** RFC 9207 section 2.4 leaves it to the client whether others are accepted. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void demandsToKnowWhoAnswersWhereThatIsRequired(boolean discovered) {
		this.server.discovery().document().put(IssuerCheck.METADATA, false);
		ProviderBuilder provider = cli().issRequired(true);
		if (!discovered) {
			provider.endpoints(new Endpoints(this.server.uri(Endpoint.AUTHORIZATION), null,
					this.server.uri(Endpoint.TOKEN), null));
		}
		PendingLogin login = start(provider);
		URI answer = this.browser.redirect(login.page());
		for (String iss : List.of("", "&iss=", "&iss=https://other.test")) {
			URI wrong = URI.create(answer.toString().replaceFirst("&iss=[^&]*", iss));
			assertThat(this.browser.get(wrong).statusCode()).isEqualTo(400);
		}
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
		assertThat(login.isPending()).isTrue();
		assertThat(this.browser.get(answer).statusCode()).isEqualTo(200);
		login.issued();
	}

	@Test
	void checksWhoAnswersWithAnError() {
		this.server.authorization().fail("access_denied", null).iss("https://other.test");
		PendingLogin login = start(cli());
		assertThat(this.browser.get(this.browser.redirect(login.page())).statusCode()).isEqualTo(400);
		assertThat(login.isPending()).isTrue();
		this.server.authorization().succeed().iss(this.server.issuer());
		finish(login);
	}

	@Test
	void needsNoDiscoveryWithEveryEndpointGiven() {
		PendingLogin login = start(cli().endpoints(
				new Endpoints(this.server.uri(Endpoint.AUTHORIZATION), null, this.server.uri(Endpoint.TOKEN), null)));
		finish(login);
		assertThat(this.server.requests(Endpoint.DISCOVERY)).isEmpty();
	}

	@Test
	void endsInTime() {
		PendingLogin login = PendingLogin.start(
				new LoopbackGrant(this.tokenEndpoint, this.discovery, identities(), Duration.ofMillis(200), null),
				cli().build(), this.browser);
		assertThat(login.failure()).isInstanceOf(AuthorizationExpiredException.class);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.browser.get(login.startPage()));
	}

	@Test
	void endsAtOnceWhenCancelled() {
		PendingLogin login = start(cli());
		URI redirectUri = login.redirectUri();
		login.cancel();
		assertThat(login.failure()).isInstanceOf(InterruptedException.class);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.browser.get(redirectUri));
	}

	@Test
	void endsAtOnceWhenCancelledInTheExchange() {
		CountDownLatch never = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().processedAfter(never));
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		Thread tab = new Thread(() -> this.browser.window().get(answer));
		tab.setUncaughtExceptionHandler((thread, failure) -> {
		});
		tab.start();
		this.server.takeRequest(Endpoint.TOKEN, SOON);
		login.cancel();
		assertThat(login.failure()).isInstanceOf(InterruptedException.class);
		never.countDown();
	}

	/** OpenID Connect Core section 3.1.2.1; some servers refuse a request without. */
	@Test
	void asksForAFreshNonceIfItAsksForOpenId() {
		PendingLogin first = start(cli().scopes(List.of("openid", "api")));
		PendingLogin second = start(cli().scopes(List.of("openid")));
		PendingLogin other = start(cli().scopes(List.of("api")));
		String nonce = Browser.query(first.page()).get("nonce");
		assertThat(nonce).hasSize(43).isNotEqualTo(Browser.query(first.page()).get("state"));
		assertThat(Browser.query(second.page()).get("nonce")).hasSize(43).isNotEqualTo(nonce);
		assertThat(Browser.query(other.page())).doesNotContainKey("nonce");
		finish(first);
		assertThat(tokenRequest().form()).doesNotContainKey("nonce");
		second.cancel();
		other.cancel();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "{'nonce':'NONCE'} | true", "{'nonce':'other'} | false", "{'sub':'a'} | false",
					"{'nonce':''} | false", "{'nonce':['NONCE']} | false", "[] | false", "nonsense | false" })
	void comparesTheNonceOfTheIdToken(String claims, boolean accepted) {
		PendingLogin login = start(cli().scopes(List.of("openid")));
		String nonce = Browser.query(login.page()).get("nonce");
		String idToken = "e30." + base64(claims.replace('\'', '"').replace("NONCE", nonce)) + ".c2ln";
		HttpResponse<String> page = answerWith(login, idToken);
		if (accepted) {
			assertThat(page.statusCode()).isEqualTo(200);
			assertThat(login.issued().response().idToken()).isEqualTo(idToken);
			assertThat(login.issued().toString()).doesNotContain(idToken);
		}
		else {
			assertThat(page.statusCode()).isEqualTo(400);
			assertThat(page.body()).contains("Not logged in", "The ID token has").doesNotContain(nonce);
			assertThat(login.failure()).isInstanceOfSatisfying(CodeLoginException.class,
					(failure) -> assertThat(failure.getError().getErrorCode()).isEqualTo("invalid_nonce"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "e30.!.c2ln", "e30.e30", "a.b.c.d.e" })
	void takesNoIdTokenThatCannotBeRead(String idToken) {
		PendingLogin login = start(cli().scopes(List.of("openid")));
		assertThat(answerWith(login, idToken).body()).contains("The ID token has no nonce that can be read");
		assertThat(login.failure()).isInstanceOf(CodeLoginException.class);
	}

	@Test
	void looksAtNoIdTokenThatItDidNotAskFor() {
		PendingLogin login = start(cli());
		assertThat(answerWith(login, "a").statusCode()).isEqualTo(200);
		login.issued();
	}

	private HttpResponse<String> answerWith(PendingLogin login, String idToken) {
		this.server.enqueue(Endpoint.TOKEN, Answer.json(200,
				Map.of("access_token", "the-access-token", "token_type", "Bearer", "id_token", idToken)));
		return this.browser.get(this.browser.redirect(login.page()));
	}

	private static String base64(String text) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

	/** RFC 6749 section 3.1: "The endpoint URI MUST NOT include a fragment component." */
	@ParameterizedTest
	@ValueSource(strings = { "http://127.0.0.1:1/a#b", "http://login.example@127.0.0.1:1/a" })
	void sendsNobodyToAnEndpointThatHidesWhereItIs(String endpoint) {
		this.server.discovery().document().put("authorization_endpoint", endpoint);
		PendingLogin login = start(cli());
		assertThat(login.failure()).hasMessageContaining("main");
		assertThatThrownBy(login::startPage).hasRootCause(login.failure());
	}

	/** RFC 9700 section 2.1: bound to the user agent in which it was begun. */
	@Test
	void takesTheAnswerOnlyFromTheBrowserThatBeganTheLogin() {
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		HttpResponse<String> page = new Browser().get(answer);
		assertThat(page.statusCode()).isEqualTo(400);
		assertThat(page.body()).contains("not begun in this browser", "allow cookies");
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
		assertThat(login.isPending()).isTrue();
		assertThat(this.browser.get(answer).statusCode()).isEqualTo(200);
		login.issued();
	}

	@Test
	void endsWhenTwoBrowsersOpenItsAddress() {
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		HttpResponse<String> second = new Browser().get(login.startPage());
		assertThat(second.statusCode()).isEqualTo(400);
		assertThat(second.body()).contains("Not logged in", "was opened a second time");
		assertThat(second.headers().map()).doesNotContainKeys("location", "set-cookie");
		assertThat(login.failure())
			.isInstanceOfSatisfying(CodeLoginException.class,
					(failure) -> assertThat(failure.getError().getErrorCode()).isEqualTo("login_opened_twice"))
			.hasMessageContaining("start the login again");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.browser.get(answer));
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	/** Whoever was first may be quicker than the browser of the person. */
	@Test
	void endsWhenTheSecondBrowserComesDuringTheExchange() throws Exception {
		CountDownLatch opened = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(opened));
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		CompletableFuture<HttpResponse<String>> page = CompletableFuture
			.supplyAsync(() -> this.browser.window().get(answer));
		this.server.takeRequest(Endpoint.TOKEN, SOON);
		assertThat(new Browser().get(login.startPage()).body()).contains("was opened a second time");
		opened.countDown();
		assertThat(login.failure()).hasMessageContaining("was opened a second time");
		assertThat(page.get(5, TimeUnit.SECONDS).body()).contains("Not logged in", "was opened a second time");
	}

	@Test
	void sameBrowserMayOpenItsAddressAgain() {
		PendingLogin login = start(cli());
		assertThat(this.browser.redirect(login.startPage())).isEqualTo(login.page());
		assertThat(this.browser.redirect(login.startPage())).isEqualTo(login.page());
		finish(login);
	}

	@ParameterizedTest
	@CsvSource({ "HEAD, Accept, text/html", "OPTIONS, Accept, text/html", "GET, Sec-Purpose, prefetch",
			"GET, Sec-Purpose, prefetch;prerender", "GET, Purpose, prefetch", "GET, X-Moz, prefetch",
			"GET, X-Purpose, preview" })
	void lookingAheadIsNotOpening(String method, String header, String value) {
		PendingLogin login = start(cli());
		HttpResponse<String> nothing = new Browser().send(method, login.startPage(), header, value);
		assertThat(nothing.statusCode()).isIn(405, 503);
		assertThat(nothing.headers().map()).doesNotContainKeys("location", "set-cookie");
		finish(login);
	}

	@Test
	void takesACookieThatIsQuoted() {
		PendingLogin login = start(cli());
		Browser quoting = new Browser();
		HttpResponse<String> page = quoting.get(login.startPage());
		String[] cookie = page.headers().firstValue("Set-Cookie").orElseThrow().split("[=;]");
		URI answer = quoting.redirect(URI.create(page.headers().firstValue("Location").orElseThrow()));
		assertThat(new Browser()
			.send("GET", answer, "Cookie", "$Version=\"1\"; " + cookie[0] + "=\"" + cookie[1] + "\"; $Path=\"/\"")
			.statusCode()).isEqualTo(200);
		login.issued();
	}

	@Test
	void givesTheBrowserACookieForTheTwoPagesOfThisLogin() {
		PendingLogin login = start(cli().redirectUri(URI.create("http://127.0.0.1/a%20b/c")));
		List<String> cookies = this.browser.get(login.startPage()).headers().allValues("Set-Cookie");
		assertThat(cookies).hasSize(2)
			.allSatisfy((cookie) -> assertThat(cookie).endsWith("; HttpOnly; SameSite=Lax").doesNotContain("Max-Age"));
		assertThat(cookies.get(0)).contains("; Path=" + login.startPage().getPath() + ";");
		assertThat(cookies.get(1)).contains("; Path=/a%20b/c;");
		List<String> last = this.browser.get(this.browser.redirect(login.page())).headers().allValues("Set-Cookie");
		assertThat(last).hasSize(2).allSatisfy((cookie) -> assertThat(cookie).contains("=; ", "; Max-Age=0;"));
		login.issued();
	}

	/** Cookies are per host: the page is on the one that the answer comes to. */
	@ParameterizedTest
	@CsvSource({ "127.0.0.1, localhost", "localhost, 127.0.0.1" })
	void sendsABrowserThatCameByAnotherNameToTheHostOfTheRedirectUri(String host, String other) {
		PendingLogin login = start(cli().redirectUri(URI.create("http://" + host + "/cb")));
		URI start = login.startPage();
		assertThat(start.getHost()).isEqualTo(host);
		assertThat(this.browser.redirect(URI.create(start.toString().replace(host, other)))).isEqualTo(start);
		finish(login);
	}

	@Test
	void listensOnTheConfiguredPortAgainAndAgain() throws Exception {
		int port = freePort();
		for (int i = 0; i < 3; i++) {
			PendingLogin login = start(cli().redirectPort(port));
			assertThat(login.redirectUri()).hasToString("http://127.0.0.1:" + port + "/callback/main");
			finish(login);
		}
	}

	/** For servers that compare it whole, though RFC 8252 lets the port vary. */
	@ParameterizedTest
	@ValueSource(strings = { "http://127.0.0.1:PORT/auth/callback", "http://localhost:PORT/auth/callback",
			"http://localhost:PORT", "http://localhost:PORT/", "http://127.0.0.1:PORT/a%20b?tenant=c" })
	void listensAtTheConfiguredRedirectUri(String template) throws Exception {
		URI redirectUri = URI.create(template.replace("PORT", String.valueOf(freePort())));
		for (int i = 0; i < 2; i++) {
			PendingLogin login = start(cli().redirectUri(redirectUri));
			assertThat(login.redirectUri()).isEqualTo(redirectUri);
			finish(login);
		}
	}

	@Test
	void takesAnyPortForARedirectUriWithoutOne() {
		PendingLogin login = start(cli().redirectUri(URI.create("http://localhost/cb")));
		assertThat(login.redirectUri().toString()).matches("http://localhost:\\d+/cb");
		finish(login);
	}

	@Test
	void namesThePropertyWhenThePortIsTaken() throws Exception {
		try (ServerSocket taken = new ServerSocket()) {
			taken.bind(loopback(0));
			PendingLogin login = start(cli().redirectPort(taken.getLocalPort()));
			assertThat(login.failure()).isInstanceOf(CodeLoginException.class)
				.hasMessageStartingWith("Cannot listen on loopback port " + taken.getLocalPort() + " (")
				.hasMessageEndingWith(
						"free it, or set oauth2.pkce.providers.main.redirect-port to another port, or to 0"
								+ " for any free one");
		}
	}

	@Test
	void listensOnNothingButLoopback() throws Exception {
		PendingLogin login = start(cli());
		int port = login.redirectUri().getPort();
		InetAddress other = InetAddress.getByName("127.0.0.2");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.browser.get("http://" + other.getHostAddress() + ":" + port + "/callback/main"));
		login.cancel();
	}

	@Test
	void guardsEveryPage() {
		PendingLogin login = start(cli());
		URI answer = this.browser.redirect(login.page());
		List<HttpResponse<String>> pages = List.of(this.browser.get(Browser.with(answer, "state=x&code=y")),
				this.browser.get(answer.resolve("/other")), this.browser.get(answer));
		for (HttpResponse<String> page : pages) {
			assertThat(page.headers().firstValue("Content-Security-Policy")).hasValueSatisfying(
					(policy) -> assertThat(policy).startsWith("default-src 'none'; style-src 'sha256-"));
			assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
			assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
			assertThat(page.headers().firstValue("Referrer-Policy")).contains("no-referrer");
			assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
			assertThat(page.body()).doesNotContain("http", "<script", " src=").hasSizeLessThan(1500);
			assertThat(page.body()).doesNotContain(this.server.issuedSecrets());
		}
	}

	private static int freePort() throws Exception {
		try (ServerSocket free = new ServerSocket()) {
			free.bind(loopback(0));
			return free.getLocalPort();
		}
	}

	private static InetSocketAddress loopback(int port) throws Exception {
		return new InetSocketAddress(InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }), port);
	}

	private ProviderBuilder cli() {
		return provider("cli");
	}

	private ProviderBuilder provider(String clientId) {
		return Provider.withId("main", clientId)
			.clientSecret("service".equals(clientId) ? "s3cret+/ %:word" : null)
			.issuerUri(this.server.issuer())
			.grant(Grant.AUTHORIZATION_CODE);
	}

	private PendingLogin start(ProviderBuilder provider) {
		return PendingLogin.start(grant(), provider.build(), this.browser);
	}

	private ClientIdentities identities() {
		return TestClients.identities(this.tokenEndpoint.client(), this.discovery);
	}

	private LoopbackGrant grant() {
		return new LoopbackGrant(this.tokenEndpoint, this.discovery, identities(), Duration.ofSeconds(30), "my <app>");
	}

	private URI finish(PendingLogin login) {
		URI answer = this.browser.redirect(login.page());
		assertThat(this.browser.get(answer).statusCode()).isEqualTo(200);
		login.issued();
		return answer;
	}

	private RecordedRequest tokenRequest() {
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		assertThat(requests).hasSize(1);
		return requests.get(0);
	}

}
