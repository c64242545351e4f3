package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.terminal.QrReader;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Command line programs in processes of their own: on a real terminal and in a pipe,
 * logging in and being interrupted by real signals.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CliTests {

	private static final Duration STARTED = Duration.ofSeconds(60);

	private static final Duration PROMPTLY = Duration.ofSeconds(8);

	private static final String PAGE = "https://login.example.com/device?user_code=WDJB-MJHT";

	private static final String CANCELLED = "Not logged in to 'demo': The login was cancelled";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce());

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device().interval(Duration.ofSeconds(1)).answer().put("verification_uri_complete", PAGE);
		this.properties.addAll(List.of("oauth2.pkce.providers.demo.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.demo.client-id=cli", "oauth2.pkce.store.type=file",
				"oauth2.pkce.store.directory=" + this.directory));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void onATerminalThePromptIsColoredCountsDownAndIsReplacedByTheOutcome() throws Exception {
		assumeScript();
		try (CliProcess program = onATerminal(Map.of(), "oauth2.pkce.login.on-startup=auto")) {
			String prompted = program.await("left", STARTED);
			String userCode = this.server.takeUserCode(STARTED);
			assertThat(prompted).contains("\u001b[1m" + userCode + "\u001b[0;39m")
				.contains("\u001b[30;107m")
				.contains("\r  Waiting for 'demo', less than ");
			assertThat(QrReader.read(prompted, false)).isEqualTo(PAGE);
			this.server.approve(userCode);
			String printed = program.awaitEnd(STARTED);
			assertThat(printed).contains("\r\u001b[32mLogged in to 'demo'.\u001b[0;39m")
				.contains("the program goes on")
				.contains("counted success=1");
			assertThat(printed.indexOf("Logged in to 'demo'.")).isLessThan(printed.indexOf("the program goes on"));
			assertNoSecret(printed);
		}
	}

	@Test
	void noColorIsHonouredOnATerminal() throws Exception {
		assumeScript();
		assumeInterrupts();
		try (CliProcess program = onATerminal(Map.of("NO_COLOR", "1"), "cli.asks=true",
				"spring.output.ansi.enabled=never")) {
			String prompted = program.await("left", STARTED);
			assertThat(prompted).doesNotContain("\u001b");
			assertThat(QrReader.read(prompted, true)).isEqualTo(PAGE);
			program.pressControlC();
			assertThat(program.awaitEnd(PROMPTLY)).doesNotContain("\u001b").contains(CANCELLED);
		}
	}

	@Test
	void dumbTerminalGetsTextOnly() throws Exception {
		assumeScript();
		try (CliProcess program = onATerminal(Map.of("TERM", "dumb"), "cli.asks=true",
				"spring.output.ansi.enabled=never")) {
			assertTextOnly(program);
		}
	}

	@Test
	void pipeGetsTheLogOnly() throws Exception {
		try (CliProcess program = inAPipe(Map.of(), "cli.asks=true")) {
			program.await("Login needed for 'demo': open ", STARTED);
			this.server.deny(this.server.takeUserCode(STARTED));
			String printed = program.awaitEnd(STARTED);
			assertThat(printed).contains("Login needed for 'demo': open ", "Not logged in to 'demo'")
				.doesNotContain("\u001b", "▀", "█", "Waiting", "The code works for", "-----");
			assertRunnersFailureIsASentence(printed);
			assertThat(program.exitCode()).isEqualTo(1);
		}
	}

	private void assertTextOnly(CliProcess program) throws Exception {
		assertThat(program.await("The code works for", STARTED)).contains(PAGE);
		this.server.deny(this.server.takeUserCode(STARTED));
		String printed = program.awaitEnd(STARTED);
		assertThat(printed).doesNotContain("\u001b", "▀", "█", "Waiting");
		assertThat(printed.lines().map(String::strip)).contains("Not logged in to 'demo': The login was denied");
		assertRunnersFailureIsASentence(printed);
	}

	private static void assertRunnersFailureIsASentence(String printed) {
		assertThat(printed).contains("APPLICATION FAILED TO START", "did not get one: The login was denied")
			.doesNotContain("\tat ", "the program goes on");
	}

	@Test
	void terminalWithoutUnicodeGetsNoQrCode() throws Exception {
		assumeScript();
		assumeInterrupts();
		try (CliProcess program = onATerminal(Map.of("LC_ALL", "C"), "cli.asks=true")) {
			String prompted = program.await("left", STARTED);
			assertThat(prompted).contains(PAGE).doesNotContain("???", "▀", "█");
			program.pressControlC();
			program.awaitEnd(PROMPTLY);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "cli.asks=true", "oauth2.pkce.login.on-startup=auto" })
	void controlCEndsTheLoginAndTheProgram(String asked) throws Exception {
		assumeScript();
		assumeInterrupts();
		try (CliProcess program = onATerminal(Map.of(), asked)) {
			program.await("left", STARTED);
			this.server.takeUserCode(STARTED);
			program.pressControlC();
			String printed = program.awaitEnd(PROMPTLY);
			assertThat(printed).contains("\u001b[31m" + CANCELLED + "\u001b[0;39m");
			assertInterruptedCleanly(printed);
		}
	}

	@ParameterizedTest
	@CsvSource({ "INT, cli.asks=true, 130", "TERM, cli.asks=true, 143", "INT, oauth2.pkce.login.on-startup=always, 130",
			"TERM, oauth2.pkce.login.on-startup=always, 143" })
	void signalEndsTheLoginAndTheProgram(String signal, String asked, int exitCode) throws Exception {
		if (signal.equals("INT")) {
			assumeInterrupts();
		}
		try (CliProcess program = inAPipe(Map.of(), asked)) {
			program.await("Login needed for 'demo': open ", STARTED);
			this.server.takeUserCode(STARTED);
			program.signal(signal);
			String printed = program.awaitEnd(PROMPTLY);
			assertInterruptedCleanly(printed);
			assertThat(program.exitCode()).isEqualTo(exitCode);
		}
	}

	private void assertInterruptedCleanly(String printed) throws IOException {
		assertThat(printed).contains("counted cancelled=1", "counted success=0", "counted failed=0")
			.contains("Not logged in to 'demo': The login was cancelled")
			.doesNotContain("the program goes on", "\tat ", "Exception", "APPLICATION FAILED");
		// But for the code, which a program that starts again goes on with.
		String code = CredentialId.ofApplication("demo").ofDeviceLogin().key().substring(0, 32) + ".credential";
		try (Stream<Path> files = Files.walk(this.directory)) {
			assertThat(files.filter(Files::isRegularFile).map((file) -> file.getFileName().toString()))
				.as("no login, whole or half")
				.allMatch((name) -> name.endsWith(".lock") || name.endsWith("key") || name.equals("lock")
						|| name.endsWith(code));
		}
		assertNoSecret(printed);
	}

	private void assertNoSecret(String printed) {
		assertThat(this.server.issuedSecrets()).isNotEmpty()
			.allSatisfy((secret) -> assertThat(printed).doesNotContain(secret));
	}

	private CliProcess onATerminal(Map<String, String> environment, String... properties) throws IOException {
		return CliProcess.onATerminal(environment, with(properties));
	}

	private CliProcess inAPipe(Map<String, String> environment, String... properties) throws IOException {
		return CliProcess.inAPipe(environment, with(properties));
	}

	private String[] with(String... properties) {
		List<String> all = new ArrayList<>(this.properties);
		all.addAll(List.of(properties));
		return all.toArray(String[]::new);
	}

	private static void assumeScript() {
		assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "There is no script(1)");
	}

	private static void assumeInterrupts() throws IOException {
		assumeTrue(!ignoresInterrupts(), "This process was started with SIGINT ignored");
	}

	/** A shell's background jobs ignore it, and so do their children. */
	private static boolean ignoresInterrupts() throws IOException {
		String ignored = Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.filter((line) -> line.startsWith("SigIgn:"))
			.findFirst()
			.orElse("SigIgn: 0");
		return (Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 2) != 0;
	}

}
