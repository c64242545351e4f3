/**
 * Foreign tokens: where a token is read that somebody else has issued, such as that of a
 * Kubernetes service account. Grants present them (RFC 7523 section 2.1, RFC 8693), and
 * clients authenticate by them (RFC 7523 section 2.2).
 */
@NullMarked
package io.github.oauth2pkce.source;

import org.jspecify.annotations.NullMarked;
