package io.github.oauth2pkce.device;

import java.net.URI;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What a person needs to finish a device login (RFC 8628 section 3.3). Printable: it was
 * stripped of control characters, and its addresses are https or loopback.
 *
 * @param providerId the provider that the login is for
 * @param userCode the code. Show it always, also beside {@code verificationUriComplete}:
 * comparing it protects from phishing (RFC 8628 section 3.3.1)
 * @param verificationUri the page to open
 * @param verificationUriComplete the page with the code filled in, {@code null} when the
 * server has none
 * @param expiresIn how long the code works, from when it was issued
 */
public record UserCode(String providerId, String userCode, URI verificationUri, @Nullable URI verificationUriComplete,
		Duration expiresIn) {

}
