/**
 * Auto-configurations; nothing else knows this package.
 */
@NullMarked
package io.github.oauth2pkce.autoconfigure;

import org.jspecify.annotations.NullMarked;
