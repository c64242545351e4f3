/**
 * Which URL gets which bearer: base URLs, compared as servers read them, and the policy
 * that chooses one provider for a request.
 */
@NullMarked
package io.github.oauth2pkce.target;

import org.jspecify.annotations.NullMarked;
