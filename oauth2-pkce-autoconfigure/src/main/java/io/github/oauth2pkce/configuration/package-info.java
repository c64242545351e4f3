/**
 * Properties to providers: reads, validates and explains what an application configures.
 */
@NullMarked
package io.github.oauth2pkce.configuration;

import org.jspecify.annotations.NullMarked;
