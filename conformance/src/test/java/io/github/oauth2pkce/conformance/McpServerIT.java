package io.github.oauth2pkce.conformance;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.mcp.client.webflux.transport.WebClientStreamableHttpTransport;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * MCP servers of the official TypeScript SDK, which know nothing of us: all that the
 * application knows is an address.
 */
@Timeout(60)
class McpServerIT {

	private static final String EXAMPLE = "@modelcontextprotocol/sdk/dist/esm/examples/server/simpleStreamableHttp.js";

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "webclient", "jdk" })
	void callsAToolOfTheSdksExample(String transport) throws Exception {
		int port = freePort();
		int authorizationPort = freePort();
		String resource = "http://localhost:" + port + "/mcp";
		try (NodeServer server = NodeServer.module(EXAMPLE, List.of("--oauth", "--oauth-strict"),
				Map.of("MCP_PORT", "" + port, "MCP_AUTH_PORT", "" + authorizationPort),
				Pattern.compile("MCP Streamable HTTP Server listening"))) {
			try (PeerApplication application = start(resource, "oauth2.pkce.login.on-request=always");
					McpSyncClient client = client(application, transport, resource)) {
				client.initialize();
				assertThat(client.listTools().tools()).extracting(Tool::name).contains("greet");
				assertThat(call(client, "greet", Map.of("name", "Alice"))).isEqualTo("Hello, Alice!");
			}
			try (PeerApplication application = start(resource);
					McpSyncClient client = client(application, transport, resource)) {
				client.initialize();
				assertThat(call(client, "greet", Map.of("name", "Bob"))).isEqualTo("Hello, Bob!");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "webclient", "jdk" })
	void refreshesWhatHasExpiredAndRestartsWithoutALogin(String transport) {
		try (NodeServer server = NodeServer.script("mcp-server.mjs", Map.of("OPTIONS", "{\"lifetime\":2}"))) {
			String resource = JsonMapper.shared().readTree(server.firstLine()).path("resource").stringValue();
			String id;
			try (PeerApplication application = start(resource, "oauth2.pkce.login.on-request=always");
					McpSyncClient client = client(application, transport, resource)) {
				client.initialize();
				assertThat(client.listTools().tools()).extracting(Tool::name).containsExactly("whoami");
				id = application.client().id();
				untilRefreshed(server, client, id);
			}
			try (PeerApplication application = start(resource);
					McpSyncClient client = client(application, transport, resource)) {
				client.initialize();
				untilRefreshed(server, client, id);
			}
			assertThat(server.count("registered", 1)).isOne();
			assertThat(server.count("logged in", 1)).isOne();
		}
	}

	/** No call fails meanwhile. */
	private static void untilRefreshed(NodeServer server, McpSyncClient client, String id) {
		long before = server.count("refreshed");
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
			assertThat(call(client, "whoami", Map.of())).isEqualTo("client " + id);
			return server.count("refreshed") > before;
		});
	}

	private PeerApplication start(String resource, String... properties) {
		return PeerApplication.start(this.directory, "resource-uri=" + resource, properties);
	}

	private static McpSyncClient client(PeerApplication application, String transport, String resource) {
		return McpClient.sync(transport.equals("jdk") ? jdk(application, resource) : webClient(application, resource))
			.initializationTimeout(Duration.ofSeconds(20))
			.requestTimeout(Duration.ofSeconds(20))
			.build();
	}

	private static McpClientTransport jdk(PeerApplication application, String resource) {
		return HttpClientStreamableHttpTransport.builder(resource.replace("/mcp", ""))
			.endpoint("/mcp")
			.addAsyncHttpRequestCustomizer(application.context.getBean(McpAsyncHttpClientRequestCustomizer.class))
			.authorizationErrorHandler(
					application.context.getBean(McpHttpClientTransportAuthorizationErrorHandler.class))
			.build();
	}

	private static McpClientTransport webClient(PeerApplication application, String resource) {
		return WebClientStreamableHttpTransport
			.builder(application.context.getBean(WebClient.Builder.class).baseUrl(resource.replace("/mcp", "")))
			.endpoint("/mcp")
			.build();
	}

	private static String call(McpSyncClient client, String tool, Map<String, Object> arguments) {
		return client.callTool(CallToolRequest.builder(tool).arguments(arguments).build())
			.content()
			.stream()
			.flatMap((content) -> (content instanceof TextContent text) ? Stream.of(text.text()) : Stream.empty())
			.findFirst()
			.orElseThrow();
	}

	/** The example is told its ports. */
	private static int freePort() throws java.io.IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

}
