/**
 * RFC 6749 section 4.1 with a proof key (RFC 7636): browser logins, by loopback (RFC
 * 8252) where there is no web server, and by Spring Security's filters where there is
 * one.
 */
@NullMarked
package io.github.oauth2pkce.code;

import org.jspecify.annotations.NullMarked;
