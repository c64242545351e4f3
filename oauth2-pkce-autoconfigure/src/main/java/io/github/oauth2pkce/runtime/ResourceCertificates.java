package io.github.oauth2pkce.runtime;

import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/**
 * Connections to resources for clients that are known by their certificate: a token may
 * be bound to it (RFC 8705 section 3), and is worth nothing over any other connection.
 * The certificate goes to the {@code base-urls} of its provider only. A bundle that is
 * reloaded is used at once. Thread-safe.
 *
 * @param <T> what makes connections
 */
public final class ResourceCertificates<T> {

	private static final Logger logger = LoggerFactory.getLogger(ResourceCertificates.class);

	private static final Set<ClientAuthenticationMethod> MUTUAL_TLS = Set.of(ClientAuthenticationMethod.TLS_CLIENT_AUTH,
			ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	private final BearerPolicies policies;

	private final SslBundles bundles;

	private final HttpClientSettings settings;

	private final Function<HttpClientSettings, T> builder;

	/** Names of bundles by id of provider. */
	private final Map<String, String> names = new HashMap<>();

	private final Map<String, T> made = new ConcurrentHashMap<>();

	private ResourceCertificates(ConfiguredProviders configured, SslBundles bundles, HttpClientSettings settings,
			Function<HttpClientSettings, T> builder) {
		this.policies = configured.policies();
		this.bundles = bundles;
		this.settings = settings;
		this.builder = builder;
		for (Provider provider : configured.providers()) {
			String bundle = provider.client().sslBundle();
			if (bundle != null && MUTUAL_TLS.contains(provider.client().authenticationMethod())) {
				this.names.put(provider.id(), bundle);
			}
		}
	}

	/**
	 * Creates the connections of an application.
	 * @param configured the providers
	 * @param bundles the SSL bundles, {@code null} for none
	 * @param settings those of all its connections
	 * @param builder makes connections
	 * @return {@code null} when no client has a certificate
	 */
	public static <T> @Nullable ResourceCertificates<T> find(ConfiguredProviders configured,
			@Nullable SslBundles bundles, HttpClientSettings settings, Function<HttpClientSettings, T> builder) {
		if (bundles == null) {
			return null;
		}
		ResourceCertificates<T> certificates = new ResourceCertificates<>(configured, bundles, settings, builder);
		return certificates.names.isEmpty() ? null : certificates;
	}

	/**
	 * What a request goes by.
	 * @param uri its target
	 * @param others what goes by without a certificate
	 * @return the connections with a certificate, where the target has one
	 */
	public T of(URI uri, T others) {
		BearerPolicy policy = this.policies.select(null, uri);
		String name = (policy != null) ? this.names.get(policy.providerId()) : null;
		return (name != null) ? this.made.computeIfAbsent(name, this::first) : others;
	}

	private T first(String name) {
		T first = build(name);
		this.bundles.addBundleUpdateHandler(name, (updated) -> reload(name));
		return first;
	}

	private void reload(String name) {
		try {
			this.made.put(name, build(name));
			logger.debug("SSL bundle '{}' was reloaded and is used for requests to resources", name);
		}
		catch (RuntimeException ex) {
			logger.warn("SSL bundle '{}' was reloaded and cannot be used, requests to resources go on with the old one:"
					+ " {}", name, NestedExceptionUtils.getMostSpecificCause(ex).toString());
		}
	}

	private T build(String name) {
		return this.builder.apply(this.settings.withSslBundle(withKeyOf(this.bundles.getBundle(name))));
	}

	/**
	 * Whom the application trusts, it trusts here, too; and whom the provider's own trust
	 * store names: its resources are of the same house.
	 */
	private SslBundle withKeyOf(SslBundle bundle) {
		try {
			KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
			trusted.load(null, null);
			SslBundle general = this.settings.sslBundle();
			add(trusted, (general != null) ? general.getManagers().getTrustManagers() : trustedByJava());
			if (bundle.getStores().getTrustStore() != null) {
				add(trusted, bundle.getManagers().getTrustManagers());
			}
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			return SslBundle.of(bundle.getStores(), bundle.getKey(), bundle.getOptions(), bundle.getProtocol(),
					SslManagerBundle.of(bundle.getManagers().getKeyManagerFactory(), trust));
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new IllegalStateException("The certificates that Java trusts cannot be read", ex);
		}
	}

	private static TrustManager[] trustedByJava() throws GeneralSecurityException {
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init((KeyStore) null);
		return trust.getTrustManagers();
	}

	private static void add(KeyStore trusted, TrustManager[] managers) throws GeneralSecurityException {
		for (TrustManager manager : managers) {
			if (manager instanceof X509TrustManager x509) {
				for (X509Certificate certificate : x509.getAcceptedIssuers()) {
					trusted.setCertificateEntry("trusted-" + trusted.size(), certificate);
				}
			}
		}
	}

}
