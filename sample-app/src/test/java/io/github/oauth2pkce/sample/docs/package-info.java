/**
 * What the documents tell a newcomer to do, done.
 */
@NullMarked
package io.github.oauth2pkce.sample.docs;

import org.jspecify.annotations.NullMarked;
