package io.github.oauth2pkce.sample.authserver;

import java.util.List;

import com.nimbusds.jose.JOSEException;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;

import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;

/**
 * An MCP server, made with the MCP Java SDK, as a protected resource: it takes tokens
 * that were issued for it, and says where to get them (RFC 9728).
 */
@Configuration(proxyBeanMethods = false)
class ToolsConfiguration {

	static final String PATH = "/mcp";

	private static final String METADATA = "/.well-known/oauth-protected-resource" + PATH;

	@Bean
	HttpServletStreamableServerTransportProvider toolsTransport() {
		return HttpServletStreamableServerTransportProvider.builder().mcpEndpoint(PATH).build();
	}

	@Bean(destroyMethod = "close")
	McpSyncServer toolsServer(HttpServletStreamableServerTransportProvider transport) {
		return McpServer.sync(transport).serverInfo("model-catalogue", "1.0").tools(ModelTools.all()).build();
	}

	@Bean
	ServletRegistrationBean<HttpServletStreamableServerTransportProvider> toolsServlet(
			HttpServletStreamableServerTransportProvider transport) {
		return new ServletRegistrationBean<>(transport, PATH);
	}

	@Bean
	@Order(0)
	SecurityFilterChain tools(HttpSecurity http, SigningKey key, DemoSettings settings) throws JOSEException {
		JwtDecoder decoder = SecurityConfiguration.decoder(key, settings, new JwtClaimValidator<List<String>>(
				JwtClaimNames.AUD, (audience) -> audience != null && audience.contains(settings.toolsUri())));
		BearerTokenAuthenticationEntryPoint challenge = new BearerTokenAuthenticationEntryPoint();
		challenge.setResourceMetadataParameterResolver((request) -> settings.issuer() + METADATA);
		http.securityMatcher(PATH, METADATA);
		http.authorizeHttpRequests((requests) -> requests.requestMatchers(METADATA)
			.permitAll()
			.anyRequest()
			.hasAuthority("SCOPE_" + ClientsConfiguration.SCOPE));
		http.oauth2ResourceServer((resource) -> resource.jwt((jwt) -> jwt.decoder(decoder))
			.authenticationEntryPoint(challenge)
			.protectedResourceMetadata((metadata) -> metadata
				.protectedResourceMetadataCustomizer((builder) -> builder.resource(settings.toolsUri())
					.authorizationServer(settings.issuer())
					.scope(ClientsConfiguration.SCOPE)
					.tlsClientCertificateBoundAccessTokens(false))));
		http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
		// No cookie is looked at.
		http.csrf(AbstractHttpConfigurer::disable);
		return http.build();
	}

}
