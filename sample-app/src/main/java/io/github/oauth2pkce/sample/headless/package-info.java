/**
 * Plays the person and runs the whole job without one.
 */
@NullMarked
package io.github.oauth2pkce.sample.headless;

import org.jspecify.annotations.NullMarked;
