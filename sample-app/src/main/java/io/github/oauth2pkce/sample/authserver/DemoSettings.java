package io.github.oauth2pkce.sample.authserver;

import java.nio.file.Path;
import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What can be set about the demo authorization server, as {@code demo.*}.
 *
 * @param port port of the authorization server and its API, on the loopback interface
 * @param dataDirectory where it keeps authorizations and signing key; delete it to start
 * afresh
 * @param accessTokenLifetime lifetime of an access token
 * @param pollInterval least time between two polls with one device code
 * @param mcp whether there is an MCP server, too, and clients may register themselves
 */
public record DemoSettings(@DefaultValue("9000") int port, @DefaultValue("target/demo-data") Path dataDirectory,
		@DefaultValue("30s") Duration accessTokenLifetime, @DefaultValue("2s") Duration pollInterval,
		@DefaultValue("false") boolean mcp) {

	String issuer() {
		return "http://127.0.0.1:" + this.port;
	}

	String toolsUri() {
		return issuer() + ToolsConfiguration.PATH;
	}

}
