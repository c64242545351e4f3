package io.github.oauth2pkce.sample.authserver;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;

/**
 * The S256 code challenge of a device authorization request (RFC 7636 on RFC 8628), and
 * the checks Keycloak makes on it.
 *
 * @param value the challenge
 */
record CodeChallenge(String value) {

	/** RFC 7636 section 4.1: 43*128unreserved. */
	private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9\\-._~]{43,128}");

	static CodeChallenge required(Map<String, Object> parameters) {
		Object method = parameters.get(PkceParameterNames.CODE_CHALLENGE_METHOD);
		if (method == null) {
			throw Errors.invalidRequest("Missing parameter: code_challenge_method");
		}
		if (!"S256".equals(method)) {
			throw Errors.invalidRequest("Invalid parameter: code challenge method is not matching the configured one");
		}
		Object challenge = parameters.get(PkceParameterNames.CODE_CHALLENGE);
		if (challenge == null) {
			throw Errors.invalidRequest("Missing parameter: code_challenge");
		}
		if (!(challenge instanceof String value) || !SYNTAX.matcher(value).matches()) {
			throw Errors.invalidRequest("Invalid parameter: code_challenge");
		}
		return new CodeChallenge(value);
	}

	void verify(@Nullable Object verifier) {
		if (verifier == null) {
			throw Errors.invalidGrant("PKCE code verifier not specified");
		}
		if (!(verifier instanceof String value) || !SYNTAX.matcher(value).matches()) {
			throw Errors.invalidGrant("PKCE verification failed: Invalid code verifier");
		}
		if (!MessageDigest.isEqual(s256(value).getBytes(StandardCharsets.US_ASCII),
				this.value.getBytes(StandardCharsets.US_ASCII))) {
			throw Errors.invalidGrant("PKCE verification failed: Code mismatch");
		}
	}

	static String s256(String verifier) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
