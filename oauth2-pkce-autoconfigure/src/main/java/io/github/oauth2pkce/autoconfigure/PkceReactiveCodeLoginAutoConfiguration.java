package io.github.oauth2pkce.autoconfigure;

import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.spring.WebLogins;
import io.github.oauth2pkce.spring.AuthorizationRequestCustomizer;
import io.github.oauth2pkce.spring.CodeTokenClient;
import io.github.oauth2pkce.spring.IssuerWebFilter;
import io.github.oauth2pkce.spring.ReactiveSessionClientRepository;
import io.github.oauth2pkce.spring.ResourceIndicators;
import io.github.oauth2pkce.spring.WebStepUps;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.server.DefaultServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.server.ServerAuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.WebSessionOAuth2ServerAuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;

/**
 * Auto-configuration of browser logins of reactive applications: what Spring Security's
 * {@code oauth2Login()} picks up. Its {@code oauth2Client()} does not look for the
 * resolver: an application hands it over, see {@code docs/code-login.md}.
 */
@AutoConfiguration(
		after = { PkceAutoConfiguration.class, PkceClientRegistrationAutoConfiguration.class,
				PkceAuthorizedClientAutoConfiguration.class },
		beforeName = "org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientWebSecurityAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass(EnableWebFluxSecurity.class)
@ConditionalOnBean({ ReactiveClientRegistrationRepository.class, TokenEndpoint.class })
public final class PkceReactiveCodeLoginAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	AuthorizationRequestCustomizer oauth2PkceAuthorizationRequestCustomizer(Providers providers,
			ResourceIndicators resources, WebStepUps stepUps, AuthorizationServerClient client, Discovery discovery,
			WebLogins webLogins) {
		return new AuthorizationRequestCustomizer(providers, resources, stepUps, client, discovery, webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	ServerOAuth2AuthorizationRequestResolver oauth2PkceAuthorizationRequestResolver(
			ReactiveClientRegistrationRepository registrations, AuthorizationRequestCustomizer customizer,
			WebStepUps stepUps) {
		// The customizer may read metadata, and a repository of the application's own may
		// answer on an event loop.
		DefaultServerOAuth2AuthorizationRequestResolver resolver = new DefaultServerOAuth2AuthorizationRequestResolver(
				(id) -> registrations.findByRegistrationId(id).publishOn(Schedulers.boundedElastic()));
		resolver.setAuthorizationRequestCustomizer(customizer);
		return stepUps.asking(resolver);
	}

	@Bean
	@ConditionalOnMissingBean
	ReactiveOAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> oauth2PkceCodeTokenClient(
			Providers providers, TokenEndpoint tokenEndpoint, Discovery discovery, Workers workers,
			RefreshSettings settings, WebLogins webLogins) {
		return new CodeTokenClient(providers, tokenEndpoint, discovery, workers::executor, settings.requestTimeout(),
				webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(ReactiveOAuth2AuthorizedClientService.class)
	ServerOAuth2AuthorizedClientRepository authorizedClientRepository(ReactiveOAuth2AuthorizedClientService clients,
			WebLogins webLogins) {
		return ReactiveSessionClientRepository.beside(clients, webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	IssuerWebFilter oauth2PkceIssuerFilter(ReactiveClientRegistrationRepository registrations,
			ObjectProvider<ServerAuthorizationRequestRepository<OAuth2AuthorizationRequest>> pending,
			Providers providers, WebLogins webLogins) {
		return new IssuerWebFilter(registrations,
				pending.getIfUnique(WebSessionOAuth2ServerAuthorizationRequestRepository::new), providers, webLogins);
	}

}
