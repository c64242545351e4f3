package io.github.oauth2pkce.sample.client;

import java.net.URI;
import java.time.Duration;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * A client of the MCP Java SDK, with the two beans of the starter.
 */
@Configuration(proxyBeanMethods = false)
@Profile("mcp")
class ToolsConfiguration {

	/**
	 * Ends its session before the application ends: the server may end at the same time.
	 */
	@Bean(destroyMethod = "closeGracefully")
	McpSyncClient toolsClient(@Value("${oauth2.pkce.providers.tools.resource-uri}") URI server,
			@Value("${oauth2.pkce.login.timeout:5m}") Duration login, McpAsyncHttpClientRequestCustomizer bearers,
			McpHttpClientTransportAuthorizationErrorHandler recovery) {
		return McpClient
			.sync(HttpClientStreamableHttpTransport.builder(server.resolve("/").toString())
				.endpoint(server.getPath())
				.addAsyncHttpRequestCustomizer(bearers)
				.authorizationErrorHandler(recovery)
				.build())
			// As long as a login takes, if a request may start one.
			.initializationTimeout(login)
			.build();
	}

}
