/**
 * The values that all rooms share: providers, states, the values of RFC 7636. The rooms,
 * from the inside out; {@code ArchitectureTests} says which room may use which:
 * <ul>
 * <li>{@code target}: which URL gets which bearer</li>
 * <li>{@code terminal}: what a person at a terminal sees</li>
 * <li>{@code token}: requests to authorization servers, and their answers (RFC 6749
 * section 5)</li>
 * <li>{@code source}: foreign tokens, and where they are read</li>
 * <li>{@code discovery}: metadata documents (RFC 8414, RFC 9728), kept per provider</li>
 * <li>{@code authentication}: clients that sign or have a certificate (RFC 7523, RFC
 * 8705)</li>
 * <li>{@code store}: where credentials are kept, with locks and encryption</li>
 * <li>{@code bearer}: a bearer on a request (RFC 6750), or the reason why not</li>
 * <li>{@code mcp}: bearers on the MCP Java SDK's requests</li>
 * <li>{@code device}: device authorization, prompt and polling (RFC 8628)</li>
 * <li>{@code code}: the login by a browser on the same machine (RFC 8252)</li>
 * <li>{@code refresh}: the stored credential and its refresh (RFC 6749 section 6), never
 * interactive</li>
 * <li>{@code login}: one running login per credential</li>
 * <li>{@code spring}: where Spring Security's filters, repositories and clients meet
 * ours</li>
 * <li>{@code observability}: what an operator sees</li>
 * <li>{@code configuration}: properties to providers</li>
 * <li>{@code runtime}: start, stop, worker threads, connections</li>
 * <li>{@code command}: what a person types</li>
 * <li>{@code autoconfigure}: wiring</li>
 * </ul>
 */
@NullMarked
package io.github.oauth2pkce;

import org.jspecify.annotations.NullMarked;
