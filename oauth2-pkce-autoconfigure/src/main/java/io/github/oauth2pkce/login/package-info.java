/**
 * Logins that a person takes part in: one at a time for each credential.
 */
@NullMarked
package io.github.oauth2pkce.login;

import org.jspecify.annotations.NullMarked;
