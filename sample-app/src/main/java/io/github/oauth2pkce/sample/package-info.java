/**
 * Starts the sample: a demo authorization server and API beside the client application.
 */
@NullMarked
package io.github.oauth2pkce.sample;

import org.jspecify.annotations.NullMarked;
