package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.store.SharedStores;
import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Programs in processes of their own that are killed or stopped while a person logs in.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DeviceLoginProcessIT {

	private static final Duration LONG = Duration.ofSeconds(90);

	private static final String ASKED = "oauth2.pkce.login.on-startup=always";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce());

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device().interval(Duration.ofSeconds(1));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	private CliProcess start(String store, String... properties) throws Exception {
		List<String> all = new ArrayList<>(List.of("oauth2.pkce.providers.demo.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.demo.client-id=cli", "oauth2.pkce.store.type=" + store,
				"oauth2.pkce.store.directory=" + this.directory, "spring.autoconfigure.exclude=",
				"spring.application.name=travelling", "oauth2.pkce.store.jdbc.initialize-schema=always"));
		if (!store.equals("file")) {
			all.add("oauth2.pkce.store.encryption-key=" + Base64.getEncoder().encodeToString(new byte[32]));
		}
		all.add(store.equals("redis") ? "spring.data.redis.port=" + EmbeddedServers.redisPort()
				: "spring.datasource.url=" + EmbeddedServers.postgresUrl());
		all.addAll(List.of(properties));
		return CliProcess.inAPipe(Map.of(), all.toArray(String[]::new));
	}

	private static void empty(String store) {
		switch (store) {
			case "redis" -> SharedStores.redis();
			case "jdbc" -> SharedStores.postgres();
			default -> {
			}
		}
	}

	private String code(CliProcess program) throws InterruptedException {
		String printed = program.await("and enter ", LONG);
		return printed.substring(printed.indexOf("and enter ") + 10).split("\\s")[0];
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "jdbc", "redis" })
	void killedProgramThatStartsAgainGoesOnWithItsCode(String store) throws Exception {
		empty(store);
		String code;
		try (CliProcess killed = start(store, ASKED)) {
			code = code(killed);
			this.server.takeRequest(Endpoint.TOKEN, LONG);
			killed.signal("KILL");
			killed.awaitEnd(LONG);
		}
		try (CliProcess next = start(store, ASKED)) {
			assertThat(code(next)).isEqualTo(code);
			this.server.approve(code);
			next.await("Logged in to 'demo'", LONG);
			next.awaitEnd(LONG);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "redis" })
	void stoppedProgramThatStartsAgainGoesOnWithItsCode(String store) throws Exception {
		empty(store);
		String code;
		try (CliProcess stopped = start(store, ASKED)) {
			code = code(stopped);
			stopped.signal("TERM");
			stopped.awaitEnd(LONG);
		}
		try (CliProcess next = start(store, ASKED)) {
			assertThat(code(next)).isEqualTo(code);
			this.server.approve(code);
			next.await("Logged in to 'demo'", LONG);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "jdbc" })
	void nodesShowOneCodeAndWhoeverLivesGoesOnPolling(String store) throws Exception {
		empty(store);
		try (CliProcess killed = start(store, ASKED); CliProcess other = start(store, ASKED)) {
			String code = code(killed);
			assertThat(code(other)).isEqualTo(code);
			this.server.takeRequest(Endpoint.TOKEN, LONG);
			killed.signal("KILL");
			killed.awaitEnd(LONG);
			this.server.approve(code);
			other.await("Logged in to 'demo'", LONG);
			other.awaitEnd(LONG);
		}
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(1);
	}

}
