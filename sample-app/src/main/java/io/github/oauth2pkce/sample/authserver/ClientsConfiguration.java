package io.github.oauth2pkce.sample.authserver;

import java.time.Duration;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/**
 * Who may log in: one public device client, one person.
 */
@Configuration(proxyBeanMethods = false)
class ClientsConfiguration {

	static final String SCOPE = "models.read";

	@Bean
	RegisteredClientRepository clients(DemoSettings settings) {
		// The id is stored with each authorization, so it must not change between starts.
		return new InMemoryRegisteredClientRepository(RegisteredClient.withId("demo-cli")
			.clientId("demo-cli")
			.clientName("Demo CLI")
			.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
			.authorizationGrantType(AuthorizationGrantType.DEVICE_CODE)
			.authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
			.scope(SCOPE)
			.clientSettings(ClientSettings.builder().requireProofKey(true).build())
			.tokenSettings(tokenSettings(settings))
			.build());
	}

	static TokenSettings tokenSettings(DemoSettings settings) {
		return TokenSettings.builder()
			.accessTokenTimeToLive(settings.accessTokenLifetime())
			.reuseRefreshTokens(false)
			.refreshTokenTimeToLive(Duration.ofDays(30))
			.deviceCodeTimeToLive(Duration.ofMinutes(10))
			.build();
	}

	@Bean
	UserDetailsService users() {
		return new InMemoryUserDetailsManager(
				User.withUsername("alice").password("{noop}alice").roles("READER").build());
	}

}
