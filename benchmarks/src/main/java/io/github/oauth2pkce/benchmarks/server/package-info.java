/** Servers on the loopback interface: tokens, metadata, and an API. */
@NullMarked
package io.github.oauth2pkce.benchmarks.server;

import org.jspecify.annotations.NullMarked;
