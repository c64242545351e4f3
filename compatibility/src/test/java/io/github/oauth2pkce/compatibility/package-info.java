/** Applications with the starter, beside what they are developed and tested with. */
@NullMarked
package io.github.oauth2pkce.compatibility;

import org.jspecify.annotations.NullMarked;
