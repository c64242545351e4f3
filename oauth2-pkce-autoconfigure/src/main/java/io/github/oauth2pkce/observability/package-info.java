/**
 * What an operator sees: meters, log events, health and the endpoint.
 */
@NullMarked
package io.github.oauth2pkce.observability;

import org.jspecify.annotations.NullMarked;
