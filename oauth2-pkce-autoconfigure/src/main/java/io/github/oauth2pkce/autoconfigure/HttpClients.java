package io.github.oauth2pkce.autoconfigure;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.observability.AuthorizationServerObservationConvention;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Clients for traffic with authorization servers: Boot's connector and settings, so that
 * proxies and TLS are the application's, but none of its customizers, so that no default
 * header and no bearer filter gets in; and connections that the application's calls
 * cannot use up. One for each SSL bundle.
 */
final class HttpClients {

	private final ClientHttpConnectorBuilder<?> connectors;

	private final HttpClientSettings settings;

	private final int maxResponseSize;

	private final @Nullable SslBundles sslBundles;

	private final ObservationRegistry observations;

	private final @Nullable TokenConnections connections;

	private final Map<String, WebClient> clients = new ConcurrentHashMap<>();

	HttpClients(ClientHttpConnectorBuilder<?> connectors, HttpClientSettings settings, OAuth2PkceProperties.Http http,
			@Nullable SslBundles sslBundles, ObservationRegistry observations) {
		if (connectors instanceof ReactorClientHttpConnectorBuilder reactor) {
			this.connections = new TokenConnections();
			this.connectors = this.connections.use(reactor);
		}
		else {
			this.connections = null;
			this.connectors = connectors;
		}
		this.settings = settings.withTimeouts(http.connectTimeout(), http.readTimeout())
			.withRedirects(HttpRedirects.DONT_FOLLOW);
		this.maxResponseSize = (int) Math.min(Integer.MAX_VALUE, http.maxResponseSize().toBytes());
		this.sslBundles = sslBundles;
		this.observations = observations;
	}

	WebClient of(Provider provider) {
		String bundle = provider.sslBundle();
		return this.clients.computeIfAbsent((bundle != null) ? bundle : "", (name) -> create(provider));
	}

	private WebClient create(Provider provider) {
		HttpClientSettings settings = (provider.sslBundle() != null)
				? this.settings.withSslBundle(bundle(provider.id(), provider.sslBundle())) : this.settings;
		return WebClient.builder()
			.clientConnector(this.connectors.build(settings))
			.codecs((codecs) -> codecs.defaultCodecs().maxInMemorySize(this.maxResponseSize))
			.observationRegistry(this.observations)
			.observationConvention(new AuthorizationServerObservationConvention())
			.build();
	}

	/** Checked at the start, so that a wrong name is not found by the first login. */
	void check(Provider provider) {
		if (provider.sslBundle() != null) {
			bundle(provider.id(), provider.sslBundle());
		}
	}

	private SslBundle bundle(String id, String name) {
		String property = "oauth2.pkce.providers." + id + ".ssl-bundle";
		if (this.sslBundles == null) {
			throw new InvalidPropertyException(property, name, "names a bundle, but there are none",
					"Configure it below spring.ssl.bundle.");
		}
		try {
			return this.sslBundles.getBundle(name);
		}
		catch (NoSuchSslBundleException ex) {
			throw new InvalidPropertyException(property, name, "is not an SSL bundle",
					"Configure it below spring.ssl.bundle, or correct the name.");
		}
	}

	/** What is sent afterwards opens new ones. */
	void closeConnections() {
		if (this.connections != null) {
			this.connections.close();
		}
	}

}
