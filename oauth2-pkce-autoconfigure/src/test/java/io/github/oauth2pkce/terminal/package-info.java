@org.jspecify.annotations.NullMarked
package io.github.oauth2pkce.terminal;
