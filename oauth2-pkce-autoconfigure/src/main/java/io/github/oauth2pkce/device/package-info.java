/**
 * RFC 8628: device authorization with a proof key (RFC 7636), the prompt, and polling.
 */
@NullMarked
package io.github.oauth2pkce.device;

import org.jspecify.annotations.NullMarked;
