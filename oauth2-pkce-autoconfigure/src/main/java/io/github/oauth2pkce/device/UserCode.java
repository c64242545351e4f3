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
 * @param resource the protected resource that has named the authorization server, which
 * nobody has configured; {@code null} when somebody has. Show it, and the server, so that
 * the person can tell whether to trust them
 * @param issuer that authorization server
 */
public record UserCode(String providerId, String userCode, URI verificationUri, @Nullable URI verificationUriComplete,
		Duration expiresIn, @Nullable URI resource, @Nullable String issuer) {

	/**
	 * Creates the code of a server that is configured.
	 * @param providerId the provider that the login is for
	 * @param userCode the code
	 * @param verificationUri the page to open
	 * @param verificationUriComplete the page with the code filled in, or {@code null}
	 * @param expiresIn how long the code works
	 */
	public UserCode(String providerId, String userCode, URI verificationUri, @Nullable URI verificationUriComplete,
			Duration expiresIn) {
		this(providerId, userCode, verificationUri, verificationUriComplete, expiresIn, null, null);
	}

	/** The same code, of a server that was found by its resource. */
	UserCode foundBy(URI resource, @Nullable String issuer) {
		return new UserCode(this.providerId, this.userCode, this.verificationUri, this.verificationUriComplete,
				this.expiresIn, resource, issuer);
	}

}
