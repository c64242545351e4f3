package io.github.oauth2pkce.sample.authserver;

import java.time.Instant;
import java.util.Base64;
import java.util.function.Consumer;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.authorization.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.crypto.keygen.Base64StringKeyGenerator;
import org.springframework.security.crypto.keygen.StringKeyGenerator;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.client.JdbcRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.token.DelegatingOAuth2TokenGenerator;
import org.springframework.security.oauth2.server.authorization.token.JwtGenerator;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenGenerator;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/**
 * What a client needs that nobody has registered: registration (RFC 7591), a login by
 * browser, a refresh token for public clients, and tokens for the resource they name.
 */
@Configuration(proxyBeanMethods = false)
@Import(ConsentController.class)
class RegistrationConfiguration {

	private static final String REGISTRATION = "/oauth2/register";

	private static final String AUTHORIZATION = "/oauth2/authorize";

	@Bean
	@Primary
	RegisteredClientRepository registeredClients(@Qualifier("clients") RegisteredClientRepository configured,
			JdbcTemplate jdbc, DemoSettings settings) {
		StorageConfiguration.createTables(jdbc, "OAUTH2_REGISTERED_CLIENT",
				"org/springframework/security/oauth2/server/authorization/client/oauth2-registered-client-schema.sql");
		return new RegisteredClients(configured, new JdbcRegisteredClientRepository(jdbc), settings);
	}

	@Bean
	ServerFeature registration() {
		return RegistrationConfiguration::addRegistration;
	}

	@Bean
	OAuth2TokenGenerator<OAuth2Token> tokenGenerator(JWKSource<SecurityContext> keys, DemoSettings settings) {
		JwtGenerator accessTokens = new JwtGenerator(new NimbusJwtEncoder(keys));
		accessTokens.setJwtCustomizer(new AudienceOfResource(settings.toolsUri()));
		return new DelegatingOAuth2TokenGenerator(accessTokens, new RefreshTokens());
	}

	private static void addRegistration(HttpSecurity http, OAuth2AuthorizationServerConfigurer server) {
		server.clientRegistrationEndpoint((registration) -> registration.openRegistrationAllowed(true)
			.authenticationProviders((providers) -> providers.forEach(withRules(new RegistrationRules()))));
		server.authorizationEndpoint((authorization) -> authorization.consentPage(ConsentController.PATH));
		http.authorizeHttpRequests((requests) -> requests.requestMatchers(HttpMethod.POST, REGISTRATION).permitAll());
		http.exceptionHandling((exceptions) -> exceptions.defaultAuthenticationEntryPointFor(
				new LoginUrlAuthenticationEntryPoint("/login"),
				PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.GET, AUTHORIZATION)));
	}

	private static Consumer<AuthenticationProvider> withRules(RegistrationRules rules) {
		return (provider) -> {
			if (provider instanceof OAuth2ClientRegistrationAuthenticationProvider registration) {
				registration.setAuthenticationValidator(rules);
				registration.setRegisteredClientConverter(rules::convert);
			}
		};
	}

	/**
	 * For public clients as well. Spring Authorization Server gives these none after a
	 * login by browser; here each is used once, as RFC 9700 section 2.2.2 wants.
	 */
	private static final class RefreshTokens implements OAuth2TokenGenerator<OAuth2RefreshToken> {

		private final StringKeyGenerator values = new Base64StringKeyGenerator(Base64.getUrlEncoder().withoutPadding(),
				96);

		@Override
		public @Nullable OAuth2RefreshToken generate(OAuth2TokenContext context) {
			if (!OAuth2TokenType.REFRESH_TOKEN.equals(context.getTokenType())) {
				return null;
			}
			Instant now = Instant.now();
			return new OAuth2RefreshToken(this.values.generateKey(), now,
					now.plus(context.getRegisteredClient().getTokenSettings().getRefreshTokenTimeToLive()));
		}

	}

}
