package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import feign.Feign;
import feign.RequestLine;
import feign.Target;
import okhttp3.Authenticator;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.bearer.feign.BearerFeignInterceptor;
import io.github.oauth2pkce.bearer.jdk.BearerHttpClient;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tokens that are bound to a key (RFC 9449), with an application that has only
 * properties, against a server and an API that check each proof.
 */
@Timeout(60)
class DpopTests {

	private static final CredentialId ACME = CredentialId.ofApplication("acme");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app"))
		.register(FakeClient.confidential("machine", "machine-secret"));

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	DpopTests() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.server.dpop().require();
	}

	@AfterEach
	void stop() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
		this.server.close();
	}

	private ConfigurableApplicationContext start(String... properties) {
		return start(WebApplicationType.NONE, properties);
	}

	private ConfigurableApplicationContext start(WebApplicationType type, String... properties) {
		ConfigurableApplicationContext context = TestApplication.of(type)
			.with(ResourceFirstTests.Person.class)
			.with("oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.authorization-grant-type=authorization_code",
					"oauth2.pkce.providers.acme.dpop=true",
					"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"), "oauth2.pkce.store.type=file",
					"oauth2.pkce.store.directory=" + this.directory)
			.with(properties)
			.run();
		this.contexts.add(context);
		return context;
	}

	private ConfigurableApplicationContext loggedIn(String... properties) {
		ConfigurableApplicationContext context = start(properties);
		context.getBean(Logins.class).logIn("acme");
		return context;
	}

	/** The HTTP clients of an application. */
	enum Client {

		WEB_CLIENT {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) {
				return context.getBean(WebClient.Builder.class)
					.build()
					.post()
					.uri(uri)
					.bodyValue("{}")
					.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
					.blockOptional()
					.orElseThrow();
			}
		},

		REST_CLIENT {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) {
				return context.getBean(RestClient.Builder.class)
					.build()
					.post()
					.uri(uri)
					.body("{}")
					.exchangeForRequiredValue((request, response) -> response.getStatusCode().value());
			}
		},

		HTTP_CLIENT {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) throws Exception {
				return context.getBean(BearerHttpClient.class)
					.of(HttpClient.newHttpClient())
					.send(posting(uri), BodyHandlers.discarding())
					.statusCode();
			}
		},

		OK_HTTP {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) throws Exception {
				OkHttpClient client = new OkHttpClient.Builder().addInterceptor(context.getBean(Interceptor.class))
					.authenticator(context.getBean(Authenticator.class))
					.build();
				try (Response response = client
					.newCall(new Request.Builder().url(uri.toString()).post(RequestBody.create("{}", null)).build())
					.execute()) {
					return response.code();
				}
			}
		},

		FEIGN {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) {
				BearerFeignInterceptor bearers = context.getBean(BearerFeignInterceptor.class);
				FeignApi api = Feign.builder()
					.client(bearers.recovering(new feign.Client.Default(null, null)))
					.requestInterceptor(bearers)
					.target(Target.EmptyTarget.create(FeignApi.class));
				try (feign.Response response = api.post(uri, "{}")) {
					return response.status();
				}
			}
		},

		HTTP_CLIENT_ASYNC {
			@Override
			int status(ConfigurableApplicationContext context, URI uri) {
				return context.getBean(BearerHttpClient.class)
					.of(HttpClient.newHttpClient())
					.sendAsync(posting(uri), BodyHandlers.discarding())
					.join()
					.statusCode();
			}
		};

		private static HttpRequest posting(URI uri) {
			return HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("{}")).build();
		}

		abstract int status(ConfigurableApplicationContext context, URI uri) throws Exception;

	}

	/** Any request of Feign's. */
	interface FeignApi {

		@RequestLine("POST")
		feign.Response post(URI uri, String body);

	}

	private int call(ConfigurableApplicationContext context) {
		try {
			return Client.WEB_CLIENT.status(context, this.server.uri("/api/things?a=b"));
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static JWTClaimsSet claims(RecordedRequest request) {
		try {
			return SignedJWT.parse(request.header("DPoP")).getJWTClaimsSet();
		}
		catch (ParseException ex) {
			throw new AssertionError(ex);
		}
	}

	private static String thumbprint(RecordedRequest request) {
		try {
			return SignedJWT.parse(request.header("DPoP")).getHeader().getJWK().computeThumbprint().toString();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@ParameterizedTest
	@EnumSource
	void tokensOfALoginAreProvedByOneKey(Client client) throws Exception {
		ConfigurableApplicationContext context = loggedIn();
		assertThat(client.status(context, this.server.uri("/api/things?a=b"))).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(client.status(context, this.server.uri("/api/things?a=b"))).isEqualTo(200);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
		assertThat(this.server.dpop().refusals()).isEmpty();
		assertThat(Stream
			.concat(this.server.requests(Endpoint.TOKEN).stream(), this.server.requests(Endpoint.API).stream())
			.map(DpopTests::thumbprint)
			.distinct()).hasSize(1);
		assertThat(this.server.requests(Endpoint.API))
			.allSatisfy((request) -> assertThat(request.authorization()).startsWith("DPoP "));
	}

	@ParameterizedTest
	@EnumSource
	void nonceIsTakenFromARefusalAndKeptForAllRequests(Client client) throws Exception {
		this.server.dpop().nonces(() -> "one");
		ConfigurableApplicationContext context = loggedIn();
		for (int i = 0; i < 3; i++) {
			assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		}
		// The token endpoint has the same origin: only the very first request lacks it.
		assertThat(this.server.requests(Endpoint.TOKEN).get(0).header("DPoP")).isNotNull();
		assertThat(this.server.requests(Endpoint.TOKEN)
			.stream()
			.filter((request) -> claims(request).getClaim("nonce") == null)).hasSize(1);
		assertThat(this.server.requests(Endpoint.API)).hasSize(3);
		this.server.dpop().nonces(() -> "two");
		for (int i = 0; i < 3; i++) {
			assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.API)).hasSize(7);
	}

	@ParameterizedTest
	@EnumSource
	void nonceOfASuccessIsForTheNextRequest(Client client) throws Exception {
		AtomicInteger number = new AtomicInteger();
		this.server.dpop().nonces(() -> "nonce-" + number).nonceOnSuccess();
		ConfigurableApplicationContext context = loggedIn();
		assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.API)).hasSize(2);
	}

	@ParameterizedTest
	@EnumSource
	void nonceDoesNotCostTheRecoveryFromA401(Client client) throws Exception {
		ConfigurableApplicationContext context = loggedIn();
		this.server.invalidateAccessTokens();
		this.server.dpop().nonces(() -> "one");
		assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	/** Each request is refused once at most, and one answer tells all the others. */
	@Test
	void manyCallersLearnAChangedNonceFromOneAnother() {
		AtomicInteger number = new AtomicInteger();
		AtomicInteger asked = new AtomicInteger();
		this.server.dpop().nonces(() -> "nonce-" + number);
		ConfigurableApplicationContext context = loggedIn();
		WebClient client = context.getBean(WebClient.Builder.class).build();
		List<Integer> statuses = Flux.range(0, 600)
			.flatMap((i) -> client.get()
				.uri(this.server.uri("/api/things"))
				.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
				.doOnNext((status) -> {
					if (asked.incrementAndGet() % 100 == 0) {
						number.incrementAndGet();
					}
				}), 8)
			.collectList()
			.blockOptional()
			.orElseThrow();
		assertThat(statuses).hasSize(600).containsOnly(200);
		assertThat(this.server.requests(Endpoint.API)).hasSizeLessThanOrEqualTo(600 + 6 * 8);
	}

	/** It was sent before the server changed nonces, and answered afterwards. */
	@ParameterizedTest
	@EnumSource
	void answerThatIsLateBringsNoOldNonceBack(Client client) throws Exception {
		AtomicReference<String> nonce = new AtomicReference<>("one");
		this.server.dpop().nonces(nonce::get).nonceOnSuccess();
		ConfigurableApplicationContext context = loggedIn();
		CountDownLatch late = new CountDownLatch(1);
		this.server.enqueue(Endpoint.API, Answer.normally().answeredAfter(late));
		FutureTask<Integer> early = new FutureTask<>(() -> client.status(context, this.server.uri("/api/early")));
		new Thread(early).start();
		this.server.takeRequest(Endpoint.API, Duration.ofSeconds(20));
		nonce.set("two");
		assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		late.countDown();
		assertThat(early.get(20, TimeUnit.SECONDS)).isEqualTo(200);
		int before = this.server.requests(Endpoint.API).size();
		assertThat(client.status(context, this.server.uri("/api/things"))).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.API)).hasSize(before + 1);
	}

	@Test
	void keyOutlivesARestartWithItsLogin() {
		String key = thumbprint(apiCallOf(loggedIn()));
		this.contexts.remove(0).close();
		this.server.invalidateAccessTokens();
		assertThat(thumbprint(apiCallOf(start()))).isEqualTo(key);
		assertThat(this.server.dpop().refusals()).isEmpty();
	}

	private RecordedRequest apiCallOf(ConfigurableApplicationContext context) {
		assertThat(call(context)).isEqualTo(200);
		List<RecordedRequest> calls = this.server.requests(Endpoint.API);
		return calls.get(calls.size() - 1);
	}

	@Test
	void newLoginHasANewKey() {
		ConfigurableApplicationContext context = loggedIn();
		String key = thumbprint(apiCallOf(context));
		context.getBean(Logins.class).logIn("acme");
		assertThat(thumbprint(apiCallOf(context))).isNotEqualTo(key);
	}

	/** RFC 9449 section 5: otherwise the token is of use to whoever steals it. */
	@Test
	void bearerInsteadIsRefused() {
		this.server.dpop().ignore();
		ConfigurableApplicationContext context = start();
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> context.getBean(Logins.class).logIn("acme"))
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("unsupported_token_type"))
			.withMessageContaining("oauth2.pkce.providers.acme.dpop");
		assertThat(call(context)).isEqualTo(401);
		assertThat(this.server.requests(Endpoint.API).get(0).authorization()).isNull();
	}

	@Test
	void loginThatIsABearerIsNotUsedAnyMore() {
		this.server.dpop().ignore();
		loggedIn("oauth2.pkce.providers.acme.dpop=false");
		this.contexts.remove(0).close();
		ConfigurableApplicationContext context = start();
		assertThat(context.getBean(Credentials.class).load(ACME)).isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		assertThat(call(context)).isEqualTo(401);
		assertThat(this.server.requests(Endpoint.API).get(0).authorization()).isNull();
	}

	/** Whoever switches it off later has a login that goes on as it began. */
	@Test
	void boundLoginStaysBound() {
		loggedIn();
		this.contexts.remove(0).close();
		this.server.invalidateAccessTokens();
		assertThat(apiCallOf(start("oauth2.pkce.providers.acme.dpop=false")).authorization()).startsWith("DPoP ");
	}

	@Test
	void machinesTokenIsProvedToo() {
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.acme.client-id=machine",
				"oauth2.pkce.providers.acme.client-secret=machine-secret",
				"oauth2.pkce.providers.acme.authorization-grant-type=client_credentials");
		assertThat(call(context)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(call(context)).isEqualTo(200);
		assertThat(this.server.dpop().refusals()).isEmpty();
		assertThat(this.server.requests(Endpoint.API).stream().map(DpopTests::thumbprint).distinct()).hasSize(1);
	}

	/** They would send it as a bearer. */
	@Test
	void springSecuritysClientsDoNotGetTheToken() {
		ConfigurableApplicationContext context = loggedIn();
		assertThat(catchThrowable(() -> context.getBean(OAuth2AuthorizedClientService.class)
			.loadAuthorizedClient("acme", "anonymousUser"))).hasMessageContaining("bound to a key");
	}

	@Test
	void deviceLoginIsBoundToo() {
		ConfigurableApplicationContext context = start(WebApplicationType.SERVLET,
				"oauth2.pkce.providers.acme.authorization-grant-type=device_code",
				"management.endpoints.web.exposure.include=oauth2providers");
		context.getBean(Logins.class).logIn("acme");
		String key = thumbprint(apiCallOf(context));
		assertThat(this.server.dpop().refusals()).isEmpty();
		assertThat(String.valueOf(context.getBean(OAuth2ProvidersEndpoint.class).provider("acme")))
			.contains("dpopKeyThumbprint=" + key);
	}

	/** RFC 9449 section 10. */
	@Test
	void codeIsBoundBeforeItIsIssued() {
		String key = thumbprint(apiCallOf(loggedIn()));
		assertThat(this.server.requests(Endpoint.AUTHORIZATION).get(0).parameters("dpop_jkt")).containsExactly(key);
	}

	/** Before anybody is asked for anything. */
	@ParameterizedTest
	@ValueSource(strings = { "authorization_code", "device_code" })
	void serverThatDoesNotTakeOurProofsIsNamed(String grant) {
		this.server.discovery().document().put("dpop_signing_alg_values_supported", List.of("RS256", "PS256"));
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.acme.authorization-grant-type=" + grant);
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> context.getBean(Logins.class).logIn("acme"))
			.withMessageContaining("RS256, PS256 (dpop_signing_alg_values_supported), and none by ES256")
			.withMessageContaining("oauth2.pkce.providers.acme.dpop");
		assertThat(this.server.requests()).extracting(RecordedRequest::endpoint).containsOnly(Endpoint.DISCOVERY);
	}

	@Test
	void serverThatDoesNotTakeAMachinesProofsIsNamed() {
		this.server.discovery().document().put("dpop_signing_alg_values_supported", List.of("RS256"));
		ConfigurableApplicationContext context = start("oauth2.pkce.providers.acme.client-id=machine",
				"oauth2.pkce.providers.acme.client-secret=machine-secret",
				"oauth2.pkce.providers.acme.authorization-grant-type=client_credentials");
		assertThat(call(context)).isEqualTo(401);
		assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("discovery_failed");
		assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	/** RFC 9728 section 2. */
	@Test
	void resourceThatTakesBoundTokensOnlyIsNamed() {
		this.server.registration().open();
		FakeResource resource = this.server.protectedResource("/mcp").authorizedBy(this.server);
		resource.metadata().put("dpop_bound_access_tokens_required", true);
		Logins logins = tools(resource, "false");
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("tools"))
			.withMessageContaining("dpop_bound_access_tokens_required")
			.withMessageContaining("oauth2.pkce.providers.tools.dpop=true");
		assertThat(this.server.requests(Endpoint.REGISTRATION)).isEmpty();
		tools(resource, "true").logIn("tools");
	}

	@Test
	void resourceThatDoesNotTakeOurProofsIsNamed() {
		this.server.registration().open();
		FakeResource resource = this.server.protectedResource("/mcp").authorizedBy(this.server);
		resource.metadata().put("dpop_signing_alg_values_supported", List.of("EdDSA"));
		Logins logins = tools(resource, "true");
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("tools"))
			.withMessageContaining("The resource " + resource.uri() + " takes proofs that are signed by EdDSA");
	}

	private Logins tools(FakeResource resource, String dpop) {
		this.server.dpop().optional();
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with(ResourceFirstTests.Person.class)
			.with("oauth2.pkce.providers.tools.resource-uri=" + resource.uri(),
					"oauth2.pkce.providers.tools.dpop=" + dpop)
			.run();
		this.contexts.add(context);
		return context.getBean(Logins.class);
	}

	/** It is about this machine, not about the login. */
	@Test
	void refusedProofsAreNoRejectedLogin() {
		ConfigurableApplicationContext context = loggedIn();
		this.server.invalidateAccessTokens();
		for (int i = 0; i < 4; i++) {
			this.server.enqueue(Endpoint.TOKEN, Answer.error(400, "invalid_dpop_proof", "iat"));
			context.getBean(Credentials.class).current(ACME, RefreshTrigger.MANUAL).join();
		}
		assertThat(context.getBean(Credentials.class).status(ACME).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(context.getBean(Credentials.class).status(ACME).lastError()).isEqualTo("invalid_dpop_proof");
	}

}
