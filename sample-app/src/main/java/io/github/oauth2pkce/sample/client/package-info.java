/**
 * The sample itself: an application that fetches a model catalogue with a bearer.
 */
@NullMarked
package io.github.oauth2pkce.sample.client;

import org.jspecify.annotations.NullMarked;
