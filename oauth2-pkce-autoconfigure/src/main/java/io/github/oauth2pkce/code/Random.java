package io.github.oauth2pkce.code;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/** Values that nobody can guess. */
final class Random {

	private static final SecureRandom RANDOM = new SecureRandom();

	private Random() {
	}

	/**
	 * {@return 256 bits as 43 characters that any URL, header or form can hold}
	 */
	static String value() {
		byte[] bytes = new byte[32];
		RANDOM.nextBytes(bytes);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	/** Compares in constant time. */
	static boolean isSame(String expected, String actual) {
		return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8),
				actual.getBytes(StandardCharsets.UTF_8));
	}

}
