package io.github.oauth2pkce.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderProperties;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * As {@code spring-boot:process-aot} does: an application is processed ahead of time,
 * compiled, and started from what was generated, in processes of their own.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AotTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce());

	@TempDir
	private Path directory;

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void processedApplicationLogsInCallsTheApiAndRunsCommands() throws Exception {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		Path sources = this.directory.resolve("sources");
		Path resources = this.directory.resolve("resources");
		Path classes = this.directory.resolve("classes");
		List<String> processing = new ArrayList<>(
				List.of(SpringApplicationAotProcessor.class.getName(), AotApplication.class.getName(),
						sources.toString(), resources.toString(), classes.toString(), "com.example", "demo"));
		processing.addAll(arguments());
		run(List.of(), processing);
		compile(sources, classes);

		List<String> starting = new ArrayList<>(List.of(AotApplication.class.getName()));
		starting.addAll(arguments());
		String printed = run(List.of("-Dspring.aot.enabled=true"), starting);
		assertThat(printed).contains("Starting AOT-processed AotApplication", " and enter ", "Logged in to 'acme'",
				"the api says ");
		assertThat(this.server.requests(Endpoint.API)).hasSize(1).allMatch((request) -> request.bearer() != null);
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1)
			.allMatch((request) -> request.hasParameter("code_challenge"));
		assertThat(this.server.issuedSecrets()).allSatisfy((secret) -> assertThat(printed).doesNotContain(secret));

		starting.add("--oauth2.pkce.command=status");
		assertThat(run(List.of("-Dspring.aot.enabled=true"), starting)).startsWith("acme  AUTHORIZED  ")
			.doesNotContain("the api says");
		Path hints = resources.resolve("META-INF/native-image/com.example/demo/reachability-metadata.json");
		assertThat(Files.readString(hints).replace("\\/", "/")).contains(OAuth2PkceProperties.class.getName(),
				ProviderProperties.class.getName(), "io/github/oauth2pkce/store/schema-*.sql");
	}

	private List<String> arguments() {
		return Stream.of("spring.main.web-application-type=none", "spring.main.banner-mode=off",
				"oauth2.pkce.login.on-startup=never", "oauth2.pkce.store.directory=" + this.directory.resolve("logins"),
				"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.acme.client-id=app", "oauth2.pkce.providers.acme.scope=openid,models",
				"oauth2.pkce.providers.acme.base-urls=" + this.server.uri("/api"),
				"test.api=" + this.server.uri("/api/models"))
			.map((property) -> "--" + property)
			.toList();
	}

	private void compile(Path sources, Path classes) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-parameters", "-nowarn",
				"-proc:none", "-classpath", classes + File.pathSeparator + System.getProperty("java.class.path")));
		try (Stream<Path> files = Files.walk(sources)) {
			files.filter((file) -> file.toString().endsWith(".java")).map(Path::toString).forEach(arguments::add);
		}
		assertThat(arguments).as("sources were generated").hasSizeGreaterThan(20);
		assertThat(compiler.run(null, System.err, System.err, arguments.toArray(String[]::new))).isZero();
	}

	private String run(List<String> options, List<String> mainAndArguments) throws Exception {
		String classPath = String.join(File.pathSeparator, this.directory.resolve("classes").toString(),
				this.directory.resolve("resources").toString(), System.getProperty("java.class.path"));
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xshare:auto", "-cp", classPath));
		command.addAll(options);
		command.addAll(mainAndArguments);
		Path output = this.directory.resolve("output.txt");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		try {
			assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
			String printed = Files.readString(output, StandardCharsets.UTF_8);
			assertThat(process.exitValue()).as(Arrays.toString(command.toArray()) + "\n" + printed).isZero();
			return printed;
		}
		finally {
			process.destroyForcibly();
		}
	}

}
