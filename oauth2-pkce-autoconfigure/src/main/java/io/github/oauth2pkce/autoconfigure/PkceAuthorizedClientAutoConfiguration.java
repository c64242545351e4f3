package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.spring.WebLogins;
import io.github.oauth2pkce.spring.ClientCredentialsTokenClient;
import io.github.oauth2pkce.spring.NonLoggingExtractor;
import io.github.oauth2pkce.spring.ReactiveClientCredentialsTokenClient;
import io.github.oauth2pkce.spring.ReactiveProviderClientRegistrationRepository;
import io.github.oauth2pkce.spring.ReactiveRefreshTokenClient;
import io.github.oauth2pkce.spring.ReactiveStoredAuthorizedClientService;
import io.github.oauth2pkce.spring.RefreshTokenClient;
import io.github.oauth2pkce.spring.ResourceIndicators;
import io.github.oauth2pkce.spring.StoredAuthorizedClientService;
import io.github.oauth2pkce.spring.StoredLogins;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/**
 * Auto-configuration of what Spring Security's own managers and filters keep their tokens
 * in and refresh them by, for both stacks.
 */
@AutoConfiguration(after = { PkceAutoConfiguration.class, PkceClientRegistrationAutoConfiguration.class },
		beforeName = { "org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration",
				"org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration" })
@ConditionalOnBean({ Credentials.class, ClientRegistrationRepository.class })
@Conditional(PkceClientRegistrationAutoConfiguration.OnProviders.class)
@Lazy
public final class PkceAuthorizedClientAutoConfiguration {

	@Bean
	StoredLogins oauth2PkceStoredLogins(Providers providers, Credentials credentials, WebLogins webLogins) {
		return new StoredLogins(providers, credentials, Clock.systemUTC(), webLogins);
	}

	@Bean
	@ConditionalOnMissingBean
	OAuth2AuthorizedClientService authorizedClientService(StoredLogins logins,
			ClientRegistrationRepository registrations) {
		return new StoredAuthorizedClientService(logins, registrations);
	}

	/** A repository of the application's own may know more than the other stack's. */
	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(ReactiveProviderClientRegistrationRepository.class)
	ReactiveOAuth2AuthorizedClientService reactiveAuthorizedClientService(OAuth2AuthorizedClientService clients) {
		return new ReactiveStoredAuthorizedClientService(clients);
	}

	@Bean
	@ConditionalOnMissingBean
	OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> oauth2PkceRefreshTokenClient(StoredLogins logins,
			RefreshSettings settings, ResourceIndicators resources) {
		RestClientRefreshTokenTokenResponseClient others = new RestClientRefreshTokenTokenResponseClient();
		others.addParametersConverter(resources::parameters);
		return new RefreshTokenClient(logins, others, settings.callerDeadline());
	}

	@Bean
	@ConditionalOnMissingBean
	ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> oauth2PkceReactiveRefreshTokenClient(
			StoredLogins logins, RefreshSettings settings, ResourceIndicators resources) {
		WebClientReactiveRefreshTokenTokenResponseClient others = new WebClientReactiveRefreshTokenTokenResponseClient();
		others.addParametersConverter(resources::parameters);
		others.setBodyExtractor(NonLoggingExtractor.ofTokenResponse());
		return new ReactiveRefreshTokenClient(logins, others, settings.callerDeadline());
	}

	@Bean
	@ConditionalOnMissingBean
	OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> oauth2PkceClientCredentialsTokenClient(
			StoredLogins logins, RefreshSettings settings) {
		return new ClientCredentialsTokenClient(logins, new RestClientClientCredentialsTokenResponseClient(),
				settings.callerDeadline());
	}

	@Bean
	@ConditionalOnMissingBean
	ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> oauth2PkceReactiveClientCredentialsTokenClient(
			StoredLogins logins, RefreshSettings settings) {
		WebClientReactiveClientCredentialsTokenResponseClient others = new WebClientReactiveClientCredentialsTokenResponseClient();
		others.setBodyExtractor(NonLoggingExtractor.ofTokenResponse());
		return new ReactiveClientCredentialsTokenClient(logins, others, settings.callerDeadline());
	}

}
