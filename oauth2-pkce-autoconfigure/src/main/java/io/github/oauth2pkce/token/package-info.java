/**
 * RFC 6749 section 5: the token endpoint, its answers and its errors, read in one place.
 */
@NullMarked
package io.github.oauth2pkce.token;

import org.jspecify.annotations.NullMarked;
