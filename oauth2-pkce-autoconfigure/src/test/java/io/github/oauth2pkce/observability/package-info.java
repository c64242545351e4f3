/**
 * Tests of what an operator sees.
 */
@NullMarked
package io.github.oauth2pkce.observability;

import org.jspecify.annotations.NullMarked;
