package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.observability.EndpointFilter;
import io.github.oauth2pkce.observability.EndpointGuard;
import io.github.oauth2pkce.observability.EndpointWebFilter;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Guards the endpoint in the context that serves it: the application's, or that of a port
 * for management.
 */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnAvailableEndpoint(endpoint = OAuth2ProvidersEndpoint.class, exposure = EndpointExposure.WEB)
class PkceEndpointGuardConfiguration {

	/** Apart, because a reactive application has no class of a servlet. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	static class Servlet {

		@Bean
		EndpointFilter oauth2PkceEndpointFilter(ObjectProvider<PathMappedEndpoints> endpoints,
				Environment environment) {
			return new EndpointFilter(new EndpointGuard(endpoints, environment));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	static class Reactive {

		@Bean
		EndpointWebFilter oauth2PkceEndpointWebFilter(ObjectProvider<PathMappedEndpoints> endpoints,
				Environment environment) {
			return new EndpointWebFilter(new EndpointGuard(endpoints, environment));
		}

	}

}
