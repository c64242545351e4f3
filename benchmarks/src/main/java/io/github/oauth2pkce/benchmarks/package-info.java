/** Measures what the starter costs, and makes docs/performance.md of it. */
@NullMarked
package io.github.oauth2pkce.benchmarks;

import org.jspecify.annotations.NullMarked;
