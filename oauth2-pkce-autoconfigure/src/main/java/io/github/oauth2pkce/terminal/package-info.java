/**
 * What a person at the terminal sees: notices, a QR code, a countdown, an outcome.
 */
@NullMarked
package io.github.oauth2pkce.terminal;

import org.jspecify.annotations.NullMarked;
