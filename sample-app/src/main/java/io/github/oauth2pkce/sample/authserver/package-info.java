/**
 * The demo authorization server and its protected catalogue: what Keycloak does for
 * public device clients.
 */
@NullMarked
package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.NullMarked;
