/**
 * RFC 8414 and RFC 9728: metadata of authorization servers and of the resources that
 * tokens are for, lazily and per provider, and the client registrations made from it.
 */
@NullMarked
package io.github.oauth2pkce.discovery;

import org.jspecify.annotations.NullMarked;
