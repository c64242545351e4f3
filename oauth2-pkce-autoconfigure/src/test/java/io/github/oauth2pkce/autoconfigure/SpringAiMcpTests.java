package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.spec.McpSchema;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeMcpServer;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Spring AI's starter for MCP clients, which initializes them while beans are created: an
 * application that was logged in once, and starts again.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class SpringAiMcpTests {

	private static final int CALLERS = 64;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private final FakeMcpServer mcp = FakeMcpServer.start();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@AfterEach
	void stop() {
		this.mcp.close();
		this.server.close();
	}

	private TestApplication application() {
		return TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + this.directory,
					"oauth2.pkce.providers.tools.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.tools.client-id=app",
					"oauth2.pkce.providers.tools.base-urls=" + this.mcp.uri());
	}

	private TestApplication withClients() {
		return application().with("spring.ai.mcp.client.enabled=true",
				"spring.ai.mcp.client.annotation-scanner.enabled=true",
				"spring.ai.mcp.client.streamable-http.connections.tools.url=" + this.mcp.origin());
	}

	private void logIn() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		application().with("oauth2.pkce.login.on-startup=always").run().close();
		this.mcp.refusing(SpringAiMcpTests::withoutBearer);
	}

	private static @Nullable Answer withoutBearer(FakeMcpServer.Call call) {
		return call.authorization().isEmpty()
				? Answer.status(401).withHeader("WWW-Authenticate", "Bearer realm=\"mcp\"") : null;
	}

	@SuppressWarnings("unchecked")
	private static String callTool(ConfigurableApplicationContext context) {
		McpSyncClient client = ((List<McpSyncClient>) context.getBean("mcpSyncClients")).get(0);
		McpSchema.CallToolResult result = client.callTool(McpSchema.CallToolRequest.builder("whoami").build());
		return ((McpSchema.TextContent) result.content().get(0)).text();
	}

	@Test
	void initializesItsClientsWithAStoredLogin() {
		logIn();
		try (ConfigurableApplicationContext context = withClients().run()) {
			assertThat(callTool(context)).startsWith("Bearer ");
		}
		assertThat(this.mcp.calls()).allSatisfy((call) -> assertThat(call.authorization()).hasSize(1));
		assertThat(this.server.refreshRequests()).isZero();
	}

	@Test
	@SuppressWarnings("unchecked")
	void initializesItsAsyncClientsWithAStoredLogin() {
		logIn();
		try (ConfigurableApplicationContext context = withClients().with("spring.ai.mcp.client.type=ASYNC").run()) {
			assertThat(((List<McpAsyncClient>) context.getBean("mcpAsyncClients")).get(0).isInitialized()).isTrue();
		}
	}

	@Test
	void refreshesWhileBeansAreCreated() {
		this.server.tokens().accessTokenLifetime(Duration.ofSeconds(1));
		logIn();
		// However fast the next start is.
		Instant end = Instant.now().plusSeconds(1);
		Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> Instant.now().isAfter(end));
		this.server.tokens().accessTokenLifetime(Duration.ofMinutes(5));
		try (ConfigurableApplicationContext context = withClients().with("oauth2.pkce.startup.refresh=false").run()) {
			assertThat(callTool(context)).startsWith("Bearer ");
		}
		assertThat(this.server.refreshRequests()).isOne();
	}

	@Test
	void recoversFromA401WhileBeansAreCreated() {
		logIn();
		AtomicReference<List<String>> first = new AtomicReference<>();
		this.mcp.refusing((call) -> {
			first.compareAndSet(null, call.authorization());
			return call.authorization().equals(first.get())
					? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null;
		});
		try (ConfigurableApplicationContext context = withClients().run()) {
			assertThat(callTool(context)).startsWith("Bearer ");
		}
		assertThat(this.server.refreshRequests()).isOne();
	}

	@Test
	void parallelCallsShareOneRefreshAfterA401() throws Exception {
		logIn();
		ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
		try (ConfigurableApplicationContext context = withClients().run()) {
			String refused = callTool(context);
			this.mcp.refusing((call) -> call.authorization().contains(refused)
					? Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"") : null);
			List<Future<String>> answers = callers.invokeAll(Collections.nCopies(CALLERS, () -> callTool(context)));
			for (Future<String> answer : answers) {
				assertThat(answer.get()).startsWith("Bearer ").isNotEqualTo(refused);
			}
		}
		finally {
			callers.shutdownNow();
		}
		assertThat(this.server.refreshRequests()).isOne();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			skip | 1 | the request had no bearer of provider 'tools'.
			fail | 0 | it had no bearer of provider 'tools', because nobody is logged in (no_token).
			""")
	void endsWithWhatToDoWithoutALogin(String onMissingToken, int calls, String sentence, CapturedOutput output) {
		this.mcp.taking("none");
		Throwable failure = catchThrowable(
				() -> withClients().with("oauth2.pkce.providers.tools.on-missing-token=" + onMissingToken)
					.run()
					.close());
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(failure)).isTrue();
		assertThat(this.mcp.calls()).hasSize(calls);
		// Other threads may still print what the SDK says of an earlier test.
		assertThat(output.toString()).contains("APPLICATION FAILED TO START");
		assertThat(output.toString().replaceFirst("(?s).*APPLICATION FAILED TO START", "")).contains(sentence)
			.contains("spring.ai.mcp.client.initialized=false")
			.contains("oauth2.pkce.login.on-request=always to let it wait", "spring.ai.mcp.client.request-timeout")
			.doesNotContain("\tat ");
	}

	@Test
	void endsWithWhatToDoForAResourceBesideBaseUrls(CapturedOutput output) {
		this.mcp.taking("none");
		assertThat(catchThrowable(() -> withClients()
			.with("oauth2.pkce.providers.tools.base-urls=https://api.example.com",
					"oauth2.pkce.providers.tools.resource-uri=" + this.mcp.uri())
			.run()
			.close())).isNotNull();
		assertThat(output).contains("APPLICATION FAILED TO START", "the request had no bearer of provider 'tools'.");
	}

	/** A provider that no request is for has no say in it. */
	@Test
	void aServerThatIsNoneOfOursFailsAsItWould(CapturedOutput output) {
		this.mcp.taking("none");
		assertThat(catchThrowable(
				() -> withClients().with("oauth2.pkce.providers.tools.base-urls=https://elsewhere.example.com")
					.run()
					.close()))
			.isNotNull();
		assertThat(output).doesNotContain("APPLICATION FAILED TO START").doesNotContain("had no bearer");
	}

	@ParameterizedTest
	@ValueSource(strings = { "SYNC", "ASYNC" })
	void logsInWhileBeansAreCreatedIfARequestMay(String type) {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		this.mcp.refusing(SpringAiMcpTests::withoutBearer);
		try (ConfigurableApplicationContext context = withClients()
			.with("oauth2.pkce.login.on-request=always", "spring.ai.mcp.client.type=" + type)
			.run()) {
			assertThat(context.isRunning()).isTrue();
		}
		assertThat(this.mcp.calls("initialize")).hasSize(2);
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@Test
	void startsWithoutALoginIfClientsAreInitializedLater() {
		this.mcp.taking("none");
		try (ConfigurableApplicationContext context = withClients().with("spring.ai.mcp.client.initialized=false")
			.run()) {
			assertThat(context.getBean(Logins.class)).isNotNull();
			assertThat(this.mcp.calls()).isEmpty();
		}
	}

	@Test
	void keepsTheAuthorizationOfTheApplicationsCustomizer() {
		logIn();
		try (ConfigurableApplicationContext context = withClients().with(OwnAuthorization.class).run()) {
			assertThat(callTool(context)).isEqualTo("Basic abc");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnAuthorization {

		@Bean
		McpSyncHttpClientRequestCustomizer ownAuthorization() {
			return (builder, method, uri, body, context) -> builder.header("Authorization", "Basic abc");
		}

	}

}
