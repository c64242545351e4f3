package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.runtime.ApplicationConnector;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.reactive.ClientHttpConnector;

/**
 * Auto-configuration of token traffic over a connector of the application's own. Runs
 * before Boot's own connector, to tell the two apart.
 */
@AutoConfiguration(before = ReactiveHttpClientAutoConfiguration.class)
@ConditionalOnSwitch("oauth2.pkce.enabled")
public final class PkceHttpConnectorAutoConfiguration {

	/**
	 * The parameter has the same name as in Boot's configuration of WebClient, so that of
	 * several connectors the same one is chosen.
	 */
	@Bean
	@ConditionalOnBean(ClientHttpConnector.class)
	ApplicationConnector oauth2PkceApplicationConnector(ObjectProvider<ClientHttpConnector> clientHttpConnector) {
		return clientHttpConnector::getIfUnique;
	}

}
