package io.github.oauth2pkce.autoconfigure;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the start of a command-line program does not touch, because nobody has needed it
 * yet. Classes are counted, not time, so that the answer is the same on every machine.
 */
@Timeout(180)
class StartupClassesTests {

	/** A command-line program has the starter and its dependencies, and nothing else. */
	private static final Pattern ABSENT = Pattern
		.compile("authorization-server|spring-boot-security|spring-security-config|jdbc|redis|lettuce|servlet|tomcat"
				+ "|webmvc|spring-boot-webflux|spring-boot-reactor-netty|actuator|micrometer-core|micrometer-registry"
				+ "|spring-boot-health|spring-boot-micrometer|restclient|mcp|spring-ai|okhttp|feign|grpc");

	/** HTTP, Reactor, JOSE, caches, QR codes, the loopback server. */
	private static final List<String> OF_REQUESTS_AND_LOGINS = List.of("io.netty.", "reactor.core.", "reactor.netty.",
			"java.net.http.", "jdk.internal.net.http.", "com.nimbusds.", "com.github.benmanes.", "io.nayuki.",
			"com.sun.net.httpserver.", "sun.net.httpserver.", "java.security.KeyPairGenerator",
			"org.springframework.http.codec.", "org.springframework.web.reactive.function.client.DefaultWebClient");

	private static final List<String> OF_CIPHERS = List.of("javax.crypto.Cipher", "javax.crypto.Mac",
			"java.security.SecureRandomSpi", "sun.security.provider.NativePRNG");

	/** To find out whether their libraries are there, and nothing more. */
	private static final List<String> LOOKED_FOR = List.of("io.nayuki.qrcodegen.QrCode",
			"com.sun.net.httpserver.HttpServer", "java.net.http.HttpClient");

	/** What the same program touches without the starter. */
	private static Set<String> without = Set.of();

	@TempDir
	private Path directory;

	@BeforeAll
	static void startWithoutTheStarter(@TempDir Path directory) throws Exception {
		without = Set.copyOf(classes(directory, Pattern.compile(ABSENT + "|^classes$")));
	}

	@Test
	void startWithoutALoginTouchesNeitherHttpNorCryptography() throws Exception {
		new FileTokenStore(this.directory, null, List.of());
		List<String> classes = classesOfStart();
		assertThat(of(OF_REQUESTS_AND_LOGINS, classes)).isEmpty();
		assertThat(of(OF_CIPHERS, classes)).isEmpty();
	}

	@Test
	void startWithALoginOnlyDecryptsIt() throws Exception {
		logIn();
		List<String> classes = classesOfStart();
		assertThat(of(OF_REQUESTS_AND_LOGINS, classes)).isEmpty();
		assertThat(of(OF_CIPHERS, classes)).isNotEmpty();
	}

	@Test
	void statusWithoutALoginTouchesNeitherHttpNorCryptography() throws Exception {
		new FileTokenStore(this.directory, null, List.of());
		List<String> classes = classesOfStart("--oauth2.pkce.command=status");
		assertThat(of(OF_REQUESTS_AND_LOGINS, classes)).isEmpty();
		assertThat(of(OF_CIPHERS, classes)).isEmpty();
	}

	@Test
	void statusWithALoginOnlyDecryptsIt() throws Exception {
		logIn();
		List<String> classes = classesOfStart("--oauth2.pkce.command=status");
		assertThat(of(OF_REQUESTS_AND_LOGINS, classes)).isEmpty();
		assertThat(of(OF_CIPHERS, classes)).isNotEmpty();
	}

	private void logIn() {
		Instant now = Instant.now();
		FileTokenStore store = new FileTokenStore(this.directory, null, List.of());
		Credential login = new Credential(CredentialId.ofApplication("tools"),
				new Credential.Origin("http://127.0.0.1:1", "http://127.0.0.1:1/token", "cli"), "access", "refresh",
				Set.of(), now, now.plus(Duration.ofHours(1)), null, null, null, null, 1);
		assertThat(store.save(login, Credential.NONE)).isTrue();
	}

	private static List<String> of(List<String> prefixes, List<String> classes) {
		return classes.stream()
			.filter((name) -> prefixes.stream().anyMatch((name + " ")::startsWith) && !LOOKED_FOR.contains(name)
					&& !without.contains(name))
			.toList();
	}

	private List<String> classesOfStart(String... arguments) throws Exception {
		return classes(this.directory, ABSENT, arguments);
	}

	/** All classes that the program has loaded when it has ended. */
	private static List<String> classes(Path directory, Pattern absent, String... arguments) throws Exception {
		Path log = directory.resolveSibling(directory.getFileName() + ".classes");
		String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !absent.matcher(Path.of(entry).getFileName().toString()).find())
			.collect(Collectors.joining(File.pathSeparator));
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xlog:class+load:file=" + log, "-cp", classPath, Program.class.getName(),
						"--oauth2.pkce.store.directory=" + directory, "--oauth2.pkce.providers.tools.client-id=cli",
						"--oauth2.pkce.providers.tools.issuer-uri=http://127.0.0.1:1",
						"--oauth2.pkce.providers.tools.base-urls=http://127.0.0.1:1/api"));
		command.addAll(List.of(arguments));
		Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
		try {
			program.getOutputStream().close();
			String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			program.waitFor();
			assertThat(output).containsPattern("tools {2}(AUTHORIZED|LOGIN_REQUIRED) |the end");
		}
		finally {
			program.destroyForcibly();
		}
		try (Stream<String> lines = Files.lines(log)) {
			return lines.filter((line) -> line.contains(" source: "))
				.map((line) -> line.replaceAll("^(?:\\[[^\\]]*\\])*\\s*|(?:\\$\\$Lambda\\S*)? source: .*", ""))
				.toList();
		}
		finally {
			Files.delete(log);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Program {

		public static void main(String[] arguments) {
			int exitCode = SpringApplication.exit(SpringApplication.run(Program.class, arguments));
			System.out.println("the end");
			System.exit(exitCode);
		}

	}

}
