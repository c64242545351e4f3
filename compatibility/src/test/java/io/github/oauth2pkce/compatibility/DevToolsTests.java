package io.github.oauth2pkce.compatibility;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A program under DevTools, which starts it again in the same JVM after each change: the
 * login survives, nobody is asked again, and nothing of the last start stays.
 */
@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class DevToolsTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce());

	private @Nullable Process process;

	@TempDir
	Path directory;

	@AfterEach
	void stop() throws InterruptedException {
		if (this.process != null) {
			this.process.destroyForcibly().waitFor();
		}
		this.server.close();
	}

	@Test
	void loginSurvivesRestarts() throws Exception {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
		Path watched = Files.createDirectory(this.directory.resolve("classes"));
		Process process = start(watched);
		this.process = process;
		List<String> output = new ArrayList<>();
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
			for (int start = 1; start <= 3; start++) {
				assertThat(called(reader, output)).as(() -> String.join("\n", output))
					.isEqualTo("called: AUTHORIZED, loaded by RestartClassLoader, watches: 1");
				this.server.invalidateAccessTokens();
				Files.writeString(watched.resolve("changed.txt"), "start " + start);
			}
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
		assertThat(output).filteredOn((line) -> line.contains("Login needed")).hasSize(1);
		// A token that the API has refused since is refreshed, once, by whoever is
		// started.
		assertThat(this.server.refreshRequests()).isEqualTo(2);
		assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::bearer).doesNotContainNull();
	}

	private static String called(BufferedReader reader, List<String> output) throws IOException {
		for (String line = reader.readLine(); line != null; line = reader.readLine()) {
			output.add(line);
			if (line.startsWith("called: ")) {
				return line;
			}
		}
		return "ended";
	}

	private Process start(Path watched) throws IOException {
		String classPath = watched + File.pathSeparator + System.getProperty("java.class.path");
		String acme = "--oauth2.pkce.providers.acme.";
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath, RestartedApplication.class.getName(),
				"--api=" + this.server.uri(Endpoint.API), acme + "issuer-uri=" + this.server.issuer(),
				acme + "client-id=app", acme + "base-urls=" + this.server.uri(Endpoint.API),
				"--oauth2.pkce.store.directory=" + this.directory.resolve("state"),
				"--oauth2.pkce.login.on-startup=always", "--spring.devtools.livereload.enabled=false",
				"--spring.main.keep-alive=true", "--spring.devtools.restart.poll-interval=100ms",
				"--spring.devtools.restart.quiet-period=50ms",
				"--spring.autoconfigure.exclude="
						+ "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration,"
						+ "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
			.redirectErrorStream(true)
			.start();
	}

}
