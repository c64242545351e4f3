package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderSettings;
import io.github.oauth2pkce.observability.AuthorizationServerObservationConvention;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Clients for traffic with authorization servers: Boot's connector and settings, so that
 * proxies and TLS are the application's, but none of its customizers, so that no default
 * header and no bearer filter gets in; and connections that the application's calls
 * cannot use up. One for each SSL bundle. A bundle that is reloaded is used at once.
 */
public final class HttpClients {

	private static final Logger logger = LoggerFactory.getLogger(HttpClients.class);

	/** Made for the first request: most starts of a program make none. */
	private final Supplier<ClientHttpConnectorBuilder<?>> connectors;

	private final HttpClientSettings settings;

	private final int maxResponseSize;

	/** No exchange takes longer. */
	private final Duration patience;

	private final @Nullable SslBundles sslBundles;

	private final @Nullable String bundleOfAllClients;

	private final ObservationRegistry observations;

	private final @Nullable ApplicationConnector applicationConnector;

	private volatile @Nullable TokenConnections connections;

	private final Map<String, TokenConnector> made = new ConcurrentHashMap<>();

	private final Map<String, WebClient> clients = new ConcurrentHashMap<>();

	public HttpClients(ClientHttpConnectorBuilder<?> connectors, HttpClientSettings settings,
			OAuth2PkceProperties properties, @Nullable SslBundles sslBundles, ObservationRegistry observations,
			@Nullable ApplicationConnector applicationConnector) {
		this.connectors = SingletonSupplier.of(() -> ofTokenTraffic(connectors));
		OAuth2PkceProperties.Http http = properties.http();
		this.settings = settings.withTimeouts(http.connectTimeout(), http.readTimeout())
			.withRedirects(HttpRedirects.DONT_FOLLOW);
		this.maxResponseSize = (int) Math.min(Integer.MAX_VALUE, http.maxResponseSize().toBytes());
		this.patience = properties.refresh().requestTimeout();
		this.sslBundles = sslBundles;
		this.bundleOfAllClients = nameOf(settings.sslBundle(), sslBundles);
		this.observations = observations;
		this.applicationConnector = applicationConnector;
	}

	private ClientHttpConnectorBuilder<?> ofTokenTraffic(ClientHttpConnectorBuilder<?> connectors) {
		if (!(connectors instanceof ReactorClientHttpConnectorBuilder reactor)) {
			return connectors;
		}
		TokenConnections connections = new TokenConnections();
		this.connections = connections;
		// Unpacked above it, where also what is not as its header says is read.
		return connections.use(reactor).withHttpClientCustomizer((client) -> client.compress(false));
	}

	/**
	 * The client of a provider, its keys and certificates read.
	 * @param provider the provider
	 * @return the client
	 */
	public WebClient of(Provider provider) {
		String bundle = Objects.requireNonNullElse(provider.client().sslBundle(), "");
		WebClient client = this.clients.computeIfAbsent(bundle, (name) -> create(provider));
		TokenConnector connector = this.made.get(bundle);
		if (connector != null) {
			connector.open();
		}
		return client;
	}

	private WebClient create(Provider provider) {
		return WebClient.builder()
			.clientConnector(connector(provider))
			.codecs((codecs) -> codecs.defaultCodecs().maxInMemorySize(this.maxResponseSize))
			.observationRegistry(this.observations)
			.observationConvention(new AuthorizationServerObservationConvention())
			.build();
	}

	private ClientHttpConnector connector(Provider provider) {
		ClientHttpConnector applications = (provider.client().sslBundle() == null) ? applicationConnector() : null;
		if (applications != null) {
			return new TokenConnector(() -> applications, this.patience);
		}
		String bundle = (provider.client().sslBundle() != null) ? provider.client().sslBundle()
				: this.bundleOfAllClients;
		TokenConnector connector = new TokenConnector(() -> this.connectors.get()
			.build((bundle != null) ? this.settings.withSslBundle(bundle(provider.id(), bundle)) : this.settings),
				this.patience);
		this.made.put(Objects.requireNonNullElse(provider.client().sslBundle(), ""), connector);
		if (bundle != null && this.sslBundles != null) {
			this.sslBundles.addBundleUpdateHandler(bundle, (updated) -> reload(connector, bundle));
		}
		return connector;
	}

	private @Nullable ClientHttpConnector applicationConnector() {
		return (this.applicationConnector != null) ? this.applicationConnector.get() : null;
	}

	/** The settings have the bundle as it is at the start, and not its name. */
	private static @Nullable String nameOf(@Nullable SslBundle bundle, @Nullable SslBundles bundles) {
		if (bundle == null || bundles == null) {
			return null;
		}
		return bundles.getBundleNames()
			.stream()
			.filter((name) -> bundles.getBundle(name) == bundle)
			.findFirst()
			.orElse(null);
	}

	private static void reload(TokenConnector connector, String bundle) {
		try {
			connector.reload();
			logger.debug("SSL bundle '{}' was reloaded and is used for token traffic", bundle);
		}
		catch (RuntimeException ex) {
			logger.warn("SSL bundle '{}' was reloaded and cannot be used, token traffic goes on with the old one: {}",
					bundle, NestedExceptionUtils.getMostSpecificCause(ex).toString());
		}
	}

	/** Checked at the start, so that a wrong name is not found by the first login. */
	public void check(Provider provider) {
		if (provider.client().sslBundle() != null) {
			bundle(provider.id(), provider.client().sslBundle());
			if (this.applicationConnector != null) {
				logger.warn(
						"{} is set: the ClientHttpConnector bean of the application cannot have it, so the token "
								+ "traffic of this provider uses Boot's own connector (spring.http.clients.*)",
						property(provider.id()));
			}
		}
	}

	private static String property(String id) {
		return ProviderSettings.prefix(id) + ".ssl-bundle";
	}

	private SslBundle bundle(String id, String name) {
		String property = property(id);
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
		this.made.values().forEach(TokenConnector::close);
		TokenConnections connections = this.connections;
		if (connections != null) {
			connections.close();
		}
	}

}
