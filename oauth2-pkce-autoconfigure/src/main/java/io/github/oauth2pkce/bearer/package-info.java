/**
 * RFC 6750: which bearer goes on which request, or the reason why none does.
 */
@NullMarked
package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.NullMarked;
