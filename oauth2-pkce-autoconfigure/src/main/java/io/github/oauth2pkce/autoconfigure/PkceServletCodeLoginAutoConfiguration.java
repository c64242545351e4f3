package io.github.oauth2pkce.autoconfigure;

import jakarta.servlet.Filter;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.spring.WebLogins;
import io.github.oauth2pkce.spring.AuthorizationRequestCustomizer;
import io.github.oauth2pkce.spring.CodeTokenClient;
import io.github.oauth2pkce.spring.IssuerFilter;
import io.github.oauth2pkce.spring.ResourceIndicators;
import io.github.oauth2pkce.spring.SessionClientRepository;
import io.github.oauth2pkce.spring.WebStepUps;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;

/**
 * Auto-configuration of browser logins of servlet applications: what Spring Security's
 * {@code oauth2Login()} and {@code oauth2Client()} pick up.
 */
@AutoConfiguration(
		after = { PkceAutoConfiguration.class, PkceClientRegistrationAutoConfiguration.class,
				PkceAuthorizedClientAutoConfiguration.class },
		beforeName = "org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ EnableWebSecurity.class, Filter.class })
@ConditionalOnBean({ ClientRegistrationRepository.class, TokenEndpoint.class })
public final class PkceServletCodeLoginAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	AuthorizationRequestCustomizer oauth2PkceAuthorizationRequestCustomizer(Providers providers,
			ResourceIndicators resources, WebStepUps stepUps, AuthorizationServerClient client, Discovery discovery,
			WebLogins webLogins) {
		return new AuthorizationRequestCustomizer(providers, resources, stepUps, client, discovery, webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	OAuth2AuthorizationRequestResolver oauth2PkceAuthorizationRequestResolver(
			ClientRegistrationRepository registrations, AuthorizationRequestCustomizer customizer) {
		DefaultOAuth2AuthorizationRequestResolver resolver = new DefaultOAuth2AuthorizationRequestResolver(
				registrations);
		resolver.setAuthorizationRequestCustomizer(customizer);
		return resolver;
	}

	@Bean
	@ConditionalOnMissingBean
	OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> oauth2PkceCodeTokenClient(Providers providers,
			TokenEndpoint tokenEndpoint, Discovery discovery, Workers workers, RefreshSettings settings,
			WebLogins webLogins) {
		return new CodeTokenClient(providers, tokenEndpoint, discovery, workers::executor, settings.requestTimeout(),
				webLogins)::exchange;
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(OAuth2AuthorizedClientService.class)
	OAuth2AuthorizedClientRepository authorizedClientRepository(OAuth2AuthorizedClientService clients,
			WebLogins webLogins) {
		return SessionClientRepository.beside(clients, webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	IssuerFilter oauth2PkceIssuerFilter(ClientRegistrationRepository registrations,
			ObjectProvider<AuthorizationRequestRepository<OAuth2AuthorizationRequest>> pending, Providers providers,
			WebLogins webLogins) {
		return new IssuerFilter(registrations,
				pending.getIfUnique(HttpSessionOAuth2AuthorizationRequestRepository::new), providers, webLogins);
	}

}
