package io.github.oauth2pkce.discovery;

import java.net.URI;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which documents are about a resource, and where they are. */
class ResourceIdentifierTests {

	@ParameterizedTest
	@CsvSource({ "https://h/mcp, https://h/mcp", "https://h/mcp, https://h/mcp/", "https://h/mcp/, https://h/mcp",
			"https://h/mcp, https://h", "https://h/mcp, https://h/", "https://h, https://h/", "https://h/, https://h",
			"https://h/a/b/c, https://h/a/b", "https://h/a/b/c, https://h/a/", "https://h/mcp, HTTPS://H/mcp",
			"https://h/mcp, https://h:443/mcp", "https://h:443/mcp, https://h/mcp", "http://[::1]:7/m, http://[::1]:7",
			"https://h/a%20b/c, https://h/a%20b", "https://h/mcp?t=a, https://h/mcp?t=a",
			"https://h/mcp?t=a, https://h/mcp", "https://h/.hidden/..x, https://h/.hidden" })
	void matches(URI configured, String resource) {
		assertThat(ResourceIdentifier.matches(configured, resource)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://evil.example/a/mcp", "http://h/a/mcp", "https://h:8443/a/mcp", "https://h./a/mcp",
			"https://h.evil.example/a/mcp", "https://user@h/a/mcp", "https://h@evil.example/a/mcp", "https://h/a/mcp#",
			"https://h/a/mcp#x", "https://h/a/mcp/v2", "https://h/a/mcpx", "https://h/a/mc", "https://h/a/MCP",
			"https://h/a/%6dcp", "https://h/b", "https://h/a//", "https://h//a", "https://h/a/./mcp",
			"https://h/a/../a/mcp", "https://h/a/.", "https://h/a/mcp/..", "https://h/%2e", "https://h/%2E%2e/a",
			"https://h/a%2Fmcp", "https://h/a/mcp?", "https://h/a/mcp?t=a", "https://h/a?t=a", "https://h?t=a",
			"/a/mcp", "a/mcp", "//h/a/mcp", "https:/a/mcp", "https:h", "urn:mcp", "", " https://h/a/mcp",
			"https://h/a/m cp", "https://[broken", "https://h/a/mcp\\..", "ftp://h/a/mcp" })
	void otherResource(String resource) {
		assertThat(ResourceIdentifier.matches(URI.create("https://h/a/mcp"), resource)).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "https://h/mcp?t=a, https://h/mcp?t=b", "https://h/mcp?t=a, https://h/mcp?",
			"https://h/mcp/x?t=a, https://h/mcp?t=a", "https://h/a/../b, https://h/a",
			"https://h/a/%2e./b, https://h/a", "urn:mcp, urn:mcp", "https:h, https:h" })
	void otherResourceOfAnOddConfiguration(URI configured, String resource) {
		assertThat(ResourceIdentifier.matches(configured, resource)).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "https://h, https://h/.well-known/oauth-protected-resource",
			"https://h/, https://h/.well-known/oauth-protected-resource",
			"http://127.0.0.1:7/mcp, http://127.0.0.1:7/.well-known/oauth-protected-resource/mcp "
					+ "http://127.0.0.1:7/.well-known/oauth-protected-resource",
			"https://h/a/b/, https://h/.well-known/oauth-protected-resource/a/b/ "
					+ "https://h/.well-known/oauth-protected-resource",
			"https://h/mcp?t=a%20b, https://h/.well-known/oauth-protected-resource/mcp?t=a%20b "
					+ "https://h/.well-known/oauth-protected-resource",
			"https://h/?t=a, https://h/.well-known/oauth-protected-resource?t=a "
					+ "https://h/.well-known/oauth-protected-resource" })
	void metadataIsAtThePathThenAtTheRoot(URI configured, String locations) {
		assertThat(ResourceIdentifier.metadataLocations(configured)).extracting(URI::toString)
			.containsExactly(locations.split(" "));
	}

}
