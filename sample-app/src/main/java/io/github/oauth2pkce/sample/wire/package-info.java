/**
 * What the authorization server saw on the wire, without any secret.
 */
@NullMarked
package io.github.oauth2pkce.sample.wire;

import org.jspecify.annotations.NullMarked;
