package io.github.oauth2pkce.mcp;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.util.ClassUtils;

/** What the MCP Java SDK on the class path can do. */
public final class McpSdk {

	private static final Logger logger = LoggerFactory.getLogger(McpSdk.class);

	private static final Class<?> BUILDER = HttpClientStreamableHttpTransport.Builder.class;

	/**
	 * 2.1.0 brought two things at once: builders to which customizers can be added, and a
	 * retry that asks the customizers again. Up to 2.0.1 the retry stands behind them,
	 * and sends the headers that were refused.
	 */
	private static final boolean CUSTOMIZES_REPLAYS = ClassUtils.hasMethod(BUILDER, "addAsyncHttpRequestCustomizer",
			McpAsyncHttpClientRequestCustomizer.class);

	private McpSdk() {
	}

	/**
	 * Whether a request that is sent once more passes the customizers again, and builders
	 * take more than one.
	 * @return {@code false} before 2.1.0
	 */
	public static boolean customizesReplays() {
		return CUSTOMIZES_REPLAYS;
	}

	/** Says so where it cannot. */
	public static void check() {
		check(CUSTOMIZES_REPLAYS, BUILDER.getPackage().getImplementationVersion());
	}

	static void check(boolean customizesReplays, @Nullable String version) {
		if (!customizesReplays) {
			logger
				.warn("MCP Java SDK {} would repeat a refused request with the same bearer, so requests to MCP servers "
						+ "are not repeated after a 401: set the version of io.modelcontextprotocol.sdk:mcp-core, and of the "
						+ "other artifacts of that group, to 2.1.0 or later",
						(version != null) ? version : "before 2.1.0");
		}
	}

}
