package io.github.oauth2pkce.autoconfigure;

import java.util.stream.StreamSupport;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequestCustomizer;
import org.springframework.ai.mcp.customizer.McpClientCustomizer;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.mcp.AsyncBearerCustomizer;
import io.github.oauth2pkce.mcp.BearerErrorHandler;
import io.github.oauth2pkce.mcp.BearerTransportCustomizer;
import io.github.oauth2pkce.mcp.McpBearers;
import io.github.oauth2pkce.mcp.McpSdk;
import io.github.oauth2pkce.mcp.StatelessBearerCustomizer;
import io.github.oauth2pkce.mcp.StatelessBearerErrorHandler;
import io.github.oauth2pkce.mcp.SyncBearerCustomizer;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration of bearers on the JDK transports of the MCP Java SDK. Its WebClient
 * transports have them by {@link PkceWebClientAutoConfiguration}. An application that
 * injects the only bean of one of these types gets its own, if it has one.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class, beforeName = {
		"org.springframework.ai.mcp.client.httpclient.autoconfigure.StreamableHttpHttpClientTransportAutoConfiguration",
		"org.springframework.ai.mcp.client.httpclient.autoconfigure.SseHttpClientTransportAutoConfiguration",
		"org.springframework.ai.mcp.client.common.autoconfigure.McpClientAutoConfiguration" })
@ConditionalOnClass(McpHttpClientTransportAuthorizationErrorHandler.class)
@ConditionalOnBean(BearerTokenSource.class)
@Import(BearerExchangesConfiguration.class)
public final class PkceMcpAutoConfiguration {

	@Bean
	McpBearers oauth2PkceMcpBearers(ConfiguredProviders configured, BearerExchanges exchanges) {
		if (!configured.providers().isEmpty()) {
			McpSdk.check();
		}
		return new McpBearers(exchanges, McpSdk.customizesReplays(),
				StreamSupport.stream(configured.providers().spliterator(), false)
					.anyMatch((provider) -> provider.tokens().dpop()));
	}

	/** Last: a header that another customizer sets is the caller's. */
	@Bean
	@Fallback
	@Order(Ordered.LOWEST_PRECEDENCE)
	AsyncBearerCustomizer oauth2PkceMcpAsyncRequestCustomizer(McpBearers bearers) {
		return new AsyncBearerCustomizer(bearers);
	}

	@Bean
	@Fallback
	@Order(Ordered.LOWEST_PRECEDENCE)
	SyncBearerCustomizer oauth2PkceMcpSyncRequestCustomizer(McpBearers bearers, ResourceLoader resources) {
		return new SyncBearerCustomizer(bearers, ClassUtils
			.isPresent("org.springframework.ai.mcp.customizer.McpClientCustomizer", resources.getClassLoader()));
	}

	@Bean
	@Fallback
	BearerErrorHandler oauth2PkceMcpAuthorizationErrorHandler(McpBearers bearers) {
		return new BearerErrorHandler(bearers);
	}

	/** The stateless transport, since 2.2.0. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(McpHttpRequestCustomizer.class)
	static class Stateless {

		@Bean
		@Fallback
		@Order(Ordered.LOWEST_PRECEDENCE)
		StatelessBearerCustomizer oauth2PkceMcpStatelessRequestCustomizer(McpBearers bearers) {
			return new StatelessBearerCustomizer(bearers);
		}

		@Bean
		@Fallback
		StatelessBearerErrorHandler oauth2PkceMcpStatelessAuthorizationErrorHandler(McpBearers bearers) {
			return new StatelessBearerErrorHandler(bearers);
		}

	}

	/** Spring AI's clients. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(McpClientCustomizer.class)
	static class SpringAi {

		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		McpClientCustomizer<HttpClientStreamableHttpTransport.Builder> oauth2PkceMcpTransportCustomizer(
				AsyncBearerCustomizer customizer, BearerErrorHandler handler) {
			return new BearerTransportCustomizer(customizer, handler);
		}

	}

}
