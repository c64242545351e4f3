package io.github.oauth2pkce.testing;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes secrets, and remembers all that were ever made or seen.
 */
final class Secrets {

	private static final List<String> SECRET_PARAMETERS = List.of("code", "code_verifier", "client_assertion",
			"client_secret", "device_code", "refresh_token", "state", "token", "assertion", "subject_token",
			"actor_token");

	private static final List<String> SECRET_MEMBERS = List.of("access_token", "client_secret", "device_code",
			"id_token", "refresh_token", "registration_access_token");

	// Shorter ones would be found by accident in innocent text.
	private static final int SHORTEST = 8;

	private final SecureRandom random = new SecureRandom();

	private final Set<String> known = new LinkedHashSet<>();

	/**
	 * A new secret of characters that no encoding changes, so that a search for it in a
	 * log or a URL finds it.
	 */
	String next(String prefix) {
		byte[] bytes = new byte[24];
		this.random.nextBytes(bytes);
		String secret = prefix + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
		add(secret);
		return secret;
	}

	String nextUserCode() {
		// RFC 8628 section 6.1: no vowels, so no words.
		String alphabet = "BCDFGHJKLMNPQRSTVWXZ";
		StringBuilder code = new StringBuilder();
		this.random.ints(8, 0, alphabet.length()).forEach((index) -> code.append(alphabet.charAt(index)));
		return code.insert(4, '-').toString();
	}

	synchronized void add(@Nullable String secret) {
		if (secret != null && secret.length() >= SHORTEST) {
			this.known.add(secret);
		}
	}

	void addFrom(RecordedRequest request) {
		SECRET_PARAMETERS.forEach((name) -> request.parameters(name).forEach(this::add));
		add(request.bearer());
	}

	void addFrom(Answer answer) {
		JsonNode body = Json.readLeniently(answer.body());
		for (String member : SECRET_MEMBERS) {
			JsonNode value = body.path(member);
			if (value.isString()) {
				add(value.stringValue());
			}
		}
	}

	synchronized Set<String> all() {
		return new LinkedHashSet<>(this.known);
	}

}
