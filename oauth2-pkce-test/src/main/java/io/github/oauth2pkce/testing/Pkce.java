package io.github.oauth2pkce.testing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * RFC 7636 as Keycloak enforces it, in Keycloak's words.
 */
final class Pkce {

	private static final Pattern UNRESERVED = Pattern.compile("[0-9a-zA-Z\\-._~]{43,128}");

	private Pkce() {
	}

	record Challenge(String value, String method) {

		private boolean matches(String verifier) {
			return this.value.equals(this.method.equals("S256") ? s256(verifier) : verifier);
		}

	}

	static @Nullable Challenge readChallenge(FakeClient client, RecordedRequest request) {
		String challenge = request.parameter("code_challenge");
		String method = request.parameter("code_challenge_method");
		if (client.pkceRequired()) {
			checkEnforced(method);
		}
		else if (challenge == null && method == null) {
			return null;
		}
		else if (method != null && !method.equals("S256") && !method.equals("plain")) {
			throw ProtocolError.invalidRequest("Invalid parameter: code_challenge_method");
		}
		if (challenge == null) {
			throw ProtocolError.invalidRequest("Missing parameter: code_challenge");
		}
		if (!UNRESERVED.matcher(challenge).matches()) {
			throw ProtocolError.invalidRequest("Invalid parameter: code_challenge");
		}
		return new Challenge(challenge, (method != null) ? method : "plain");
	}

	private static void checkEnforced(@Nullable String method) {
		if (method == null) {
			throw ProtocolError.invalidRequest("Missing parameter: code_challenge_method");
		}
		if (!method.equals("S256")) {
			throw ProtocolError
				.invalidRequest("Invalid parameter: code challenge method is not matching the configured one");
		}
	}

	static void verify(@Nullable Challenge challenge, @Nullable String verifier) {
		if (challenge == null && verifier == null) {
			return;
		}
		if (challenge == null) {
			throw ProtocolError.invalidGrant("PKCE code verifier specified but challenge not present in authorization");
		}
		if (verifier == null) {
			throw ProtocolError.invalidGrant("PKCE code verifier not specified");
		}
		if (!UNRESERVED.matcher(verifier).matches()) {
			throw ProtocolError.invalidGrant("PKCE verification failed: Invalid code verifier");
		}
		if (!challenge.matches(verifier)) {
			throw ProtocolError.invalidGrant("PKCE verification failed: Code mismatch");
		}
	}

	private static String s256(String verifier) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
