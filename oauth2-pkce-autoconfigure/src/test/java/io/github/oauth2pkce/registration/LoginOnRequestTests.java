package io.github.oauth2pkce.registration;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.registration.ResourceFirstWorld.Application;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.Waiting;

import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Requests that may ask a person, and resources that make the most of it. */
@Timeout(120)
class LoginOnRequestTests {

	private final ResourceFirstWorld world = new ResourceFirstWorld();

	private final FakeAuthorizationServer server = this.world.server;

	private final FakeAuthorizationServer api = this.world.api;

	private final FakeResource resource = this.world.resource;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@BeforeEach
	void allow() {
		this.world.with("oauth2.pkce.login.on-request=always");
	}

	@AfterEach
	void stop() {
		this.world.close();
	}

	@Test
	void requestsThatComeTogetherShareARegistrationAndALogin() {
		try (Application application = this.world.start()) {
			CountDownLatch together = new CountDownLatch(1);
			this.server.enqueue(Endpoint.AUTHORIZATION, Answer.normally().processedAfter(together));
			List<CompletableFuture<Integer>> calls = call(application, 32);
			this.server.takeRequest(Endpoint.AUTHORIZATION, ResourceFirstWorld.WAIT);
			together.countDown();
			assertThat(calls).allSatisfy((call) -> assertThat(call.join()).isEqualTo(200));
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
		assertThat(this.api.requests(Endpoint.RESOURCE)).filteredOn((request) -> request.bearer() != null).hasSize(32);
	}

	/** It knows the token, and says otherwise. */
	@ParameterizedTest
	@ValueSource(strings = { "Bearer", "Bearer error=\"invalid_token\"", "Bearer scope=\"a\"",
			"Bearer error=\"insufficient_scope\", scope=\"a\"" })
	void resourceThatRefusesForEverAsksAPersonOnce(String challenge) {
		this.api.answerAlways(Endpoint.RESOURCE, Answer.status(401).withHeader("WWW-Authenticate", challenge));
		try (Application application = this.world.start()) {
			for (int i = 0; i < 5; i++) {
				assertThat(application.call(this.resource.uri())).isEqualTo(401);
			}
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSizeLessThanOrEqualTo(2);
		assertThat(this.server.refreshRequests()).isLessThanOrEqualTo(5);
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	/** A new scope with each answer. */
	@Test
	void resourceThatAlwaysWantsMoreAsksAPersonThreeTimesAMinute() {
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			for (int i = 0; i < 8; i++) {
				this.resource.requireScopes("scope-" + i);
				application.call(this.resource.uri());
			}
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSizeBetween(2, 3);
	}

	@Test
	void widerScopeIsAskedForBesideThePresentOnes() {
		this.resource.challenge("scope", "read");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.resource.challenge("scope", "write").requireScopes("write");
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).extracting((request) -> request.parameter("scope"))
			.satisfiesExactly((first) -> assertThat(first).isEqualTo("read"),
					(second) -> assertThat(String.valueOf(second).split(" ")).containsExactlyInAnyOrder("read",
							"write"));
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource({ "acr_values, gold", "max_age, 0",
			"claims, '{\"id_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}'" })
	void fresherAuthenticationIsAskedForAsItIsDemanded(String parameter, String value) {
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			if (parameter.equals("claims")) {
				this.resource.demandClaims(value);
			}
			else {
				this.resource.demandAuthentication(parameter, value);
			}
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(2);
	}

	@Test
	void movedServerIsLoggedInToByTheRequestThatFindsOut() {
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			moved.registration().open();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.resource.authorizedBy(moved);
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			assertThat(moved.requests(Endpoint.AUTHORIZATION)).hasSize(1);
			assertThat(this.server.issuedSecrets())
				.allSatisfy((secret) -> assertThat(moved.requestsWith(secret)).isEmpty());
		}
	}

	@Test
	void applicationThatRepeatsRequestsItselfIsAskedNothingByOneThatIsRefused() {
		this.world.with("oauth2.pkce.providers.tools.retry-unauthorized=false");
		try (FakeAuthorizationServer moved = FakeAuthorizationServer.start();
				Application application = this.world.start()) {
			moved.registration().open();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.resource.authorizedBy(moved);
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
			assertThat(moved.requests(Endpoint.AUTHORIZATION)).isEmpty();
		}
	}

	@Test
	void forgottenClientIsReplacedByTheRequestThatFindsOut() {
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.server.forgetClients();
			this.server.invalidateAccessTokens();
			// By then the server has said so often enough.
			for (int i = 0; i < 3; i++) {
				application.call(this.resource.uri());
			}
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSizeLessThanOrEqualTo(2);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSizeLessThanOrEqualTo(2);
	}

	@Test
	void whoHasLoggedOutIsAskedByTheNextRequest() {
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			application.context.getBean(Logout.class).logOut(CredentialId.ofApplication("tools"));
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(2);
	}

	/** A document that is not to be used is no reason to hang, nor to ask anybody. */
	@Test
	void requestToAResourceThatNamesAnotherGetsItsAnswer() {
		this.resource.metadata().put("resource", "https://evil.example/mcp");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
		}
		assertThat(this.server.requests()).isEmpty();
		assertThat(this.api.requests(Endpoint.RESOURCE)).allMatch((request) -> request.authorization() == null);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			bearer RESOURCE_METADATA="{custom}"
			Bearer realm="a, b=\\"c\\"", resource_metadata="{custom}", scope="read"
			Basic realm="x", Bearer resource_metadata="{custom}"
			Negotiate, DPoP algs="ES256", Bearer realm="x",resource_metadata="{custom}"
			Bearer realm="x" , resource_metadata = "{custom}"
			Bearer error="invalid_request", error_description="a\\\\b", resource_metadata="{custom}"
			Bearer realm="x";DPoP resource_metadata="https://evil.example/"
			,, Bearer resource_metadata="{custom}",,
			""")
	void oddChallengesAreRead(String challenge) {
		this.resource.metadataAt("/custom.json", this.resource.pathForm());
		this.resource.challengeVerbatim(challenge.replace("{custom}", this.api.uri("/custom.json").toString()));
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
		assertThat(this.api.requests(Endpoint.RESOURCE_METADATA)).hasSize(1)
			.extracting(RecordedRequest::path)
			.containsExactly(challenge.contains("{custom}") ? "/custom.json" : this.resource.pathForm());
	}

	@Test
	void challengeOfAnySizeIsNoTrouble() {
		String many = "x".repeat(1000);
		this.resource.challengeVerbatim("Bearer scope=\"" + many + "\", resource_metadata=\"" + many + "\"",
				"Bearer " + "a=\"b\", ".repeat(100) + "scope=\"" + "s ".repeat(100) + "\"");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
	}

	/** The login is stored; who starts later asks nobody. */
	@Test
	void asksNobodyAgainAfterARestart() {
		this.world.in(this.directory);
		for (int run = 0; run < 3; run++) {
			this.server.invalidateAccessTokens();
			try (Application application = this.world.start()) {
				assertThat(call(application, 8)).allSatisfy((call) -> assertThat(call.join()).isEqualTo(200));
			}
		}
		assertThat(this.server.requests(Endpoint.REGISTRATION)).hasSize(1);
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
		assertThat(this.server.refreshesGranted()).isEqualTo(2);
	}

	@Test
	void otherPathsOfTheHostAskNobody() {
		this.api.answerAlways(Endpoint.OTHER,
				Answer.status(401).withHeader("WWW-Authenticate", "Bearer scope=\"admin\""));
		try (Application application = this.world.start()) {
			assertThat(application.call(this.api.uri("/elsewhere"))).isEqualTo(401);
		}
		assertThat(this.server.requests()).isEmpty();
	}

	/** As Spring Security's handler says it. */
	@Test
	void bareInsufficientScopeAsksNobody() {
		this.resource.challenge("scope", "read");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
			this.api.answerAlways(Endpoint.RESOURCE,
					Answer.status(403).withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
			assertThat(application.call(this.resource.uri())).isEqualTo(403);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	@Test
	void requestsThatFillThePoolOfThoseWhoWaitGetTheirLogin() {
		int all = Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE;
		CountDownLatch together = new CountDownLatch(all);
		try (Application application = this.world.start()) {
			RestClient client = application.context.getBean(RestClient.Builder.class).build();
			assertThat(Flux.range(0, all).flatMap((i) -> Mono.fromCallable(() -> {
				together.countDown();
				Waiting.await(together);
				return client.get().uri(this.resource.uri()).retrieve().toBodilessEntity().getStatusCode().value();
			}).subscribeOn(Schedulers.boundedElastic()), all).collectList().block(ResourceFirstWorld.WAIT)).hasSize(all)
				.containsOnly(200);
		}
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).hasSize(1);
	}

	/** The login goes on without it. */
	@Test
	void requestWaitsForALoginNoLongerThanItIsTold() {
		this.world.with("test.browser=false", "oauth2.pkce.login.timeout=1s");
		try (Application application = this.world.start()) {
			assertThat(application.call(this.resource.uri())).isEqualTo(401);
			Login login = application.context.getBean(Logins.class).running(CredentialId.ofApplication("tools"));
			assertThat(login).isNotNull();
			this.server.approve(login.shown().join().userCode().userCode());
			login.join();
			assertThat(application.call(this.resource.uri())).isEqualTo(200);
		}
	}

	private List<CompletableFuture<Integer>> call(Application application, int times) {
		return IntStream.range(0, times)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> application.call(this.resource.uri()),
					(task) -> new Thread(task).start()))
			.toList();
	}

}
