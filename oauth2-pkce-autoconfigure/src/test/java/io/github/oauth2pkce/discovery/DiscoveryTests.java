package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.testing.WellKnown;

import static io.github.oauth2pkce.testing.Endpoint.DISCOVERY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@Timeout(30)
class DiscoveryTests {

	private static final String PATH = "/realms/demo";

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start(PATH, this.clock);

	private final Discovery discovery = new Discovery(TestLogins.client(Duration.ofSeconds(10)), this.clock,
			Runnable::run);

	private final Provider provider = provider(this.server.issuer());

	@AfterEach
	void close() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(WellKnown.class)
	void findsEachOfTheThreeForms(WellKnown form) {
		this.server.discovery().serveOnly(form);
		assertThat(token(this.provider)).isEqualTo(this.server.uri("/token"));
		assertThat(this.server.requests(DISCOVERY)).hasSize(form.ordinal() + 1);
	}

	@Test
	void asksForEachFormOnceWhenTheIssuerHasNoPath() {
		try (FakeAuthorizationServer plain = FakeAuthorizationServer.start()) {
			plain.discovery().serveOnly();
			failure(provider(plain.issuer()));
			assertThat(plain.requests(DISCOVERY)).extracting(RecordedRequest::path)
				.containsExactly("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server");
		}
	}

	@Test
	void findsAllEndpoints() {
		assertThat(this.discovery.find(this.provider, Endpoint.AUTHORIZATION)).isEqualTo(this.server.uri("/authorize"));
		assertThat(this.discovery.find(this.provider, Endpoint.DEVICE_AUTHORIZATION))
			.isEqualTo(this.server.uri("/device_authorization"));
		assertThat(this.discovery.find(this.provider, Endpoint.REVOCATION)).isEqualTo(this.server.uri("/revoke"));
		assertThat(this.server.requests(DISCOVERY)).hasSize(1);
	}

	@Test
	void otherIssuerIsNotUsed() {
		this.server.discovery().issuer("https://evil.example\u001B[2J");
		DiscoveryException failure = failure(this.provider);
		assertThat(failure).hasMessageContaining("https://evil.example")
			.hasMessageContaining("oauth2.pkce.providers.demo.issuer-uri")
			.hasMessageNotContaining("\u001B");
		assertThat(failure.isUnreachable()).isFalse();
	}

	@Test
	void issuerIsComparedExactly() {
		DiscoveryException failure = failure(provider(this.server.issuer() + "/"));
		assertThat(failure.isUnreachable()).isFalse();
	}

	@Test
	void trailingSlashIsTheIssuersOwnAndNotDoubled() {
		this.server.discovery().issuer(this.server.issuer() + "/");
		assertThat(token(provider(this.server.issuer() + "/"))).isEqualTo(this.server.uri("/token"));
		assertThat(this.server.requests(DISCOVERY)).noneMatch((request) -> request.path().contains("//"));
	}

	@Test
	void missingIssuerIsNotUsed() {
		this.server.discovery().document().remove("issuer");
		assertThat(failure(this.provider).isUnreachable()).isFalse();
	}

	@Test
	void failureIsRememberedForAWhile() {
		this.server.answerAlways(DISCOVERY, Answer.status(503));
		assertThat(failure(this.provider).isUnreachable()).isTrue();
		int requests = this.server.requests(DISCOVERY).size();
		for (int i = 0; i < 10; i++) {
			assertThat(failure(this.provider).isUnreachable()).isTrue();
		}
		assertThat(this.server.requests(DISCOVERY)).hasSize(requests);
		this.server.answerAlways(DISCOVERY, Answer.normally());
		this.clock.advance(Duration.ofSeconds(9));
		failure(this.provider);
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(token(this.provider)).isNotNull();
	}

	@Test
	void documentIsReadAgainAfterAnHour() {
		token(this.provider);
		this.server.discovery().document().put("token_endpoint", "https://new.example/token");
		this.clock.advance(Duration.ofMinutes(59));
		assertThat(token(this.provider)).isEqualTo(this.server.uri("/token"));
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(token(this.provider)).isEqualTo(URI.create("https://new.example/token"));
	}

	/** One that hangs would otherwise hold up a refresh three times as long as it may. */
	@Test
	void oldDocumentIsUsedWhileTheIssuerHangs() {
		Discovery inBackground = new Discovery(TestLogins.client(Duration.ofSeconds(20)), this.clock);
		inBackground.endpoint(this.provider, Endpoint.TOKEN);
		this.server.answerAlways(DISCOVERY, Answer.normally().processedAfter(new CountDownLatch(1)));
		this.clock.advance(Duration.ofHours(1));
		for (int i = 0; i < 10; i++) {
			assertThat(inBackground.endpoint(this.provider, Endpoint.TOKEN)).isEqualTo(this.server.uri("/token"));
		}
		this.server.takeRequest(DISCOVERY, Duration.ofSeconds(20));
		this.server.takeRequest(DISCOVERY, Duration.ofSeconds(20));
		// It still waits for the first form.
		assertThat(this.server.requests(DISCOVERY)).hasSize(2);
	}

	@Test
	void lastGoodDocumentOutlivesAnOutage() {
		token(this.provider);
		this.server.stop();
		for (int hour = 0; hour < 3; hour++) {
			this.clock.advance(Duration.ofHours(1));
			assertThat(token(this.provider)).isEqualTo(this.server.uri("/token"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "<html>", "", "{\"issuer\":7}" })
	void documentThatIsNoneIsAFailure(String body) {
		this.server.answerAlways(DISCOVERY, Answer.json(200, body));
		failure(this.provider);
	}

	/** RFC 8414 section 3.2: 200, and no other success. */
	@ParameterizedTest
	@ValueSource(ints = { 201, 203, 206, 299, 404, 500 })
	void documentOfAnotherStatusIsNotUsed(int status) {
		this.server.answerAlways(DISCOVERY, Answer.json(status,
				Map.of("issuer", this.server.issuer(), "token_endpoint", "https://as.example/token")));
		assertThat(failure(this.provider)).hasMessageContaining("answered " + status);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			text/html        | <title>Sign in</title>        | answered 200 with text/html
			application/json | [{"issuer":"x"}]              | answered 200 with a JSON list instead of an object
			application/json | ''                            | answered 200;
			""")
	void documentThatIsNoneIsDescribed(String contentType, String body, String description) {
		this.server.answerAlways(DISCOVERY, Answer.text(200, contentType, body));
		assertThat(failure(this.provider)).hasMessageContaining(description).hasMessageNotContaining("Exception");
	}

	@Test
	void redirectIsDescribed() {
		this.server.answerAlways(DISCOVERY, Answer.redirect("https://sso.example/sign-in?state=x"));
		assertThat(failure(this.provider))
			.hasMessageContaining("answered 302 with a redirect to https://sso.example/sign-in")
			.hasMessageNotContaining("state");
	}

	@Test
	void documentThatIsTooLargeIsDescribed() {
		this.server.answerAlways(DISCOVERY, Answer.json(200, "{\"a\":\"" + "x".repeat(1_500_000) + "\"}"));
		assertThat(failure(this.provider)).hasMessageContaining(
				"/.well-known/openid-configuration: its answer is larger than 1048576 bytes (oauth2.pkce.http.max-response-size)");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			/token                     | is a relative URI
			https://as.example/t#x     | has a fragment
			https://as.example@evil/t  | has user information
			ftp://as.example/t         | is neither https nor http
			token endpoint             | is no URI
			""")
	void endpointThatCannotBeUsedIsDescribed(String endpoint, String problem) {
		this.server.discovery().document().put("token_endpoint", endpoint);
		assertThat(failure(this.provider))
			.hasMessageStartingWith("The token_endpoint in the metadata of " + this.server.issuer() + " " + problem)
			.hasMessageEndingWith("; set oauth2.pkce.providers.demo.token-uri");
	}

	@Test
	void redirectIsNotFollowed() {
		this.server.answerAlways(DISCOVERY, Answer.redirect("/api/configuration"));
		failure(this.provider);
		assertThat(this.server.requests(io.github.oauth2pkce.testing.Endpoint.API)).isEmpty();
	}

	@Test
	void serverErrorAtOneFormDoesNotEndTheSearch() {
		this.server.enqueue(DISCOVERY, Answer.status(500));
		assertThat(token(this.provider)).isNotNull();
	}

	// Explicit endpoints.

	@Test
	void explicitEndpointBeatsTheDiscoveredOne() {
		Provider explicit = TestProviders.offline()
			.issuerUri(this.server.issuer())
			.endpoints(new Endpoints(null, null, URI.create("https://explicit.example/token"), null))
			.build();
		assertThat(token(explicit)).isEqualTo(URI.create("https://explicit.example/token"));
		assertThat(this.server.requests()).isEmpty();
		assertThat(this.discovery.find(explicit, Endpoint.DEVICE_AUTHORIZATION))
			.isEqualTo(this.server.uri("/device_authorization"));
	}

	@Test
	void noCallIsMadeWhenEverythingIsGiven() {
		Provider explicit = TestProviders.device(this.server).build();
		for (Endpoint endpoint : EnumSet
			.complementOf(EnumSet.of(Endpoint.REGISTRATION, Endpoint.PUSHED_AUTHORIZATION_REQUEST))) {
			assertThat(this.discovery.endpoint(explicit, endpoint)).isNotNull();
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void missingEndpointNamesThePropertyToSet() {
		this.server.discovery().document().remove("device_authorization_endpoint");
		assertThat(this.discovery.find(this.provider, Endpoint.DEVICE_AUTHORIZATION)).isNull();
		assertThatExceptionOfType(DiscoveryException.class)
			.isThrownBy(() -> this.discovery.endpoint(this.provider, Endpoint.DEVICE_AUTHORIZATION))
			.withMessageContaining("oauth2.pkce.providers.demo.device-authorization-uri");
		Provider nothing = Provider.withId("demo", "cli").build();
		assertThatExceptionOfType(DiscoveryException.class)
			.isThrownBy(() -> this.discovery.endpoint(nothing, Endpoint.TOKEN))
			.withMessageContaining("oauth2.pkce.providers.demo.token-uri")
			.withMessageContaining("issuer-uri");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "/token", "token", "javascript:alert(1)", "file:///etc/passwd", "https://", "ht tp://x" })
	void endpointThatIsNoWebAddressIsMissing(String uri) {
		this.server.discovery().document().put("token_endpoint", uri);
		assertThat(this.discovery.find(this.provider, Endpoint.TOKEN)).isNull();
	}

	// Many callers.

	@Test
	void providersOfOneIssuerShareItsDocument() {
		token(this.provider);
		token(Provider.withId("other", "gui").issuerUri(this.server.issuer()).build());
		assertThat(this.server.requests(DISCOVERY)).hasSize(1);
	}

	@Test
	void firstCallersAtOneTimeShareOneSetOfRequests() throws Exception {
		int callers = 32;
		CountDownLatch answer = new CountDownLatch(1);
		this.server.enqueue(DISCOVERY, Answer.normally().processedAfter(answer));
		ExecutorService threads = Executors.newFixedThreadPool(callers);
		try {
			List<Future<URI>> waiting = new ArrayList<>();
			CountDownLatch started = new CountDownLatch(callers);
			for (int i = 0; i < callers; i++) {
				waiting.add(threads.submit(() -> {
					started.countDown();
					return token(this.provider);
				}));
			}
			started.await();
			answer.countDown();
			for (Future<URI> future : waiting) {
				assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo(this.server.uri("/token"));
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(this.server.requests(DISCOVERY)).hasSize(1);
	}

	/** Such as that of a login that is cancelled while it waits for a slow issuer. */
	@Test
	void threadThatIsInterruptedStopsAndItsFailureIsNobodyElses() throws Exception {
		this.server.enqueue(DISCOVERY, Answer.normally().processedAfter(new CountDownLatch(1)));
		ExecutorService thread = Executors.newSingleThreadExecutor();
		AtomicBoolean interrupted = new AtomicBoolean();
		Future<DiscoveryException> failure = thread.submit(() -> {
			DiscoveryException ex = failure(this.provider);
			interrupted.set(Thread.currentThread().isInterrupted());
			return ex;
		});
		this.server.takeRequest(DISCOVERY, Duration.ofSeconds(20));
		thread.shutdownNow();
		assertThat(failure.get(20, TimeUnit.SECONDS)).hasMessageContaining("/.well-known/openid-configuration: ")
			.hasMessageNotContaining("oauth-authorization-server");
		assertThat(interrupted).isTrue();
		assertThat(token(this.provider)).isEqualTo(this.server.uri("/token"));
	}

	private URI token(Provider provider) {
		return this.discovery.endpoint(provider, Endpoint.TOKEN);
	}

	private DiscoveryException failure(Provider provider) {
		DiscoveryException failure = catchThrowableOfType(DiscoveryException.class, () -> token(provider));
		assertThat(failure).isNotNull();
		return failure;
	}

	private static Provider provider(String issuer) {
		return Provider.withId("demo", "cli").issuerUri(issuer).build();
	}

}
