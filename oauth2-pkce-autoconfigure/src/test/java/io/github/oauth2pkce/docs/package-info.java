/**
 * What README and docs say, checked: links, YAML, Java, and what is named in them.
 */
@NullMarked
package io.github.oauth2pkce.docs;

import org.jspecify.annotations.NullMarked;
