/**
 * A real Keycloak for integration tests: a child process on the loopback interface, with
 * a realm of our own. Needs the Maven profile {@code keycloak}.
 */
@NullMarked
package io.github.oauth2pkce.keycloak;

import org.jspecify.annotations.NullMarked;
