package io.github.oauth2pkce.sample;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.sample.headless.HeadlessRun;
import io.github.oauth2pkce.sample.wire.Exchange;
import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import io.github.oauth2pkce.sample.wire.WireAccount;
import io.github.oauth2pkce.store.CredentialId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The profile {@code mcp}: all that the client knows is the address of an MCP server.
 */
@Timeout(120)
class McpEndToEndTests {

	private static final CredentialId TOOLS = CredentialId.ofApplication("tools");

	@TempDir
	Path directory;

	private final int demoPort = TestSocketUtils.findAvailableTcpPort();

	private final WireAccount account = new WireAccount();

	private final HttpClient http = HttpClient.newHttpClient();

	@Test
	void headlessRunFindsEverythingAsItShouldBe() {
		ByteArrayOutputStream told = new ByteArrayOutputStream();
		int exitCode = new HeadlessRun(
				() -> start(Map.of("demo.access-token-lifetime", "4s", "catalogue.time-to-live", "1s"),
						"--oauth2.pkce.providers.tools.authorization-grant-type=device_code"),
				this.account, new PrintStream(told, true, StandardCharsets.UTF_8))
			.run();
		String text = told.toString(StandardCharsets.UTF_8);
		assertThat(exitCode).as(text).isZero();
		assertThat(text).contains("one registration, over two starts (1)", "tools/call list_models with a bearer",
				"All as it should be.");
	}

	@Test
	void toolsAreListedAndCalledAfterALoginByBrowser() throws Exception {
		try (ConfigurableApplicationContext client = startWithBrowser()) {
			client.getBean(Logins.class).start(TOOLS).join();
			assertThat(get(client, "/tools")).contains("list_models", "describe_model", "estimate_price");
			assertThat(get(client, "/tools/estimate_price?id=aria-large&inputTokens=1000&outputTokens=200"))
				.contains("0.006");
			assertThat(get(client, "/tools/describe_model?id=quill-long")).contains("1000000");
		}
		assertThat(this.account.exchanges(Kind.DISCOVERY)).extracting(Exchange::sent)
			.startsWith("GET /.well-known/oauth-protected-resource/mcp", "GET /.well-known/oauth-authorization-server");
		assertThat(this.account.exchanges(Kind.REGISTRATION)).extracting(Exchange::sent)
			.containsExactly("as a client without a secret");
		assertThat(this.account.exchanges(Kind.AUTHORIZATION)).isNotEmpty().allMatch(Exchange::proof);
		assertThat(this.account.exchanges(Kind.CODE)).hasSize(1).allMatch(Exchange::proof);
		assertThat(this.account.exchanges(Kind.DEVICE_AUTHORIZATION)).isEmpty();
	}

	@Test
	void aRestartAndARefreshLogNobodyInAgain() throws Exception {
		try (ConfigurableApplicationContext client = startWithBrowser()) {
			client.getBean(Logins.class).start(TOOLS).join();
			refresh(client);
			assertThat(get(client, "/tools/list_models")).contains("quill-long");
		}
		try (ConfigurableApplicationContext client = startWithBrowser()) {
			refresh(client);
			assertThat(get(client, "/tools/list_models")).contains("quill-long");
		}
		assertThat(this.account.exchanges(Kind.REGISTRATION)).hasSize(1);
		assertThat(this.account.exchanges(Kind.CODE)).hasSize(1);
		assertThat(this.account.exchanges(Kind.REFRESH)).hasSizeGreaterThanOrEqualTo(2).allMatch(Exchange::rotated);
	}

	@Test
	void requestsThatMayLogInShareOneLogin() throws Exception {
		try (ConfigurableApplicationContext client = startWithBrowser("--oauth2.pkce.login.on-request=always")) {
			List<CompletableFuture<String>> answers = List.of(getAsync(client, "/tools"), getAsync(client, "/tools"));
			for (CompletableFuture<String> answer : answers) {
				assertThat(answer.join()).contains("list_models");
			}
		}
		assertThat(this.account.exchanges(Kind.CODE)).hasSize(1);
	}

	private ConfigurableApplicationContext startWithBrowser(String... args) {
		return start(
				Map.of("spring.main.sources", ScriptedBrowser.class.getName(), "oauth2.pkce.login.on-startup", "never"),
				args);
	}

	private ConfigurableApplicationContext start(Map<String, String> settings, String... args) {
		List<String> all = new ArrayList<>(List.of(args));
		settings.forEach((name, value) -> all.add("--" + name + "=" + value));
		all.addAll(List.of("--spring.profiles.active=mcp", "--demo.port=" + this.demoPort, "--server.port=0"));
		return SampleApplication.start(this.account, Map.of("demo.data-directory", this.directory.toString()),
				all.toArray(String[]::new));
	}

	private static void refresh(ConfigurableApplicationContext client) {
		client.getBean(Credentials.class).current(TOOLS, RefreshTrigger.MANUAL).join();
	}

	private String get(ConfigurableApplicationContext client, String path) {
		return getAsync(client, path).join();
	}

	private CompletableFuture<String> getAsync(ConfigurableApplicationContext client, String path) {
		URI address = URI
			.create("http://127.0.0.1:" + client.getEnvironment().getRequiredProperty("local.server.port") + path);
		return this.http
			.sendAsync(HttpRequest.newBuilder(address).header("Accept", "application/json").build(),
					BodyHandlers.ofString())
			.thenApply((answer) -> answer.body());
	}

}
