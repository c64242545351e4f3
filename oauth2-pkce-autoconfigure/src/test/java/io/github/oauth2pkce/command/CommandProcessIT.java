package io.github.oauth2pkce.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Commands on the command line of real applications, in processes of their own. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CommandProcessIT {

	private static final Duration STARTED = Duration.ofSeconds(60);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce());

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device().interval(Duration.ofSeconds(1));
		this.properties.addAll(List.of("--oauth2.pkce.providers.tools.issuer-uri=" + this.server.issuer(),
				"--oauth2.pkce.providers.tools.client-id=cli", "--oauth2.pkce.store.directory=" + this.directory));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "servlet", "reactive", "none" })
	void statusRunsInsteadOfTheApplication(String type) throws Exception {
		// In the application's own settings the type is another one.
		try (CommandProcess status = start("--oauth2.pkce.command=status",
				"--spring.main.web-application-type=" + type)) {
			assertThat(status.exitCode()).as(status.err()).isEqualTo(1);
			assertThat(status.out())
				.isEqualTo("tools  LOGIN_REQUIRED  application  -  file  Log in: run this application"
						+ " with --oauth2.pkce.command=login tools\n");
			assertThat(status.err()).isEqualTo("a bean prints to standard output\n");
		}
		assertThat(this.server.requests()).as("status asks no server").isEmpty();
	}

	@Test
	void commandOfAChildContextRunsNoRunnerOfItsParents() throws Exception {
		List<String> all = new ArrayList<>(this.properties);
		all.addAll(List.of("--oauth2.pkce.command=status", "tools"));
		try (CommandProcess status = CommandProcess.start(Map.of(), ParentApplication.class,
				all.toArray(String[]::new))) {
			assertThat(status.exitCode()).as(status.err()).isEqualTo(1);
			assertThat(status.out()).as(status.err()).startsWith("tools  LOGIN_REQUIRED");
			assertThat(status.err()).doesNotContain(CommandApplication.TALK);
		}
	}

	@Test
	void loginPromptsAndTheNextStatusIsFine() throws Exception {
		try (CommandProcess login = start("--oauth2.pkce.command=login", "tools")) {
			String userCode = this.server.takeUserCode(STARTED);
			assertThat(login.await("The code works for")).contains(userCode).doesNotContain("\u001b");
			this.server.approve(userCode);
			assertThat(login.exitCode()).as(login.err()).isZero();
			assertThat(login.out()).contains("Logged in to 'tools'.\n")
				.containsPattern("tools {2}AUTHORIZED {2}application {2}until 20\\S+Z, then refreshed {2}file\n")
				.doesNotContain(CommandApplication.TALK, "bean prints");
			assertNoSecret(login);
		}
		try (CommandProcess status = start("--oauth2.pkce.command=status", "--oauth2.pkce.command-output=json")) {
			assertThat(status.exitCode()).isZero();
			JsonNode json = JsonMapper.shared().readTree(status.out());
			assertThat(json.path("command").asString()).isEqualTo("status");
			assertThat(json.path("exitCode").asInt(-1)).isZero();
			assertThat(json.path("providers").path(0).path("state").asString()).isEqualTo("AUTHORIZED");
			assertThat(json.path("providers").path(0).path("expiresAt").isString()).isTrue();
			assertNoSecret(status);
		}
	}

	@Test
	void standardOutputOfJsonIsTheDocumentAndThePromptIsElsewhere() throws Exception {
		this.server.device().approveAtOnce();
		try (CommandProcess login = start("--oauth2.pkce.command=login", "--oauth2.pkce.command-output=json")) {
			assertThat(login.exitCode()).as(login.err()).isZero();
			assertThat(JsonMapper.shared().readTree(login.out()).path("logins").path(0).path("outcome").asString())
				.isEqualTo("success");
			assertThat(login.err()).contains("Login needed for 'tools'", "Logged in to 'tools'.");
		}
	}

	@Test
	void deniedLoginIsAnErrorWithItsReason() throws Exception {
		try (CommandProcess login = start("--oauth2.pkce.command=login", "tools")) {
			this.server.deny(this.server.takeUserCode(STARTED));
			assertThat(login.exitCode()).isEqualTo(1);
			assertThat(login.out()).containsOnlyOnce("Not logged in to 'tools': The login was denied");
			assertThat(login.err()).doesNotContain("Exception", "\tat ", "Not logged in");
		}
	}

	@Test
	void interruptedLoginEndsCleanly() throws Exception {
		try (CommandProcess login = start("--oauth2.pkce.command=login", "tools")) {
			this.server.takeUserCode(STARTED);
			login.await("The code works for");
			login.signal("TERM");
			assertThat(login.exitCode()).isEqualTo(143);
			assertThat(login.out()).contains("Not logged in to 'tools': The login was cancelled");
			assertThat(login.err()).isEqualTo("a bean prints to standard output\n");
		}
	}

	@Test
	void enterOpensThePageInABrowserAndTheCodeIsInTheClipboard() throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "There is no script(1)");
		Path opened = this.directory.resolve("opened");
		Path browser = this.directory.resolve("browser");
		Files.writeString(browser,
				"#!/bin/sh\necho \"$1\" > '" + opened + ".tmp' && mv '" + opened + ".tmp' '" + opened + "'\n");
		assumeTrue(browser.toFile().setExecutable(true));
		List<String> all = new ArrayList<>(this.properties);
		all.addAll(List.of("--oauth2.pkce.command=login", "tools"));
		try (CommandProcess login = CommandProcess.onATerminal(Map.of("BROWSER", browser.toString()),
				CommandApplication.class, all.toArray(String[]::new))) {
			String userCode = this.server.takeUserCode(STARTED);
			assertThat(login.await("left")).contains("Press Enter to open the page")
				.contains(
						"\u001b]52;c;" + java.util.Base64.getEncoder().encodeToString(userCode.getBytes()) + "\u0007");
			login.type("\n");
			org.awaitility.Awaitility.await().atMost(STARTED).until(() -> Files.exists(opened));
			assertThat(Files.readString(opened)).startsWith(this.server.uri("/device").toString());
			this.server.approve(userCode);
			assertThat(login.exitCode()).isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "lgin", "", "LOGIN2" })
	void unknownCommandIsMisuse(String command) throws Exception {
		try (CommandProcess process = start("--oauth2.pkce.command=" + command)) {
			assertThat(process.exitCode()).isEqualTo(2);
			assertThat(process.out()).isEmpty();
			assertThat(process.err()).isEqualTo("--oauth2.pkce.command=" + command
					+ " does not exist. Use one of login," + " logout, status, refresh, doctor, export, import\n");
		}
	}

	@Test
	void unknownCommandIsMisuseForScriptsToo() throws Exception {
		try (CommandProcess process = start("--oauth2.pkce.command=lgin", "--oauth2.pkce.command-output=json")) {
			assertThat(process.exitCode()).isEqualTo(2);
			JsonNode out = JsonMapper.shared().readTree(process.out());
			assertThat(out.path("command").asString()).isEqualTo("lgin");
			assertThat(out.path("exitCode").asInt()).isEqualTo(2);
			assertThat(out.path("error").asString()).contains("--oauth2.pkce.command=lgin does not exist");
		}
	}

	@Test
	void unknownProviderIsMisuse() throws Exception {
		try (CommandProcess process = start("--oauth2.pkce.command=login", "tolls")) {
			assertThat(process.exitCode()).isEqualTo(2);
			assertThat(process.out()).isEmpty();
			assertThat(process.err()).endsWith("No provider 'tolls'; there is 'tools'\n");
		}
	}

	@Test
	void wrongConfigurationIsASentence() throws Exception {
		try (CommandProcess process = start("--oauth2.pkce.command=status", "--oauth2.pkce.command-output=json",
				"--oauth2.pkce.providers.tools.pkce=maybe")) {
			assertThat(process.exitCode()).isEqualTo(1);
			assertThat(JsonMapper.shared().readTree(process.out()).path("error").asString())
				.contains("The command status was not run");
			assertThat(process.err()).contains("oauth2.pkce.providers.tools.pkce").doesNotContain("\tat ");
		}
	}

	@Test
	void commandInAConfigurationFileIsASentence() throws Exception {
		Path file = Files.writeString(this.directory.resolve("late.properties"), "oauth2.pkce.command=status");
		try (CommandProcess process = start("--spring.config.location=file:" + file,
				"--spring.main.web-application-type=none")) {
			assertThat(process.exitCode()).isEqualTo(1);
			assertThat(process.out()).contains("is in a configuration file, where it comes too late",
					"add --oauth2.pkce.command=status to the command line");
		}
	}

	private CommandProcess start(String... arguments) throws IOException {
		List<String> all = new ArrayList<>(this.properties);
		all.addAll(List.of(arguments));
		return CommandProcess.start(Map.of(), CommandApplication.class, all.toArray(String[]::new));
	}

	/** The parent of an application, which does something by itself. */
	@Configuration(proxyBeanMethods = false)
	static class ParentApplication {

		public static void main(String[] arguments) {
			new SpringApplicationBuilder(ParentApplication.class).child(CommandApplication.class).run(arguments);
		}

		@Bean
		ApplicationRunner applicationRunner() {
			return (arguments) -> System.out.println(CommandApplication.TALK + "has a parent that runs");
		}

		@Bean
		CommandLineRunner commandLineRunner() {
			return (arguments) -> System.out.println(CommandApplication.TALK + "has a parent that runs");
		}

	}

	private void assertNoSecret(CommandProcess process) {
		assertThat(this.server.issuedSecrets()).isNotEmpty()
			.allSatisfy((secret) -> assertThat(process.out() + process.err()).doesNotContain(secret));
	}

}
