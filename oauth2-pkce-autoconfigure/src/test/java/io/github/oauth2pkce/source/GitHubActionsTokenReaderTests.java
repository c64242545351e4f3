package io.github.oauth2pkce.source;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.TestLogins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** A job of GitHub Actions, by a server that answers as GitHub's does. */
@Timeout(30)
class GitHubActionsTokenReaderTests {

	private static final String BEARER = "runner-S3CRET";

	private final MockWebServer github = new MockWebServer();

	private final Map<String, @Nullable String> environment = new HashMap<>();

	private final ForeignTokens tokens = new ForeignTokens(List
		.of(new GitHubActionsTokenReader(this.environment::get, () -> TestLogins.client(Duration.ofSeconds(10)))),
			() -> Instant.EPOCH);

	@BeforeEach
	void start() throws IOException {
		this.github.start(InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }), 0);
		this.environment.put("ACTIONS_ID_TOKEN_REQUEST_URL",
				this.github.url("/00000/_apis/idtoken?api-version=2.0").toString());
		this.environment.put("ACTIONS_ID_TOKEN_REQUEST_TOKEN", BEARER);
	}

	@AfterEach
	void close() {
		this.github.close();
	}

	@Test
	void asksForATokenOfTheAudience() throws InterruptedException {
		this.github.enqueue(new MockResponse.Builder().body("{\"count\":1,\"value\":\"job.token\"}").build());
		assertThat(read()).isEqualTo("job.token");
		RecordedRequest request = this.github.takeRequest();
		assertThat(request.getTarget())
			.isEqualTo("/00000/_apis/idtoken?api-version=2.0&audience=https%3A%2F%2Fapi.example%2F%C3%BC");
		assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer " + BEARER);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN" })
	void outsideOfAJobItSaysWhatIsMissing(String variable) {
		this.environment.remove(variable);
		assertThat(failure())
			.hasMessage("No token from GitHub Actions" + " (oauth2.pkce.providers.api.subject-token.github-actions): "
					+ variable + " is not set; it is in jobs of GitHub Actions with 'permissions: id-token: write'")
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_MISSING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://github.example/token?", "ftp://x/?", "not an address", "/relative?" })
	void sendsItsBearerOnlyToHttpsOrThisMachine(String url) {
		this.environment.put("ACTIONS_ID_TOKEN_REQUEST_URL", url);
		assertThat(failure()).hasMessageEndingWith("ACTIONS_ID_TOKEN_REQUEST_URL is not an https address");
	}

	@Test
	void followsNoRedirect() {
		this.github
			.enqueue(new MockResponse.Builder().code(302).addHeader("Location", this.github.url("/other")).build());
		assertThat(failure()).hasMessageEndingWith("its endpoint answered HTTP 302");
		assertThat(this.github.getRequestCount()).isOne();
	}

	@Test
	void refusalIsASentenceWithoutTheAnswer() {
		this.github.enqueue(new MockResponse.Builder().code(403).body("S3CRET").build());
		assertThat(failure()).hasMessageEndingWith("its endpoint answered HTTP 403")
			.returns(true, ForeignTokenException::isRefused)
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_MISSING);
	}

	@Test
	void troubleOfTheEndpointPasses() {
		this.github.enqueue(new MockResponse.Builder().code(503).build());
		assertThat(failure().problem()).isEqualTo(Problem.SUBJECT_TOKEN_UNAVAILABLE);
	}

	@Test
	void endpointThatIsAwayPasses() {
		this.github.close();
		assertThat(failure()).hasMessageContaining("Connection refused")
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_UNAVAILABLE);
	}

	@Test
	void hugeAnswerIsNotRead() {
		this.github.enqueue(new MockResponse.Builder().body("{\"x\":\"" + "x".repeat(2_000_000) + "\"}").build());
		assertThat(failure()).hasMessageContaining("larger than");
	}

	@Test
	void neverPrintsItsBearerOrTheToken() {
		try (LogCapture log = LogCapture.of("org.springframework", Level.TRACE)) {
			log.attach();
			this.github.enqueue(new MockResponse.Builder().body("{\"value\":\"job-S3CRET\"}").build());
			read();
			this.github.enqueue(new MockResponse.Builder().code(401).body(BEARER).build());
			assertThat(failure()).hasMessageNotContaining("S3CRET");
			assertThat(log.events()).extracting((event) -> event.getFormattedMessage())
				.isNotEmpty()
				.noneMatch((message) -> message.contains("S3CRET"));
		}
	}

	private String read() {
		return this.tokens.read(ForeignTokensTests.token(Source.GITHUB_ACTIONS, "https://api.example/\u00fc"),
				new SubjectTokenSource.Context("api", "application"));
	}

	private ForeignTokenException failure() {
		return catchThrowableOfType(ForeignTokenException.class, this::read);
	}

}
