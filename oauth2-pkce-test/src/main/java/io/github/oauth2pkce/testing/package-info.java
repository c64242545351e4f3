/**
 * A scriptable authorization server over real HTTP, for tests. It needs the JDK and
 * Jackson, and knows nothing of the code under test.
 */
@NullMarked
package io.github.oauth2pkce.testing;

import org.jspecify.annotations.NullMarked;
