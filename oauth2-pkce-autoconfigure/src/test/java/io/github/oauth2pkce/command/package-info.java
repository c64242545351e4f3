@NullMarked
package io.github.oauth2pkce.command;

import org.jspecify.annotations.NullMarked;
