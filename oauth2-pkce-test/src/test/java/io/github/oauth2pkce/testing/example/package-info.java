/**
 * An application, and the tests of it that {@code docs/testing.md} shows.
 */
@NullMarked
package io.github.oauth2pkce.testing.example;

import org.jspecify.annotations.NullMarked;
