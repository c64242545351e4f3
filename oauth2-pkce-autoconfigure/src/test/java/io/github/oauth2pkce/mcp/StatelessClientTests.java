package io.github.oauth2pkce.mcp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/** The JDK transport of MCP 2026-07-28. */
@EnabledIf("isThere")
class StatelessClientTests extends AbstractMcpClientTests {

	static boolean isThere() {
		return ClassUtils.isPresent("io.modelcontextprotocol.modern.client.McpClient", null);
	}

	@Override
	String callTool() {
		return StatelessClient.callTool(this.server, bearers(), 1, this.timeout);
	}

	@Test
	void worksAndCountsOnceIfItIsThereTwice() {
		assertThat(StatelessClient.callTool(this.server, bearers(), 2, this.timeout)).isEqualTo("Bearer one");
		assertCounted("propagated github");
	}

	@Test
	void keepsTheAuthorizationOfAnotherCustomizer() {
		assertThat(StatelessClient.callToolAs(this.server, bearers(), "Basic abc")).isEqualTo("Basic abc");
		assertThat(this.listener.events).containsOnly("skipped github user_set");
	}

}
