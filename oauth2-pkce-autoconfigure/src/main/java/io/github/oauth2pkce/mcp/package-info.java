/**
 * Bearers on requests of the MCP Java SDK's clients to MCP servers over HTTP.
 */
@NullMarked
package io.github.oauth2pkce.mcp;

import org.jspecify.annotations.NullMarked;
