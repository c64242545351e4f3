package io.github.oauth2pkce;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The secret half of a proof key: made for one login, sent only to the token endpoint
 * (RFC 7636 section 4.1). Immutable; its text never shows the value.
 *
 * @param value 43 to 128 unreserved characters
 */
public record CodeVerifier(String value) {

	private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9\\-._~]{43,128}");

	private static final SecureRandom RANDOM = new SecureRandom();

	/**
	 * Checks the syntax.
	 * @param value the verifier
	 * @throws IllegalArgumentException when it is none of RFC 7636 section 4.1; the
	 * message does not show it
	 */
	public CodeVerifier {
		if (!SYNTAX.matcher(value).matches()) {
			throw new IllegalArgumentException(
					"A code verifier is 43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.1)");
		}
	}

	/**
	 * Makes a new verifier. RFC 7636 section 4.1 recommends 32 random bytes; more is
	 * allowed and costs nothing, but some servers limit the length to 128.
	 * @return a verifier of 64 random bytes, 86 characters
	 */
	public static CodeVerifier generate() {
		byte[] bytes = new byte[64];
		RANDOM.nextBytes(bytes);
		return new CodeVerifier(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
	}

	/**
	 * The public half: {@code BASE64URL(SHA256(ASCII(code_verifier)))} (RFC 7636 section
	 * 4.2).
	 * @return the S256 challenge
	 */
	public CodeChallenge challenge() {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(this.value.getBytes(StandardCharsets.US_ASCII));
			return new CodeChallenge(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
		}
		catch (NoSuchAlgorithmException ex) {
			// Every Java platform has SHA-256. Without it there is no fallback: RFC 7636
			// section 7.2 forbids downgrading to "plain".
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	@Override
	public String toString() {
		return "CodeVerifier[***]";
	}

}
