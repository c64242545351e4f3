package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.testing.Endpoint.RESOURCE_METADATA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The audience of tokens, from the metadata of the protected resource (RFC 9728). */
@Timeout(30)
class ProtectedResourceTests {

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	private final Discovery discovery = new Discovery(TestLogins.client(Duration.ofSeconds(10)), this.clock,
			Runnable::run);

	@AfterEach
	void close() {
		this.server.close();
	}

	/** What section 3.1 inserts the path into, and what comes of it. */
	@ParameterizedTest
	@CsvSource({ "'', ''", "/, ''", "/mcp, /mcp", "/mcp/, /mcp/", "/a/b, /a/b", "/mcp?tenant=a%20b, /mcp?tenant=a%20b",
			"/?tenant=a, ?tenant=a" })
	void takesTheResourceThatTheAddressWasMadeFrom(String resource, String inserted) {
		String identifier = this.server.uri(resource).toString();
		this.server.resourceMetadata().put("resource", identifier);
		assertThat(resources(provider(inserted))).containsExactly(identifier);
	}

	/** Section 3.3: the data MUST NOT be used. */
	@ParameterizedTest
	@ValueSource(strings = { "https://evil.example/mcp", "{server}", "{server}/", "{server}/mcp/", "{server}/MCP",
			"{server}/mcp/v2", "{server}/mcp?", "{server}/mcp?tenant=a", "{server}/mcp#", "{server}/mcp#part", "/mcp",
			"mcp", "", "urn:mcp", "http://[broken", "{server}/.well-known/oauth-protected-resource/mcp",
			"{server}/m cp", "https://evil.example@{host}/mcp" })
	void otherResourceIsNotUsed(String resource) {
		this.server.resourceMetadata()
			.put("resource", resource.replace("{server}", this.server.issuer())
				.replace("{host}", URI.create(this.server.issuer()).getAuthority()));
		DiscoveryException failure = failure(provider("/mcp"));
		assertThat(failure).hasMessageContaining("oauth2.pkce.providers.demo.resource-metadata-uri")
			.hasMessageContaining("whose metadata is elsewhere");
		assertThat(failure.isUnreachable()).isFalse();
	}

	@Test
	void resourceOfAnAddressWithAQueryHasThatQuery() {
		this.server.resourceMetadata().put("resource", this.server.uri("/mcp").toString());
		assertThat(failure(provider("/mcp?tenant=a"))).hasMessageContaining("whose metadata is elsewhere")
			.hasMessageNotContaining("tenant");
	}

	@ParameterizedTest
	@ValueSource(strings = { "7", "null", "[\"https://api.example/mcp\"]", "{}", "true" })
	void resourceThatIsNoTextIsNotUsed(String json) {
		this.server.resourceMetadata().putRaw("resource", json);
		DiscoveryException failure = failure(provider("/mcp"));
		assertThat(failure).hasMessageContaining("names no resource");
		assertThat(failure.isUnreachable()).isFalse();
	}

	@Test
	void missingResourceIsNotUsed() {
		this.server.resourceMetadata().remove("resource");
		assertThat(failure(provider("/mcp"))).hasMessageContaining("names no resource");
	}

	@Test
	void whatTheServerSaysIsCappedAndPrintable() {
		this.server.resourceMetadata().put("resource", "https://evil.example/\u001B[2J" + "x".repeat(5000));
		String message = String.valueOf(failure(provider("/mcp")).getMessage());
		assertThat(message).contains("https://evil.example/").doesNotContain("\u001B").hasSizeLessThan(600);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "<html>", "" })
	void documentThatIsNoneIsAFailure(String body) {
		this.server.answerAlways(RESOURCE_METADATA, Answer.json(200, body));
		assertThat(failure(provider("/mcp")).isUnreachable()).isTrue();
	}

	/** RFC 9728 section 3.2: 200, and no other success. */
	@ParameterizedTest
	@ValueSource(ints = { 201, 203, 206, 404 })
	void documentOfAnotherStatusIsNotUsed(int status) {
		this.server.answerAlways(RESOURCE_METADATA,
				Answer.json(status, "{\"resource\":\"" + this.server.uri("/mcp") + "\"}"));
		assertThat(failure(provider("/mcp"))).hasMessageContaining("answered " + status);
	}

	@Test
	void redirectIsNotFollowed() {
		this.server.answerAlways(RESOURCE_METADATA, Answer.redirect("/api/metadata"));
		failure(provider("/mcp"));
		assertThat(this.server.requests(Endpoint.API)).isEmpty();
	}

	@Test
	void resourceWithoutMetadataIsNoOutage() {
		this.server.answerAlways(RESOURCE_METADATA, Answer.status(404));
		DiscoveryException failure = failure(provider("/mcp"));
		assertThat(failure).hasMessageContaining("answered 404");
		assertThat(failure.isUnreachable()).isFalse();
	}

	@Test
	void unreachableServerIsAnOutage() {
		Provider provider = provider("/mcp");
		this.server.stop();
		DiscoveryException failure = failure(provider);
		assertThat(failure).hasMessageContaining("oauth2.pkce.providers.demo.resource-metadata-uri");
		assertThat(failure.isUnreachable()).isTrue();
	}

	@Test
	void failureIsRememberedForAWhile() {
		this.server.answerAlways(RESOURCE_METADATA, Answer.status(503));
		Provider provider = provider("/mcp");
		for (int i = 0; i < 10; i++) {
			assertThat(failure(provider).isUnreachable()).isTrue();
		}
		assertThat(this.server.requests(RESOURCE_METADATA)).hasSize(1);
		this.server.answerAlways(RESOURCE_METADATA, Answer.normally());
		this.clock.advance(Duration.ofSeconds(9));
		failure(provider);
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(resources(provider)).containsExactly(this.server.uri("/mcp").toString());
	}

	@Test
	void documentIsReadAgainAfterAnHour() {
		Provider provider = provider("");
		assertThat(resources(provider)).containsExactly(this.server.uri("").toString());
		this.server.resourceMetadata().put("resource", this.server.uri("/").toString());
		this.clock.advance(Duration.ofMinutes(59));
		assertThat(resources(provider)).containsExactly(this.server.uri("").toString());
		this.clock.advance(Duration.ofMinutes(1));
		assertThat(resources(provider)).containsExactly(this.server.uri("/").toString());
	}

	@Test
	void lastGoodDocumentOutlivesAnOutageAndABadOne() {
		Provider provider = provider("/mcp");
		List<String> good = resources(provider);
		this.server.resourceMetadata().put("resource", "https://evil.example");
		this.clock.advance(Duration.ofHours(1));
		assertThat(resources(provider)).isEqualTo(good);
		this.server.stop();
		this.clock.advance(Duration.ofHours(1));
		assertThat(resources(provider)).isEqualTo(good);
	}

	@Test
	void givenResourceBeatsTheDiscoveredOneAndNoCallIsMade() {
		Provider provider = TestProviders.offline()
			.resources(List.of("urn:given"))
			.resourceMetadataUri(metadata("/mcp"))
			.build();
		assertThat(resources(provider)).containsExactly("urn:given");
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void providerWithoutEitherHasNoResource() {
		assertThat(resources(TestProviders.offline().build())).isEmpty();
	}

	@Test
	void firstCallersAtOneTimeShareOneRequest() throws Exception {
		int callers = 32;
		CountDownLatch answer = new CountDownLatch(1);
		this.server.enqueue(RESOURCE_METADATA, Answer.normally().processedAfter(answer));
		Provider provider = provider("/mcp");
		ExecutorService threads = Executors.newFixedThreadPool(callers);
		try {
			List<Future<List<String>>> waiting = new ArrayList<>();
			CountDownLatch started = new CountDownLatch(callers);
			for (int i = 0; i < callers; i++) {
				waiting.add(threads.submit(() -> {
					started.countDown();
					return resources(provider);
				}));
			}
			started.await();
			answer.countDown();
			for (Future<List<String>> future : waiting) {
				assertThat(future.get(20, TimeUnit.SECONDS)).containsExactly(this.server.uri("/mcp").toString());
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(this.server.requests(RESOURCE_METADATA)).hasSize(1);
	}

	private List<String> resources(Provider provider) {
		return this.discovery.withResources(provider).request().resources();
	}

	private DiscoveryException failure(Provider provider) {
		DiscoveryException failure = catchThrowableOfType(DiscoveryException.class, () -> resources(provider));
		assertThat(failure).isNotNull();
		return failure;
	}

	private Provider provider(String resource) {
		return TestProviders.offline().resourceMetadataUri(metadata(resource)).build();
	}

	private URI metadata(String resource) {
		return this.server.uri(RESOURCE_METADATA.path() + resource);
	}

}
