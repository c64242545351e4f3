/**
 * What every {@link io.github.oauth2pkce.store.TokenStore} owes its callers, as tests.
 */
@NullMarked
package io.github.oauth2pkce.testing.store;

import org.jspecify.annotations.NullMarked;
