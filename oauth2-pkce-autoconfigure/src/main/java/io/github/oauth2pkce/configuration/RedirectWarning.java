package io.github.oauth2pkce.configuration;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;

/**
 * Redirects are followed below filters and interceptors. All clients keep
 * {@code Authorization} within an origin, whatever the path, and the JDK's own client
 * hands it on to other origins in its older versions, unless its builder is one of
 * Boot's, which the starter replaces. To switch redirects off would change the
 * application; so this is said, once.
 */
public final class RedirectWarning {

	private static final Logger logger = LoggerFactory.getLogger(RedirectWarning.class);

	private final ConfiguredProviders configured;

	private final AtomicBoolean jdkTold = new AtomicBoolean();

	private final AtomicBoolean originTold = new AtomicBoolean();

	/**
	 * Creates the warning.
	 * @param configured without providers there is no bearer
	 */
	public RedirectWarning(ConfiguredProviders configured) {
		this.configured = configured;
	}

	/**
	 * Says so if an application's client is affected, and no other one was before.
	 * @param builder what makes its connections, may be {@code null}
	 * @param settings the application's, may be {@code null}
	 */
	public void check(@Nullable Object builder, @Nullable HttpClientSettings settings) {
		boolean jdk = builder instanceof JdkClientHttpRequestFactoryBuilder
				|| builder instanceof JdkClientHttpConnectorBuilder;
		boolean follows = settings == null || settings.redirects() != HttpRedirects.DONT_FOLLOW;
		if (!follows || this.configured.providers().isEmpty()) {
			return;
		}
		if (jdk && this.jdkTold.compareAndSet(false, true)) {
			logger
				.warn("Redirects are followed with the JDK's HTTP client, which in some versions sends a bearer on to "
						+ "other origins: declare its builder, a bean of yours, as ClientHttpRequestFactoryBuilder<?> "
						+ "or ClientHttpConnectorBuilder<?>, so that the starter can prevent that, or set "
						+ "spring.http.clients.redirects=dont-follow");
		}
		// Below one origin all clients keep it.
		if (this.configured.policies().isOriginShared() && this.originTold.compareAndSet(false, true)) {
			logger.warn("Redirects are followed, and base-urls of several providers are on one origin: a redirect from "
					+ "one to another's path takes the first one's bearer there. If they must not see each other's "
					+ "bearers, set spring.http.clients.redirects=dont-follow");
		}
	}

}
