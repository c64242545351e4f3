/**
 * Bearers on requests of OpenFeign.
 */
@NullMarked
package io.github.oauth2pkce.bearer.feign;

import org.jspecify.annotations.NullMarked;
