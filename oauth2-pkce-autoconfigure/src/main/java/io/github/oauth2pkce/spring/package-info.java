/**
 * Spring Security's own managers and filters over the one store and the one refresh.
 */
@NullMarked
package io.github.oauth2pkce.spring;

import org.jspecify.annotations.NullMarked;
