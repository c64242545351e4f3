package io.github.oauth2pkce.benchmarks.part;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import redis.embedded.RedisServer;

import org.springframework.util.FileSystemUtils;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

/** What a refresh costs in each store, beyond what the token endpoint takes. */
public final class CredentialCosts implements Part {

	private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

	private static final Duration DEADLINE = Duration.ofSeconds(30);

	private final LoopbackServer server = new LoopbackServer();

	@Override
	public void measure(Scale scale, Samples samples) throws Exception {
		Path directory = Files.createTempDirectory("benchmark-store");
		try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
			.setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
			.start()) {
			int port = freePort();
			RedisServer redis = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
			redis.start();
			try {
				measure("memory", scale, samples);
				measure("file", scale, samples, "oauth2.pkce.store.directory=" + directory);
				measure("jdbc, H2 in memory", scale, samples, "spring.datasource.url=jdbc:h2:mem:benchmark");
				measure("jdbc, PostgreSQL", scale, samples,
						"spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
						"oauth2.pkce.store.jdbc.initialize-schema=always");
				measure("redis", scale, samples, "spring.data.redis.port=" + port);
			}
			finally {
				redis.stop();
			}
		}
		finally {
			FileSystemUtils.deleteRecursively(directory);
			this.server.close();
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private void measure(String store, Scale scale, Samples samples, String... properties) {
		List<String> all = new ArrayList<>(List.of("oauth2.pkce.store.type=" + store.split(",")[0]));
		if (store.startsWith("jdbc") || store.startsWith("redis")) {
			all.add("oauth2.pkce.store.encryption-key=" + KEY);
		}
		all.addAll(Arrays.asList(properties));
		try (Starter starter = new Starter(this.server, all.toArray(String[]::new))) {
			Credentials credentials = starter.bean(Credentials.class);
			CredentialId id = CredentialId.ofApplication(Starter.ID);
			starter.logIn(Duration.ZERO, Duration.ofHours(1), this.server.newRefreshToken());
			refresh(credentials, id, scale.of(5, 300));
			for (int round = 0; round < scale.of(1, 9); round++) {
				long start = System.nanoTime();
				int refreshes = scale.of(5, 100);
				refresh(credentials, id, refreshes);
				samples.add("one refresh after the other", store, "ms per refresh",
						(System.nanoTime() - start) / 1e6 / refreshes);
			}
		}
	}

	private static void refresh(Credentials credentials, CredentialId id, int times) {
		for (int i = 0; i < times; i++) {
			BearerToken token = credentials.current(id, RefreshTrigger.MANUAL)
				.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
				.join();
			if (!(token instanceof BearerToken.Available)) {
				throw new IllegalStateException("Not refreshed: " + token);
			}
		}
	}

}
