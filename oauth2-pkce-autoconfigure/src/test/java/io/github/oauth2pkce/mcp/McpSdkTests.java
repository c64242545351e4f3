package io.github.oauth2pkce.mcp;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.testing.LogCapture;

import static org.assertj.core.api.Assertions.assertThat;

class McpSdkTests {

	private final LogCapture log = LogCapture.of(McpSdk.class, Level.WARN);

	@BeforeEach
	void listen() {
		this.log.attach();
	}

	@AfterEach
	void stop() {
		this.log.close();
	}

	@Test
	void anSdkThatRepeatsWithTheOldBearerCausesOneSentenceThatNamesTheVersionToSet() {
		McpSdk.check(false, "2.0.1");
		assertThat(this.log.events()).extracting(ILoggingEvent::getFormattedMessage)
			.containsExactly("MCP Java SDK 2.0.1 would repeat a refused request with the same bearer, so requests to "
					+ "MCP servers are not repeated after a 401: set the version of "
					+ "io.modelcontextprotocol.sdk:mcp-core, and of the other artifacts of that group, to 2.1.0 or later");
	}

	@Test
	void aVersionThatItsJarDoesNotNameIsAnOldOne() {
		McpSdk.check(false, null);
		assertThat(this.log.events()).extracting(ILoggingEvent::getFormattedMessage)
			.singleElement()
			.asString()
			.startsWith("MCP Java SDK before 2.1.0 would");
	}

	@Test
	void nothingIsSaidOfTheSdkOfThisBuild() {
		McpSdk.check();
		assertThat(this.log.events()).isEmpty();
		assertThat(McpSdk.customizesReplays()).isTrue();
	}

}
