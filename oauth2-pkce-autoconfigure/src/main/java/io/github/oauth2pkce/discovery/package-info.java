/**
 * RFC 8414: authorization server metadata, lazily and per provider, and the client\n *
 * registrations made from it.
 */
@NullMarked
package io.github.oauth2pkce.discovery;

import org.jspecify.annotations.NullMarked;
