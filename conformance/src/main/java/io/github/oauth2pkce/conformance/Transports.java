package io.github.oauth2pkce.conformance;

import java.net.URI;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.modern.client.transport.HttpClientMcpTransport;
import io.modelcontextprotocol.modern.client.transport.McpHttpAuthorizationErrorHandler;
import io.modelcontextprotocol.modern.client.transport.McpHttpRequestCustomizer;
import org.springframework.ai.mcp.client.webflux.transport.WebClientStreamableHttpTransport;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The HTTP transports of the MCP Java SDK; {@code transport} chooses one. Requests over
 * {@code WebClient} have their bearers by its builder, the others by the customizers that
 * the starter contributes.
 */
@Configuration(proxyBeanMethods = false)
class Transports {

	private final URI server;

	Transports(@Value("${server}") URI server) {
		this.server = server;
	}

	@Bean
	@ConditionalOnProperty(name = "transport", havingValue = "webclient")
	McpServer overWebClient(WebClient.Builder webClient) {
		return new HandshakeServer(
				WebClientStreamableHttpTransport.builder(webClient.baseUrl(origin())).endpoint(path()).build());
	}

	@Bean
	@ConditionalOnProperty(name = "transport", havingValue = "jdk")
	McpServer overJdk(McpAsyncHttpClientRequestCustomizer bearer,
			McpHttpClientTransportAuthorizationErrorHandler recovery) {
		return new HandshakeServer(HttpClientStreamableHttpTransport.builder(origin())
			.endpoint(path())
			.addAsyncHttpRequestCustomizer(bearer)
			.authorizationErrorHandler(recovery)
			.build());
	}

	@Bean
	@ConditionalOnProperty(name = "transport", havingValue = "stateless")
	McpServer stateless(McpHttpRequestCustomizer bearer, McpHttpAuthorizationErrorHandler recovery) {
		return new StatelessServer(HttpClientMcpTransport.builder(this.server)
			.requestCustomizer(bearer)
			.authorizationErrorHandler(recovery)
			.build());
	}

	private String path() {
		return this.server.getPath().isEmpty() ? "/" : this.server.getPath();
	}

	private String origin() {
		return this.server.getScheme() + "://" + this.server.getAuthority();
	}

}
