package io.github.oauth2pkce.sample.authserver;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.http.converter.OAuth2ErrorHttpMessageConverter;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationConsentService;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2DeviceAuthorizationRequestAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2DeviceCodeAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2RefreshTokenAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.SimpleUrlAuthenticationSuccessHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/**
 * Three filter chains: the protocol endpoints, the API behind bearers, the pages for the
 * person.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	private static final String DEVICE_VERIFICATION = "/oauth2/device_verification";

	@Bean
	AuthorizationServerSettings authorizationServerSettings(DemoSettings settings) {
		return AuthorizationServerSettings.builder()
			.issuer(settings.issuer())
			.deviceVerificationEndpoint(DEVICE_VERIFICATION)
			.build();
	}

	@Bean
	OAuth2AuthorizationConsentService authorizationConsentService() {
		return new AskEveryTime();
	}

	@Bean
	JWKSource<SecurityContext> jwkSource(SigningKey key) {
		return new ImmutableJWKSet<>(new JWKSet(key.rsa()));
	}

	@Bean
	JwtDecoder jwtDecoder(SigningKey key, DemoSettings settings) throws JOSEException {
		return decoder(key, settings, (token) -> OAuth2TokenValidatorResult.success());
	}

	static JwtDecoder decoder(SigningKey key, DemoSettings settings, OAuth2TokenValidator<Jwt> validator)
			throws JOSEException {
		NimbusJwtDecoder decoder = NimbusJwtDecoder.withPublicKey(key.rsa().toRSAPublicKey()).build();
		// The usual minute of clock skew would hide that a token of 30 seconds has ended.
		decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(new JwtTimestampValidator(Duration.ZERO),
				new JwtIssuerValidator(settings.issuer()), validator));
		return decoder;
	}

	@Bean
	PollPace pollPace(Clock clock, DemoSettings settings) {
		return new PollPace(clock, settings.pollInterval());
	}

	@Bean
	@Order(1)
	SecurityFilterChain protocol(HttpSecurity http, DemoSettings settings, RegisteredClientRepository clients,
			OAuth2AuthorizationService authorizations, SpentRefreshTokens spent, PollPace pace,
			ObjectProvider<ServerFeature> features) {
		http.oauth2AuthorizationServer((server) -> {
			http.securityMatcher(server.getEndpointsMatcher());
			features.forEach((feature) -> feature.addTo(http, server));
			server.authorizationServerMetadataEndpoint((metadata) -> metadata
				.authorizationServerMetadataCustomizer((builder) -> builder.tokenEndpointAuthenticationMethod("none")
					.tokenRevocationEndpointAuthenticationMethod("none")));
			server.clientAuthentication((client) -> client.authenticationConverter(new PublicClientConverter())
				.authenticationProvider(new PublicClientProvider(clients))
				.errorResponseHandler(clientErrors()));
			server.deviceAuthorizationEndpoint((device) -> device
				.authenticationProviders(wrap(OAuth2DeviceAuthorizationRequestAuthenticationProvider.class,
						(provider) -> new DeviceAuthorizationProvider(provider, authorizations)))
				.deviceAuthorizationResponseHandler(
						new DeviceAuthorizationAnswer(settings.issuer() + "/activate", pace)));
			server.deviceVerificationEndpoint((device) -> device.consentPage("/confirm")
				.deviceVerificationResponseHandler(new SimpleUrlAuthenticationSuccessHandler("/activated"))
				.errorResponseHandler(verificationErrors()));
			server.tokenEndpoint(
					(token) -> token.authenticationProviders(wrap(OAuth2DeviceCodeAuthenticationProvider.class,
							(provider) -> new DeviceCodeProvider(provider, authorizations, pace))
						.andThen(wrap(OAuth2RefreshTokenAuthenticationProvider.class,
								(provider) -> new RefreshTokenProvider(provider, authorizations, spent)))));
		});
		http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.exceptionHandling((exceptions) -> exceptions.defaultAuthenticationEntryPointFor(
				new LoginUrlAuthenticationEntryPoint("/login"),
				PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.GET, DEVICE_VERIFICATION)));
		return http.build();
	}

	@Bean
	@Order(2)
	SecurityFilterChain api(HttpSecurity http) {
		http.securityMatcher("/api/**");
		http.authorizeHttpRequests(
				(requests) -> requests.anyRequest().hasAuthority("SCOPE_" + ClientsConfiguration.SCOPE));
		http.oauth2ResourceServer((resource) -> resource.jwt((jwt) -> {
		}));
		http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
		return http.build();
	}

	@Bean
	@Order(3)
	SecurityFilterChain pages(HttpSecurity http) {
		// Metadata that is not there must be a 404; a login page there would look like an
		// answer.
		http.authorizeHttpRequests((requests) -> requests
			.requestMatchers("/", "/login", "/activate", "/activated", "/denied", "/wire", "/error", "/.well-known/**",
					"/favicon.ico")
			.permitAll()
			.anyRequest()
			.authenticated());
		http.formLogin((form) -> form.loginPage("/login").defaultSuccessUrl("/activate"));
		http.headers((headers) -> headers.contentSecurityPolicy((policy) -> policy
			.policyDirectives("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")));
		return http.build();
	}

	private static Consumer<List<AuthenticationProvider>> wrap(Class<?> type,
			UnaryOperator<AuthenticationProvider> wrapper) {
		return (providers) -> providers
			.replaceAll((provider) -> type.isInstance(provider) ? wrapper.apply(provider) : provider);
	}

	private static AuthenticationFailureHandler clientErrors() {
		OAuth2ErrorHttpMessageConverter converter = new OAuth2ErrorHttpMessageConverter();
		return (request, response, exception) -> {
			boolean client = exception instanceof OAuth2AuthenticationException oauth2
					&& OAuth2ErrorCodes.INVALID_CLIENT.equals(oauth2.getError().getErrorCode());
			OAuth2AuthenticationException error = client ? Errors.invalidClient()
					: Errors.invalidRequest(String.valueOf(exception.getMessage()));
			response.setStatus((client ? HttpStatus.UNAUTHORIZED : HttpStatus.BAD_REQUEST).value());
			converter.write(error.getError(), null, new ServletServerHttpResponse(response));
		};
	}

	private static AuthenticationFailureHandler verificationErrors() {
		return (request, response, exception) -> {
			boolean denied = exception instanceof OAuth2AuthenticationException oauth2
					&& OAuth2ErrorCodes.ACCESS_DENIED.equals(oauth2.getError().getErrorCode());
			response.sendRedirect(denied ? "/denied" : "/activate?error");
		};
	}

}
