/**
 * How a client proves who it is without a secret that it shares: by assertions (RFC 7523
 * section 2.2, OpenID Connect Core section 9), or by its certificate (RFC 8705).
 */
@NullMarked
package io.github.oauth2pkce.authentication;

import org.jspecify.annotations.NullMarked;
