package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of {@code @WebMvcTest} and {@code @WebFluxTest} only, which have
 * Spring Security's filters and nothing of ours: the client registrations that
 * {@code oauth2Login()} needs, without a store, a thread or a way to a server.
 */
@AutoConfiguration(before = PkceClientRegistrationAutoConfiguration.class, after = PkceAutoConfiguration.class)
@ConditionalOnSwitch("oauth2.pkce.enabled")
@ConditionalOnMissingBean(Providers.class)
@EnableConfigurationProperties(OAuth2PkceProperties.class)
@Import(ProvidersConfiguration.class)
public final class PkceWebSliceAutoConfiguration {

	@Bean
	Discovery oauth2PkceDiscovery(OAuth2PkceProperties properties) {
		return new Discovery(new AuthorizationServerClient((provider) -> {
			throw new DiscoveryException(
					"A test of a part of the application does not ask the authorization server of '" + provider.id()
							+ "': use @SpringBootTest, or configure its endpoints",
					false, null);
		}, properties.refresh().requestTimeout()), new SteadyClock());
	}

}
