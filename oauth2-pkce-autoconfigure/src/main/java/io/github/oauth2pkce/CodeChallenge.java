package io.github.oauth2pkce;

/**
 * The public half of a proof key, sent with the authorization or device authorization
 * request; the method is always {@code S256} (RFC 7636 section 4.2).
 *
 * @param value 43 base64url characters
 */
public record CodeChallenge(String value) {

	/** The only method this library sends. */
	public static final String METHOD = "S256";

}
