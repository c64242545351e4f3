/**
 * Who we are to an authorization server that nobody has configured: clients that register
 * themselves (RFC 7591, RFC 7592), and client id metadata documents.
 */
@NullMarked
package io.github.oauth2pkce.registration;

import org.jspecify.annotations.NullMarked;
