/**
 * Where Spring Security meets the one store and the one refresh: its filters,
 * repositories, managers and token clients.
 */
@NullMarked
package io.github.oauth2pkce.spring;

import org.jspecify.annotations.NullMarked;
