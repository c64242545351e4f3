package io.github.oauth2pkce.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The script by which the suite starts {@link ConformanceClient}. The suite splits its
 * command at blanks, so the script has a name without them, in the suite's directory.
 */
final class Client {

	/** Classes as the JVM has parsed them once: a second less for each start. */
	private static final Path ARCHIVE = Work.DIRECTORY.resolve("client.jsa");

	private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

	/** Written once: a script cannot be written while another run starts it. */
	private static final Map<String, String> SCRIPTS = new ConcurrentHashMap<>();

	private Client() {
	}

	/**
	 * Writes a script.
	 * @param transport the transport of the client
	 * @return the command to give to the suite
	 */
	static String over(String transport) {
		return SCRIPTS.computeIfAbsent(transport, (name) -> script(name, "-XX:SharedArchiveFile=" + ARCHIVE, name));
	}

	/**
	 * Writes the script of a client that keeps its classes for those after it.
	 */
	static String archiving() {
		return script("archiving", "-XX:ArchiveClassesAtExit=" + ARCHIVE, "webclient");
	}

	private static String script(String name, String archive, String transport) {
		Path script = Work.DIRECTORY.resolve("client-" + name);
		try {
			Files.createDirectories(Work.DIRECTORY);
			Files.writeString(script, """
					#!/bin/sh
					exec '%s/bin/java' %s '%s' -cp '%s' %s --transport=%s "$@"
					""".formatted(System.getProperty("java.home"), String.join(" ", JVM), archive, classPath(),
					ConformanceClient.class.getName(), transport));
			Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return "./" + script.getFileName();
	}

	/** Jars only: a directory of classes cannot be archived. */
	private static String classPath() throws IOException {
		return System.getProperty("conformance.client") + ":"
				+ Files.readString(Path.of(System.getProperty("conformance.classpath"))).strip();
	}

}
