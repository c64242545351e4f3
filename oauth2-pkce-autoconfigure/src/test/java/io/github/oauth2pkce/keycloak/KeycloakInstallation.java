package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What is slow to make and never changes: the unpacked and built server, and the database
 * right after the import of realms. Both are kept in a cache directory that outlives
 * {@code mvn clean} and may be shared by concurrent builds.
 *
 * <p>
 * System properties: {@code keycloak.version} and {@code keycloak.zip} (set by the Maven
 * profile), {@code keycloak.work} (homes and logs of running servers) and
 * {@code keycloak.cache} (default {@code ~/.cache/oauth2-pkce-keycloak}).
 *
 * @param server unpacked distribution; nothing writes to it after its build
 * @param database files of the embedded database, to be copied
 */
record KeycloakInstallation(Path server, Path database) {

	/**
	 * Client ID metadata documents are experimental; all else that tests need is there by
	 * default.
	 */
	private static final String[] BUILD = { "build", "--db=dev-file", "--https-client-auth=request",
			"--features=cimd" };

	private static final List<String> SHARED_FOLDERS = List.of("lib", "conf", "providers", "themes");

	private static final String COMPLETE = "complete";

	/**
	 * Return the installation for some realms, after making what is missing. Concurrent
	 * calls, also those of other JVMs, wait for the first.
	 */
	static synchronized KeycloakInstallation prepare(String... realms) {
		String version = requiredProperty("keycloak.version");
		byte[] realmFile = Stream.of(realms)
			.map((realm) -> new String(resource("/keycloak/" + realm + "-realm.json"), StandardCharsets.UTF_8))
			.collect(Collectors.joining(",", "[", "]"))
			.getBytes(StandardCharsets.UTF_8);
		Path cache = Path
			.of(System.getProperty("keycloak.cache", System.getProperty("user.home") + "/.cache/oauth2-pkce-keycloak"))
			.toAbsolutePath();
		try {
			Files.createDirectories(cache);
			try (FileChannel channel = FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE,
					StandardOpenOption.WRITE)) {
				FileLock lock = channel.lock();
				try {
					Path server = cache.resolve(
							"server-" + version + "-" + hash(String.join(" ", BUILD).getBytes(StandardCharsets.UTF_8)));
					makeOnce(server, () -> unpackAndBuild(version, server));
					Path database = cache.resolve("database-" + version + "-" + hash(realmFile));
					makeOnce(database, () -> importRealm(server, realmFile, database));
					return new KeycloakInstallation(server, database.resolve("h2"));
				}
				finally {
					lock.release();
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Make a home directory for one server: the shared, read-only parts of the
	 * distribution by link, and its own copy of the database.
	 */
	Path createHome(String name) {
		Path home = Path.of(System.getProperty("keycloak.work", "target/keycloak")).toAbsolutePath().resolve(name);
		try {
			linkHome(this.server, home);
			Path target = Files.createDirectories(home.resolve("data/h2"));
			try (Stream<Path> files = Files.list(this.database)) {
				for (Path file : files.toList()) {
					Files.copy(file, target.resolve(file.getFileName()));
				}
			}
			return home;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static void deleteTree(Path directory) {
		if (!Files.exists(directory)) {
			return;
		}
		// Walks links as what they are: the shared distribution stays.
		try (Stream<Path> paths = Files.walk(directory)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Run a step that fills a directory, unless it was run to its end before. What an
	 * interrupted attempt left is thrown away.
	 */
	private static void makeOnce(Path directory, Step step) throws IOException {
		Path complete = directory.resolve(COMPLETE);
		if (Files.exists(complete)) {
			return;
		}
		long start = System.nanoTime();
		deleteTree(directory);
		Files.createDirectories(directory);
		step.run();
		Files.createFile(complete);
		System.out.printf("Keycloak: made %s in %d s, once%n", directory,
				Duration.ofNanos(System.nanoTime() - start).toSeconds());
	}

	private static void unpackAndBuild(String version, Path server) throws IOException {
		unpack(Path.of(requiredProperty("keycloak.zip")), "keycloak-" + version + "/", server);
		KeycloakProcess.run(server, BUILD);
	}

	private static void importRealm(Path server, byte[] realmFile, Path database) throws IOException {
		Path home = database.resolve("home");
		linkHome(server, home);
		Path file = Files.write(database.resolve("realm.json"), realmFile);
		KeycloakProcess.run(home, "import", "--optimized", "--file=" + file);
		Files.move(home.resolve("data/h2"), database.resolve("h2"));
		deleteTree(home);
	}

	private static void linkHome(Path server, Path home) throws IOException {
		deleteTree(home);
		Files.createDirectories(home.resolve("bin"));
		// kc.sh follows links to find its home, hence a copy.
		Files.copy(server.resolve("bin/kc.sh"), home.resolve("bin/kc.sh"));
		for (String folder : SHARED_FOLDERS) {
			Files.createSymbolicLink(home.resolve(folder), server.resolve(folder));
		}
	}

	private static void unpack(Path zip, String topFolder, Path target) throws IOException {
		try (InputStream file = Files.newInputStream(zip); ZipInputStream entries = new ZipInputStream(file)) {
			ZipEntry entry;
			while ((entry = entries.getNextEntry()) != null) {
				if (entry.isDirectory() || !entry.getName().startsWith(topFolder)) {
					continue;
				}
				Path path = target.resolve(entry.getName().substring(topFolder.length())).normalize();
				if (!path.startsWith(target)) {
					throw new IOException("Entry outside of the archive's folder: " + entry.getName());
				}
				Files.createDirectories(path.getParent());
				Files.copy(entries, path);
			}
		}
		// Archives do not carry empty folders for certain, and links need a target.
		for (String folder : SHARED_FOLDERS) {
			Files.createDirectories(target.resolve(folder));
		}
	}

	private static String hash(byte[] content) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
			return HexFormat.of().formatHex(digest).substring(0, 12);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static byte[] resource(String name) {
		try (InputStream stream = KeycloakInstallation.class.getResourceAsStream(name)) {
			if (stream == null) {
				throw new IllegalStateException("No realm file " + name + " on the class path");
			}
			return stream.readAllBytes();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String requiredProperty(String name) {
		String value = System.getProperty(name);
		if (value == null) {
			throw new IllegalStateException("System property '" + name
					+ "' is missing: run Keycloak tests with the Maven profile 'keycloak', or set it yourself");
		}
		return value;
	}

	@FunctionalInterface
	private interface Step {

		void run() throws IOException;

	}

}
