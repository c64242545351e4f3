package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;
import java.util.List;

import io.micrometer.observation.ObservationRegistry;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.runtime.ApplicationConnector;
import io.github.oauth2pkce.runtime.ClientAuthentications;
import io.github.oauth2pkce.runtime.HttpClients;
import io.github.oauth2pkce.runtime.KeyFiles;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.spring.ResourceIndicators;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.ClientAuthentication;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.io.ResourceLoader;

/** The one way out to authorization servers, and what is read there. */
@Configuration(proxyBeanMethods = false)
@Lazy
class AuthorizationServersConfiguration {

	@Bean
	HttpClients oauth2PkceHttpClients(OAuth2PkceProperties properties, Providers providers,
			ObjectProvider<ClientHttpConnectorBuilder<?>> connectors, ObjectProvider<HttpClientSettings> settings,
			ObjectProvider<SslBundles> sslBundles, ObjectProvider<ObservationRegistry> observations,
			ObjectProvider<ApplicationConnector> applicationConnector, ResourceLoader resourceLoader) {
		HttpClients clients = new HttpClients(
				connectors.getIfAvailable(() -> ClientHttpConnectorBuilder.detect(resourceLoader.getClassLoader())),
				settings.getIfAvailable(HttpClientSettings::defaults), properties, sslBundles.getIfAvailable(),
				observations.getIfAvailable(() -> ObservationRegistry.NOOP), applicationConnector.getIfAvailable());
		providers.forEach(clients::check);
		return clients;
	}

	@Bean
	ClientKeys oauth2PkceClientKeys(Providers providers, ObjectProvider<SslBundles> sslBundles,
			ResourceLoader resourceLoader, HttpClients clients) {
		KeyFiles keys = new KeyFiles(resourceLoader, sslBundles.getIfAvailable());
		providers.forEach(keys::check);
		return keys;
	}

	/**
	 * Those of the application come last, and win. Discovery itself reads by this client.
	 */
	@Bean
	AuthorizationServerClient oauth2PkceAuthorizationServerClient(HttpClients clients, ClientKeys keys,
			ObjectProvider<ClientAuthentication> authentications, ObjectProvider<Discovery> discovery,
			ObjectProvider<ForeignTokens> foreignTokens, OAuth2PkceProperties properties) {
		List<ClientAuthentication> all = ClientAuthentications.of(keys, discovery::getObject, foreignTokens::getObject,
				Clock.systemUTC());
		all.addAll(authentications.orderedStream().toList());
		return new AuthorizationServerClient(clients::of, all, properties.refresh().requestTimeout(),
				properties.http().maxResponseSize());
	}

	@Bean
	TokenEndpoint oauth2PkceTokenEndpoint(AuthorizationServerClient client) {
		return new TokenEndpoint(client);
	}

	@Bean
	Discovery oauth2PkceDiscovery(AuthorizationServerClient client, ResourceDemands demands) {
		return new Discovery(client, new SteadyClock(), demands);
	}

	@Bean
	ResourceDemands oauth2PkceResourceDemands() {
		return new ResourceDemands();
	}

	@Bean
	ResourceIndicators oauth2PkceResourceIndicators(Providers providers, Discovery discovery) {
		return new ResourceIndicators(providers, discovery);
	}

}
