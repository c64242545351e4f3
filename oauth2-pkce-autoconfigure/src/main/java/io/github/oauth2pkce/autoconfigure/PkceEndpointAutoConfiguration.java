package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.observability.EndpointOverHttp;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpointWebExtension;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.refresh.Credentials;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of the endpoint {@code oauth2providers}. */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, EndpointWebExtension.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnBean(ProviderReports.class)
public final class PkceEndpointAutoConfiguration {

	/** Nested, because its condition is a class of the optional module. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(OAuth2ProvidersEndpoint.class)
	static class Available {

		@Bean
		@ConditionalOnMissingBean
		OAuth2ProvidersEndpoint oauth2ProvidersEndpoint(Providers providers, ProviderReports reports, Logins logins,
				Logout logout, Credentials credentials, OAuth2PkceProperties properties) {
			return new OAuth2ProvidersEndpoint(providers, reports, logins, logout, credentials,
					properties.refresh().requestTimeout());
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnWebApplication
		OAuth2ProvidersEndpointWebExtension oauth2ProvidersEndpointWebExtension(OAuth2ProvidersEndpoint endpoint) {
			return new OAuth2ProvidersEndpointWebExtension(endpoint);
		}

		@Bean
		@ConditionalOnWebApplication
		@ConditionalOnAvailableEndpoint(endpoint = OAuth2ProvidersEndpoint.class, exposure = EndpointExposure.WEB)
		EndpointOverHttp oauth2PkceEndpointOverHttp(ObjectProvider<EndpointAccessResolver> accesses) {
			EndpointAccessResolver resolver = accesses.getIfAvailable(() -> (id, defaultAccess) -> defaultAccess);
			return new EndpointOverHttp(
					resolver.accessFor(EndpointId.of("oauth2providers"), Access.READ_ONLY) == Access.UNRESTRICTED);
		}

	}

}
