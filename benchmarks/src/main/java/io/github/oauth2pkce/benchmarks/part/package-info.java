/** What is measured in a JVM of its own, and how the samples are kept. */
@NullMarked
package io.github.oauth2pkce.benchmarks.part;

import org.jspecify.annotations.NullMarked;
