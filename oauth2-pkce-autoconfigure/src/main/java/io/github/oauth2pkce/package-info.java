/**
 * Who we are to an authorization server, and the values of RFC 7636. The house, from the
 * inside out (arrows point up this list only):
 * <ul>
 * <li>{@code token}: RFC 6749 section 5, the token endpoint and its answers</li>
 * <li>{@code discovery}: RFC 8414 and RFC 9728, metadata, lazily, per provider</li>
 * <li>{@code terminal}: how a person at the terminal is told</li>
 * <li>{@code device}: RFC 8628, device authorization, prompt and polling</li>
 * <li>{@code code}: RFC 6749 section 4.1, browser logins by loopback and on the web</li>
 * <li>{@code store}: where credentials are kept</li>
 * <li>{@code bearer}: what goes on the wire, or why not</li>
 * <li>{@code refresh}: RFC 6749 section 6, never interactive</li>
 * <li>{@code spring}: Spring Security's own managers and filters over the same</li>
 * <li>{@code login}: one running login per credential</li>
 * <li>{@code observability}: what an operator sees</li>
 * <li>{@code autoconfigure}: properties and wiring</li>
 * </ul>
 */
@NullMarked
package io.github.oauth2pkce;

import org.jspecify.annotations.NullMarked;
