/**
 * Metadata of authorization servers (RFC 8414) and of protected resources (RFC 9728),
 * read lazily and kept for each provider.
 */
@NullMarked
package io.github.oauth2pkce.discovery;

import org.jspecify.annotations.NullMarked;
