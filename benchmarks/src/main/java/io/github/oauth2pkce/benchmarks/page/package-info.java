/** docs/performance.md, from the raw results and a template without figures. */
@NullMarked
package io.github.oauth2pkce.benchmarks.page;

import org.jspecify.annotations.NullMarked;
