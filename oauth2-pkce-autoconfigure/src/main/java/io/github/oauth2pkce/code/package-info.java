/**
 * The login by a browser on the same machine (RFC 8252 section 7.3): authorization code
 * with a proof key (RFC 7636), answered to a listener on the loopback interface.
 */
@NullMarked
package io.github.oauth2pkce.code;

import org.jspecify.annotations.NullMarked;
