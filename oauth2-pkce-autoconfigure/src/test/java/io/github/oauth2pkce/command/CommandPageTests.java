package io.github.oauth2pkce.command;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.docs.Page;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code docs/commands.md} shows what the commands print. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CommandPageTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("my-cli").requirePkce())
		.register(FakeClient.confidential("batch", "secret"));

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device()
			.approveAtOnce()
			.interval(Duration.ofSeconds(1))
			.answer()
			.put("verification_uri", "https://login.example.com/device")
			.remove("verification_uri_complete")
			.put("user_code", "WDJB-MJHT");
		this.server.tokens().answer().put("id_token", idToken());
		this.properties.addAll(List.of("oauth2.pkce.providers.tools.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.tools.client-id=my-cli",
				"oauth2.pkce.providers.tools.base-urls=https://api.example.com",
				"oauth2.pkce.store.directory=" + this.directory.resolve("laptop")));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void statusBeforeALogin() {
		assertPrinted("status before", run("status", null));
	}

	@Test
	void statusAfterALogin() {
		run("login", "tools");
		this.properties.addAll(List.of("oauth2.pkce.providers.batch.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.batch.client-id=batch", "oauth2.pkce.providers.batch.client-secret=secret",
				"oauth2.pkce.providers.batch.authorization-grant-type=client_credentials"));
		assertPrinted("status after", run("status", null));
	}

	@Test
	void login() {
		assertPrinted("login", run("login", "tools"));
	}

	@Test
	void doctor() {
		assertPrinted("doctor", run("doctor", null));
	}

	@Test
	void exportAndImport() {
		run("login", "tools");
		String file = this.directory.resolve("tools.jwe").toString();
		this.properties.add("OAUTH2_PKCE_PASSPHRASE=correct horse battery staple");
		assertPrinted("export", CommandRun.of(new CommandLine("export", "tools", false, file, null), settings()));
		this.properties.add("oauth2.pkce.store.directory=" + this.directory.resolve("cluster"));
		assertPrinted("import", CommandRun.of(new CommandLine("import", "tools", false, file, null), settings()));
	}

	private void assertPrinted(String output, CommandRun run) {
		String documented = Page.of("docs/commands.md")
			.blocks()
			.stream()
			.filter((block) -> block.comment("output").equals(output))
			.flatMap((block) -> block.text().lines())
			.filter((line) -> !line.startsWith("$ "))
			.collect(Collectors.joining("\n"));
		assertThat(asDocumented(run.out())).isEqualTo(asDocumented(documented)).isNotEmpty();
	}

	/** What differs on each machine. */
	private String asDocumented(String text) {
		return text.strip()
			.replaceAll("until 20\\S+Z", "until 2026-11-30T17:05:12Z")
			.replace("127.0.0.1 is 127.0.0.1", "login.example.com is 192.0.2.10")
			.replace("of " + this.server.issuer(), "of https://login.example.com/realms/main")
			.replace(this.server.issuer(), "https://login.example.com")
			.replace("none, on this machine", "the certificate is trusted")
			.replaceAll("give or take \\d s", "give or take 1 s")
			.replace(this.directory.toString(), "/home/me");
	}

	private CommandRun run(String command, @Nullable String provider) {
		return CommandRun.of(CommandRun.text(command, provider), settings());
	}

	private String[] settings() {
		return this.properties.toArray(String[]::new);
	}

	private static String idToken() {
		Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
		return base64.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64.encodeToString("{\"preferred_username\":\"alice\"}".getBytes(StandardCharsets.UTF_8))
				+ ".c2ln";
	}

}
