/** How long an application takes to start: a fresh JVM each time. */
@NullMarked
package io.github.oauth2pkce.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
