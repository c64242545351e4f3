/**
 * What the client and the authorization server of the sample share to protect themselves.
 */
@NullMarked
package io.github.oauth2pkce.sample.guard;

import org.jspecify.annotations.NullMarked;
