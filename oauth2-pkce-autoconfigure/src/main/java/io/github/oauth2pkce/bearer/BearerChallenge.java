package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * A {@code Bearer} challenge of a resource (RFC 6750 section 3): why it refused a
 * request, as far as that can be read without guessing.
 *
 * @param error the error code, {@code null} when the request had no bearer
 * @param scope the scopes that the request needs; empty when not said, said twice or
 * malformed
 */
record BearerChallenge(@Nullable String error, Set<String> scope) {

	/**
	 * The token is good, but not for this: by RFC 6750, by RFC 9470, and as Entra says
	 * it.
	 */
	private static final Set<String> INSUFFICIENT = Set.of(OAuth2ErrorCodes.INSUFFICIENT_SCOPE,
			"insufficient_user_authentication", "insufficient_claims");

	/**
	 * Finds the Bearer challenges among all {@code WWW-Authenticate} values, of which
	 * each may hold several challenges of any scheme (RFC 9110 section 11.6.1).
	 * @param headerValues the values
	 * @return those that can be relied on: not those with a malformed or repeated
	 * {@code error}, and none of a value that is no list of challenges
	 */
	static List<BearerChallenge> parse(Collection<String> headerValues) {
		List<BearerChallenge> challenges = new ArrayList<>();
		for (String value : headerValues) {
			for (AuthenticationChallenge challenge : AuthenticationChallenge.parse(value)) {
				if (challenge.scheme().equalsIgnoreCase("Bearer")) {
					add(challenge, challenges);
				}
			}
		}
		return challenges;
	}

	static boolean isInvalidToken(Collection<String> headerValues) {
		return parse(headerValues).stream()
			.anyMatch((challenge) -> OAuth2ErrorCodes.INVALID_TOKEN.equals(challenge.error()));
	}

	static boolean isInsufficient(Collection<String> headerValues) {
		return parse(headerValues).stream()
			.anyMatch((challenge) -> challenge.error() != null && INSUFFICIENT.contains(challenge.error()));
	}

	private static void add(AuthenticationChallenge challenge, List<BearerChallenge> challenges) {
		List<String> errors = challenge.values("error");
		if (errors.isEmpty()) {
			challenges.add(new BearerChallenge(null, scope(challenge)));
		}
		else if (errors.size() == 1 && isError(errors.get(0))) {
			challenges.add(new BearerChallenge(errors.get(0), scope(challenge)));
		}
	}

	private static Set<String> scope(AuthenticationChallenge challenge) {
		List<String> scopes = challenge.values("scope");
		if (scopes.size() != 1) {
			return Set.of();
		}
		String[] tokens = scopes.get(0).split(" ", -1);
		for (String token : tokens) {
			if (!isScope(token)) {
				return Set.of();
			}
		}
		return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(tokens)));
	}

	/** RFC 6750 section 3: %x20-21 / %x23-5B / %x5D-7E. */
	private static boolean isError(String text) {
		return !text.isEmpty() && text.chars().allMatch((c) -> c == ' ' || isScopeCharacter(c));
	}

	/** RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ). */
	private static boolean isScope(String text) {
		return !text.isEmpty() && text.chars().allMatch(BearerChallenge::isScopeCharacter);
	}

	private static boolean isScopeCharacter(int c) {
		return c > ' ' && c < 0x7f && c != '"' && c != '\\';
	}

}
