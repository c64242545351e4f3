/** Spring Security's own clients, which the starter is compared with. */
@NullMarked
package io.github.oauth2pkce.benchmarks.spring;

import org.jspecify.annotations.NullMarked;
