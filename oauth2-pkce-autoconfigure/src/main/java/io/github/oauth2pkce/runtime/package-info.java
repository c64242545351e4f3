/**
 * The life of the application: start, stop, worker threads and connections to
 * authorization servers.
 */
@NullMarked
package io.github.oauth2pkce.runtime;

import org.jspecify.annotations.NullMarked;
