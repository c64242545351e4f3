package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Command line programs in processes of their own that log in by browser, which is a
 * command of the environment and a client with one jar of cookies.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LoopbackCliTests {

	private static final Duration STARTED = Duration.ofSeconds(60);

	private static final Duration PROMPTLY = Duration.ofSeconds(20);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	private Path opened;

	private Map<String, String> environment;

	@BeforeEach
	void configure() throws IOException {
		this.opened = this.directory.resolve("opened");
		Path browser = Files.writeString(this.directory.resolve("browser"),
				"#!/bin/sh\necho \"$1\" > '" + this.opened + "'\n");
		assertThat(browser.toFile().setExecutable(true)).isTrue();
		this.environment = Map.of("BROWSER", browser.toString());
		String demo = "oauth2.pkce.providers.demo.";
		this.properties.addAll(List.of(demo + "issuer-uri=" + this.server.issuer(), demo + "client-id=cli",
				demo + "authorization-grant-type=authorization_code",
				demo + "redirect-uri=http://127.0.0.1:" + freePort() + "/callback", "oauth2.pkce.store.type=file",
				"oauth2.pkce.store.directory=" + this.directory.resolve("store"),
				"oauth2.pkce.login.on-startup=always"));
		this.server.register(FakeClient.publicClient("cli").requirePkce());
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void logsInByTheBrowserOfTheEnvironment() throws Exception {
		try (CliProcess program = start()) {
			URI page = printed(program.await("http://127.0.0.1:", STARTED));
			assertThat(browse(page).body()).contains("You are logged in to “demo”");
			assertThat(program.awaitEnd(STARTED)).contains("Logged in to 'demo'", "the program goes on", "the end",
					"counted success=1");
			// What every account can read while the browser is started.
			assertThat(this.opened).hasContent(page.toString());
			assertThat(page.getQuery()).isNull();
		}
		// Another start finds the login.
		try (CliProcess program = start()) {
			assertThat(program.awaitEnd(STARTED)).contains("the program goes on").doesNotContain("Login needed");
		}
	}

	/** The second run has the port that the first one gave back. */
	@Test
	void interruptedLoginLeavesNothingAndIsMadeAnew() throws Exception {
		URI first;
		try (CliProcess program = start()) {
			first = printed(program.await("http://127.0.0.1:", STARTED));
			program.signal("TERM");
			assertThat(program.awaitEnd(PROMPTLY)).contains("Not logged in to 'demo': The login was cancelled",
					"counted cancelled=1");
			assertThat(program.exitCode()).isEqualTo(143);
		}
		try (CliProcess program = start()) {
			URI second = printed(program.await("http://127.0.0.1:", STARTED));
			assertThat(second.getPort()).isEqualTo(first.getPort());
			assertThat(second).isNotEqualTo(first);
			assertThat(browse(first).statusCode()).isEqualTo(404);
			assertThat(browse(second).statusCode()).isEqualTo(200);
			assertThat(program.awaitEnd(STARTED)).contains("Logged in to 'demo'");
		}
	}

	@Test
	void saysThatSomebodyElseOpenedTheAddress() throws Exception {
		try (CliProcess program = start()) {
			URI page = printed(program.await("http://127.0.0.1:", STARTED));
			// Does not follow: whoever has read it among the arguments, and is first.
			HttpClient.newHttpClient().send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
			assertThat(browse(page).body()).contains("was opened a second time");
			assertThat(program.awaitEnd(PROMPTLY)).contains("Not logged in to 'demo'", "login_opened_twice",
					"The address of the login was opened");
			assertThat(this.server.requests(Endpoint.TOKEN)).isEmpty();
		}
	}

	private CliProcess start() throws IOException {
		return CliProcess.inAPipe(this.environment, this.properties.toArray(String[]::new));
	}

	/** On a line of its own, which has an end. */
	private static URI printed(String output) {
		return URI
			.create(output.lines().filter((line) -> line.startsWith("http://127.0.0.1:")).findFirst().orElseThrow());
	}

	private static HttpResponse<String> browse(URI page) throws Exception {
		return HttpClient.newBuilder()
			.cookieHandler(new CookieManager())
			.followRedirects(HttpClient.Redirect.ALWAYS)
			.build()
			.send(HttpRequest.newBuilder(page).timeout(PROMPTLY).build(), BodyHandlers.ofString());
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			return socket.getLocalPort();
		}
	}

}
