/** What one request with a valid token costs: JMH, over a stubbed exchange. */
@NullMarked
package io.github.oauth2pkce.benchmarks.request;

import org.jspecify.annotations.NullMarked;
