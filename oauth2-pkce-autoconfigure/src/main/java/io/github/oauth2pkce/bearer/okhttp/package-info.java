/**
 * Bearers on requests of OkHttp.
 */
@NullMarked
package io.github.oauth2pkce.bearer.okhttp;

import org.jspecify.annotations.NullMarked;
