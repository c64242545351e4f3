/**
 * Where credentials are kept, and the compare-and-set that keeps them.
 */
@NullMarked
package io.github.oauth2pkce.store;

import org.jspecify.annotations.NullMarked;
