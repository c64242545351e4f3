/**
 * Bearers on requests of the JDK's {@code HttpClient}.
 */
@NullMarked
package io.github.oauth2pkce.bearer.jdk;

import org.jspecify.annotations.NullMarked;
