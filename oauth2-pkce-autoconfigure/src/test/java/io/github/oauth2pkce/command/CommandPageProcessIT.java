package io.github.oauth2pkce.command;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.docs.Page;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code docs/commands.md} shows what a person types at a terminal, and what is to be
 * seen there then.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CommandPageProcessIT {

	private static final Duration STARTED = Duration.ofSeconds(60);

	private static final String COMMAND = "java -jar app.jar --oauth2.pkce.command=";

	private static final String MOVE = COMMAND + "%s tools --oauth2.pkce.command-file=tools.jwe";

	private static final String CODE = "WDJB-MJHT";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("my-cli").requirePkce())
		.register(FakeClient.confidential("batch", "secret"));

	private final List<Pane> panes = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device()
			.interval(Duration.ofSeconds(1))
			.answer()
			.put("verification_uri", "https://login.example.com/device")
			.remove("verification_uri_complete")
			.put("user_code", CODE);
		this.server.tokens().answer().put("id_token", idToken());
	}

	@AfterEach
	void stop() throws Exception {
		for (Pane pane : this.panes) {
			pane.close();
		}
		this.server.close();
	}

	@Test
	void whereNobodyIsLoggedIn() throws Exception {
		Pane laptop = pane("laptop");
		laptop.run(COMMAND + "status");
		assertSeen(laptop, "status before");
		laptop.run(COMMAND + "doctor");
		assertSeen(laptop, "doctor");
		laptop.type(COMMAND + "login tools");
		laptop.await("minutes left");
		laptop.press("C-c");
		laptop.await("cancelled");
		laptop.awaitPrompt();
		laptop.run("echo $?");
		assertSeen(laptop, "login that is cancelled");
	}

	@Test
	void lifeOfALogin() throws Exception {
		Pane laptop = pane("laptop");
		laptop.type(COMMAND + "login tools");
		laptop.await("minutes left");
		assertThat(laptop.clipboard()).isEqualTo(CODE);
		laptop.press("Enter");
		Path opened = this.directory.resolve("opened");
		Awaitility.await().atMost(STARTED).until(() -> Files.exists(opened));
		assertThat(opened).hasContent("https://login.example.com/device");
		this.server.approve(this.server.takeUserCode(STARTED));
		laptop.awaitPrompt();
		assertSeen(laptop, "login");
		laptop.run(COMMAND + "refresh tools");
		assertSeen(laptop, "refresh");
		configure("laptop", batch());
		laptop.run(COMMAND + "status");
		assertSeen(laptop, "status after");

		laptop.type(MOVE.formatted("export"));
		laptop.await("Passphrase to seal");
		laptop.type("correct horse battery staple");
		laptop.await("once more");
		laptop.type("correct horse battery staple");
		laptop.awaitPrompt();
		assertSeen(laptop, "export");
		Pane cluster = pane("cluster");
		Files.move(this.directory.resolve("laptop/tools.jwe"), this.directory.resolve("cluster/tools.jwe"));
		cluster.type(MOVE.formatted("import"));
		cluster.await("Passphrase of");
		cluster.type("correct horse battery staple");
		cluster.awaitPrompt();
		assertSeen(cluster, "import");
		cluster.run(COMMAND + "logout tools");
		assertSeen(cluster, "logout");
	}

	private Pane pane(String machine) throws Exception {
		Path opened = this.directory.resolve("opened");
		Path browser = Files.writeString(this.directory.resolve("browser"),
				"#!/bin/sh\necho \"$1\" > '" + opened + ".tmp' && mv '" + opened + ".tmp' '" + opened + "'\n");
		assertThat(browser.toFile().setExecutable(true)).isTrue();
		Pane pane = Pane.open(this.directory.resolve(machine), Application.class,
				Map.of("BROWSER", browser.toString()));
		this.panes.add(pane);
		configure(machine);
		return pane;
	}

	private void configure(String machine, String... more) throws Exception {
		String tools = "oauth2.pkce.providers.tools.";
		Path home = this.directory.resolve(machine);
		List<String> properties = new ArrayList<>(List.of(tools + "issuer-uri=" + this.server.issuer(),
				tools + "client-id=my-cli", tools + "base-urls=https://api.example.com",
				"oauth2.pkce.store.directory=" + home.resolve("logins")));
		properties.addAll(Arrays.asList(more));
		Files.write(home.resolve("application.properties"), properties);
	}

	private String[] batch() {
		String batch = "oauth2.pkce.providers.batch.";
		return new String[] { batch + "issuer-uri=" + this.server.issuer(), batch + "client-id=batch",
				batch + "client-secret=secret", batch + "authorization-grant-type=client_credentials" };
	}

	private void assertSeen(Pane pane, String output) throws Exception {
		String documented = Page.of("docs/commands.md")
			.blocks()
			.stream()
			.filter((block) -> block.comment("output").equals(output))
			.map(Page.Block::text)
			.findFirst()
			.orElseThrow(() -> new AssertionError("No output '" + output + "' in docs/commands.md"));
		String seen = asDocumented(pane.seen());
		String[] parts = asDocumented(documented).split("\\n…\\n");
		if (parts.length == 1) {
			assertThat(seen).as(output).isEqualTo(parts[0]);
		}
		else {
			// Shown elsewhere.
			assertThat(seen).as(output).startsWith(parts[0] + "\n").endsWith("\n" + parts[1]);
		}
		pane.clear();
	}

	/** What differs on each machine. */
	private String asDocumented(String text) {
		return text.strip()
			.replaceAll("(?m)^WARNING: .*\\R", "")
			.replaceAll("until 20\\S+Z", "until 2026-11-30T17:05:12Z")
			.replace("127.0.0.1 is 127.0.0.1", "login.example.com is 192.0.2.10")
			.replace("of " + this.server.issuer(), "of https://login.example.com/realms/main")
			.replace(this.server.issuer(), "https://login.example.com")
			.replace("none, on this machine", "the certificate is trusted")
			.replaceAll("give or take \\d s", "give or take 1 s")
			.replaceAll(this.directory + "/(laptop|cluster)", "/home/me");
	}

	private static String idToken() {
		Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
		return base64.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64.encodeToString("{\"preferred_username\":\"alice\"}".getBytes(StandardCharsets.UTF_8))
				+ ".c2ln";
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		public static void main(String[] arguments) {
			SpringApplication.run(Application.class, arguments);
		}

	}

}
