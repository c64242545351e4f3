package io.github.oauth2pkce.autoconfigure;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The key store of a desktop session: a real one, in a session of the test's own. Skipped
 * where the programs are missing (Debian: {@code gnome-keyring}, {@code dbus-daemon} and
 * {@code libsecret-tools}).
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SystemKeyringTests {

	private static final List<String> PROGRAMS = List.of("dbus-run-session", "gnome-keyring-daemon", "secret-tool");

	private static final String UNLOCKED = "printf secret | gnome-keyring-daemon --unlock --components=secrets >&2; ";

	@TempDir
	private Path home;

	@TempDir
	private Path parent;

	private Path directory() {
		return this.parent.resolve("logins");
	}

	/** The programs, in a session whose key store is open. */
	private List<String> inASession(String script) throws Exception {
		List<String> missing = PROGRAMS.stream().filter((program) -> !isInstalled(program)).toList();
		if (System.getenv("KEYRING_REQUIRED") == null) {
			assumeTrue(missing.isEmpty(),
					() -> "There is no " + missing + ": install gnome-keyring, dbus-daemon and" + " libsecret-tools");
		}
		return run(List.of("dbus-run-session", "--", "sh", "-c", script));
	}

	private static boolean isInstalled(String program) {
		return Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.anyMatch((path) -> Files.isExecutable(Path.of(path, program)));
	}

	private List<String> run(List<String> command) throws Exception {
		Path output = Files.createTempFile(this.home, "output", ".txt");
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
		builder.environment().keySet().removeIf((name) -> name.startsWith("XDG_") || name.startsWith("DBUS_"));
		builder.environment().putAll(Map.of("HOME", this.home.toString(), "LC_ALL", "C.UTF-8"));
		Process process = builder.start();
		try {
			assertThat(process.waitFor(150, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			process.descendants().forEach(ProcessHandle::destroyForcibly);
			process.destroyForcibly();
		}
		String printed = Files.readString(output, StandardCharsets.UTF_8);
		List<String> lines = printed.lines().filter((line) -> line.startsWith("> ")).toList();
		assertThat(lines).as(printed).isNotEmpty();
		return lines;
	}

	private List<String> applications(String... steps) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xshare:auto", "-cp", System.getProperty("java.class.path"), KeyringProcess.class.getName(),
						directory().toString()));
		command.addAll(Arrays.asList(steps));
		return command;
	}

	private String script(String... steps) {
		return String.join(" ", applications(steps).stream().map((word) -> "'" + word + "'").toList());
	}

	@Test
	void keyIsInTheKeyStoreAndNowhereElse() throws Exception {
		List<String> said = inASession(UNLOCKED + script("keyring saves", "keyring loads")
				+ "; echo \"> $(secret-tool lookup service oauth2-pkce account '" + directory() + "')\"");
		assertThat(said).startsWith("> keyring saves: true; key file false", "> keyring loads: found; key file false");
		String key = said.get(2).substring(2);
		assertThat(Base64.getDecoder().decode(key)).hasSize(32);
		try (Stream<Path> files = Files.list(directory())) {
			assertThat(files).extracting((file) -> file.getFileName().toString())
				.doesNotContain("encryption.key")
				.contains("encryption.key-elsewhere");
		}
		assertThat(Files.readString(directory().resolve("encryption.key-elsewhere"))).doesNotContain(key);
	}

	@Test
	void keyStoreThatIsLockedIsASentence() throws Exception {
		inASession(UNLOCKED + script("keyring saves"));
		assertThat(inASession("gnome-keyring-daemon --start --components=secrets >&2; " + script("keyring loads")))
			.singleElement()
			.asString()
			.contains("The key store of the system cannot be used: it is locked", "key file false");
	}

	@Test
	void keyThatWasInAFileIsMovedAndTheLoginsStayReadable() throws Exception {
		List<String> said = inASession(UNLOCKED + script("file saves", "keyring loads", "keyring loads"));
		assertThat(said).containsExactly("> file saves: true; key file true", "> keyring loads: found; key file false",
				"> keyring loads: found; key file false");
	}

	@Test
	void anotherSessionOfTheSamePersonFindsTheKey() throws Exception {
		inASession(UNLOCKED + script("keyring saves"));
		assertThat(inASession(UNLOCKED + script("keyring loads")))
			.containsExactly("> keyring loads: found; key file false");
	}

	@Test
	void sessionWithoutTheKeyMakesNoNewOne() throws Exception {
		inASession(UNLOCKED + script("keyring saves"));
		Path keyrings = this.home.resolve(".local/share/keyrings");
		Files.move(keyrings, this.home.resolve("elsewhere"));
		assertThat(inASession(UNLOCKED + script("keyring loads"))).singleElement()
			.asString()
			.contains("oauth2.pkce.store.key-location", "The encryption key of the logins there is not to be had",
					"encryption.key-elsewhere to start anew", "key file false");
	}

	@Test
	void fileDoesNotTakeThePlaceOfTheKeyStoreInSilence() throws Exception {
		assertThat(inASession(UNLOCKED + script("keyring saves", "file loads")).get(1))
			.contains("set oauth2.pkce.store.key-location=keyring", "key file false");
	}

	/** As on a server: nothing is kept in a file instead. */
	@Test
	void withoutAKeyStoreTheStartFailsWithASentence() throws Exception {
		String said = run(applications("keyring loads")).get(0);
		assertThat(said).contains("oauth2.pkce.store.key-location = \"keyring\"",
				"The key store of the system cannot be used", "oauth2.pkce.store.key-location=file", "key file false");
	}

}
