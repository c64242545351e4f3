package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.source.SubjectTokenSource;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/** Applications without a person and without a secret, over real HTTP and files. */
@Timeout(120)
class ForeignTokenApplicationTests {

	private static final String API = "oauth2.pkce.providers.api.";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("workload"));

	@TempDir
	private Path directory;

	@AfterEach
	void close() {
		this.server.close();
	}

	private TestApplication application(String... properties) {
		return TestApplication.of(WebApplicationType.SERVLET)
			.with(API + "issuer-uri=" + this.server.issuer(), API + "client-id=workload",
					API + "authorization-grant-type=token-exchange", API + "base-urls=" + this.server.uri("/api"),
					"management.endpoints.web.exposure.include=*", "management.endpoint.health.show-details=always")
			.with(properties);
	}

	private int call(ConfigurableApplicationContext context) {
		return context.getBean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.uri("/api/things"))
			.exchangeToMono((answer) -> answer.releaseBody().thenReturn(answer.statusCode().value()))
			.block(Duration.ofSeconds(20));
	}

	private String subject(ConfigurableApplicationContext context) {
		assertThat(call(context)).isEqualTo(200);
		List<RecordedRequest> exchanges = this.server.requests(Endpoint.TOKEN);
		return exchanges.get(exchanges.size() - 1).parameter("subject_token");
	}

	@Test
	void exchangesTheTokenOfAVariable() {
		try (ConfigurableApplicationContext context = application(API + "subject-token.env=WORKLOAD_TOKEN",
				"WORKLOAD_TOKEN=of-a-variable")
			.run()) {
			assertThat(subject(context)).isEqualTo("of-a-variable");
		}
	}

	@Test
	void exchangesTheTokenOfABean() {
		try (ConfigurableApplicationContext context = application(API + "subject-token.bean=vault").with(Vault.class)
			.run()) {
			assertThat(subject(context)).isEqualTo("api-application");
		}
	}

	@Test
	void exchangesTheTokenOfAGitHubActionsJob() {
		this.server.enqueue(Endpoint.OTHER, Answer.json(200, "{\"value\":\"of-a-job\"}"));
		try (ConfigurableApplicationContext context = application(API + "subject-token.github-actions=api://things",
				"ACTIONS_ID_TOKEN_REQUEST_URL=" + this.server.uri("/github?api-version=2.0"),
				"ACTIONS_ID_TOKEN_REQUEST_TOKEN=of-the-runner")
			.run()) {
			assertThat(subject(context)).isEqualTo("of-a-job");
		}
		RecordedRequest request = this.server.requests(Endpoint.OTHER).get(0);
		assertThat(request.query()).containsEntry("audience", List.of("api://things"));
		assertThat(request.bearer()).isEqualTo("of-the-runner");
	}

	/** As the kubelet does it, again and again, with a token that soon ends. */
	@Test
	void rotatingFileFailsNoCallUnderLoad() throws Exception {
		Path link = this.directory.resolve("..data");
		AtomicInteger version = new AtomicInteger();
		Set<String> valid = ConcurrentHashMap.newKeySet();
		Files.createSymbolicLink(link, mounted(version.get(), valid));
		Files.createSymbolicLink(this.directory.resolve("token"), Path.of("..data/token"));
		this.server.tokens()
			.accessTokenLifetime(Duration.ofSeconds(2))
			.subjects((token) -> valid.contains(token) ? token : null);
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try (ConfigurableApplicationContext context = application(
				API + "subject-token.file=" + this.directory.resolve("token"))
			.run()) {
			List<Future<Integer>> calls = new ArrayList<>();
			Set<String> seen = ConcurrentHashMap.newKeySet();
			while (seen.size() < 3) {
				calls.clear();
				for (int call = 0; call < 40; call++) {
					calls.add(threads.submit(() -> call(context)));
				}
				rotate(link, version.incrementAndGet(), valid);
				for (Future<Integer> call : calls) {
					assertThat(call.get()).isEqualTo(200);
				}
				this.server.requests(Endpoint.TOKEN).forEach((request) -> seen.add(request.parameter("subject_token")));
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private Path mounted(int version, Set<String> valid) throws IOException {
		Path mounted = Files.createDirectory(this.directory.resolve("..v" + version));
		Files.writeString(mounted.resolve("token"), "token-" + version);
		valid.add("token-" + version);
		return mounted;
	}

	private void rotate(Path link, int version, Set<String> valid) throws IOException {
		Path next = Files.createSymbolicLink(this.directory.resolve("..data_tmp"), mounted(version, valid));
		Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
		Path old = this.directory.resolve("..v" + (version - 1));
		Files.delete(old.resolve("token"));
		Files.delete(old);
		// A server accepts a token until its end, which is after the next one is there.
		valid.remove("token-" + (version - 2));
	}

	@Test
	void missingFileIsSaidEverywhereUntilItIsThere() throws IOException {
		Path file = this.directory.resolve("token");
		LogCapture log = LogCapture.ofEvents(Level.DEBUG);
		try (ConfigurableApplicationContext context = application(API + "subject-token.file=" + file).with(log).run()) {
			Http http = Http.of(context);
			assertThat(call(context)).isEqualTo(401);
			assertThat(call(context)).isEqualTo(401);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(meters.get("oauth2.pkce.bearer.skipped")
				.tags("provider", "api", "reason", "no_token")
				.counter()
				.count()).isEqualTo(2);
			Http.Response health = http.get("/actuator/health/oauth2Pkce/api");
			assertThat(health.json()).containsEntry("status", "REFRESH_FAILING");
			assertThat(health.object("details")).containsEntry("state", "AUTHORIZED")
				.containsEntry("grant", "token_exchange")
				.containsEntry("lastError", "subject_token_missing")
				.containsEntry("remedy",
						"Write a token to the file '" + file + "', or mount it there (" + API + "subject-token.file)");
			assertThat(http.get("/actuator/oauth2providers/api").json()).containsEntry("store", "memory")
				.containsEntry("lastError", "subject_token_missing");
			assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
			assertThat(log.events("oauth2_refresh_failed")).extracting(ILoggingEvent::getLevel)
				.containsExactly(Level.WARN, Level.DEBUG);
			assertThat(log.events("oauth2_refresh_failed").get(0).getFormattedMessage())
				.contains(
						"No token from the file '" + file + "' (" + API + "subject-token.file): there is no such file")
				.contains("the next request tries again");
			Files.writeString(file, "there-now");
			assertThat(subject(context)).isEqualTo("there-now");
			assertThat(http.get("/actuator/health/oauth2Pkce/api").json()).containsEntry("status", "UP");
		}
	}

	@Test
	void audienceThatTheServerRefusesIsSaidInItsWords() throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), "subject-S3CRET");
		this.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "invalid_target", "Audience things is not for subject-S3CRET"));
		LogCapture log = LogCapture.ofEvents(Level.DEBUG);
		try (ConfigurableApplicationContext context = application(API + "subject-token.file=" + file,
				API + "token-exchange.audience=things")
			.with(log)
			.run()) {
			assertThat(call(context)).isEqualTo(401);
			assertThat(Http.of(context).get("/actuator/oauth2providers/api").json())
				.containsEntry("lastError", "invalid_target")
				.containsEntry("remedy", "Change " + API + "token-exchange.audience, or allow this client that resource"
						+ " at the server: the server answered invalid_target");
			assertThat(log.events("oauth2_refresh_failed").get(0).getFormattedMessage())
				.contains("Audience things is not for ***")
				.doesNotContain("S3CRET");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Vault {

		@Bean
		SubjectTokenSource vault() {
			return (context) -> context.providerId() + "-" + context.principalName();
		}

	}

}
