/**
 * Tests of the wiring, from properties to what a user of the starter sees.
 */
@NullMarked
package io.github.oauth2pkce.autoconfigure;

import org.jspecify.annotations.NullMarked;
