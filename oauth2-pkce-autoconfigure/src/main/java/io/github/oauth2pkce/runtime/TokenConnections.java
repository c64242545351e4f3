package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;

/**
 * A Reactor Netty connection pool for token traffic alone. Boot's clients share one, so
 * many of the application's. An API that streams can hold all connections to a host that
 * also issues the tokens, and a refresh would wait for one of them.
 */
final class TokenConnections {

	/** More than there are workers. */
	private static final int MAX_CONNECTIONS = 64;

	/** Token requests are rare: servers and balancers close what was idle for long. */
	private static final Duration MAX_IDLE = Duration.ofSeconds(20);

	/**
	 * A name may move while polls or refreshes keep a connection from ever being idle.
	 */
	private static final Duration MAX_LIFE = Duration.ofMinutes(5);

	private static final Duration CLOSING = Duration.ofSeconds(2);

	/** None while there is nothing to close; applications stop and start again. */
	private @Nullable ConnectionProvider pool;

	/**
	 * Builds clients over this pool, with everything else as it was. A factory of the
	 * application's own, which may know a proxy, stays in use with its own pool.
	 * @param builder Boot's builder
	 * @return a builder
	 */
	ReactorClientHttpConnectorBuilder use(ReactorClientHttpConnectorBuilder builder) {
		return isBoots(made(builder))
				? builder.withHttpClientFactory(() -> HttpClient.create(
						(config, observer, address, resolver) -> pool().acquire(config, observer, address, resolver)))
				: builder;
	}

	private synchronized ConnectionProvider pool() {
		ConnectionProvider pool = this.pool;
		if (pool == null) {
			pool = ConnectionProvider.builder("oauth2-pkce")
				.maxConnections(MAX_CONNECTIONS)
				.maxIdleTime(MAX_IDLE)
				.maxLifeTime(MAX_LIFE)
				// Those of exchanged keys and of moved names, too: nobody asks for them.
				.evictInBackground(MAX_IDLE)
				.disposeInactivePoolsInBackground(MAX_LIFE, MAX_LIFE)
				.build();
			this.pool = pool;
		}
		return pool;
	}

	/** What the builder's factory makes, before anything is set. */
	private static @Nullable HttpClient made(ReactorClientHttpConnectorBuilder builder) {
		AtomicReference<@Nullable HttpClient> made = new AtomicReference<>();
		builder.withHttpClientDefaults((client) -> {
			made.set(client);
			return client;
		}).build(HttpClientSettings.defaults());
		return made.get();
	}

	private static boolean isBoots(@Nullable HttpClient client) {
		if (client == null) {
			return false;
		}
		HttpClientConfig config = client.configuration();
		// What is set on either is in the hash, but for what comes after it.
		return config.channelHash() == HttpClient.create().configuration().channelHash() && !config.hasProxy()
				&& config.proxyProviderSupplier() == null && config.baseUrl() == null && config.headers().isEmpty()
				&& !config.isSecure() && config.doOnConnect() == null && config.doOnConnected() == null;
	}

	synchronized void close() {
		ConnectionProvider pool = this.pool;
		this.pool = null;
		if (pool != null) {
			pool.disposeLater().onErrorComplete().block(CLOSING);
		}
	}

}
