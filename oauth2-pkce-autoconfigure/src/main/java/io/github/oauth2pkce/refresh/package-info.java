/**
 * RFC 6749 section 6, never interactive: one credential, its state, and its refresh
 * flight.
 */
@NullMarked
package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.NullMarked;
