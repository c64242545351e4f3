/**
 * The starter and the MCP Java SDK in an application that the MCP conformance suite can
 * judge.
 */
@NullMarked
package io.github.oauth2pkce.conformance;

import org.jspecify.annotations.NullMarked;
