/**
 * What a person types: commands that run instead of the application.
 */
@NullMarked
package io.github.oauth2pkce.command;

import org.jspecify.annotations.NullMarked;
