package io.github.oauth2pkce.bearer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.discovery.ResourceDemand;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * A {@code Bearer} or {@code DPoP} challenge of a resource (RFC 6750 section 3, RFC 9449
 * section 7.1): why it refused a request, as far as that can be read without guessing.
 *
 * @param error the error code, {@code null} when the request had no bearer
 * @param demand what the request needs; without each parameter that is not there, there
 * twice or malformed
 */
record BearerChallenge(@Nullable String error, ResourceDemand demand) {

	/** The person has to log in again (RFC 9470 section 3); the second one is Entra's. */
	private static final Set<String> INSUFFICIENT_LOGIN = Set.of("insufficient_user_authentication",
			"insufficient_claims");

	/** RFC 6750 section 3, RFC 9449 section 7.1. */
	private static final Set<String> SCHEMES = Set.of("bearer", "dpop");

	private static final Pattern MAX_AGE = Pattern.compile("[0-9]{1,10}");

	/** Longer than any that is used. */
	private static final int LONGEST_CLAIMS = 16_384;

	/**
	 * Finds these challenges among all {@code WWW-Authenticate} values, of which each may
	 * hold several challenges of any scheme (RFC 9110 section 11.6.1).
	 * @param headerValues the values
	 * @return those that can be relied on: not those with a malformed or repeated
	 * {@code error}, and none of a value that is no list of challenges
	 */
	static List<BearerChallenge> parse(Collection<String> headerValues) {
		List<BearerChallenge> challenges = new ArrayList<>();
		for (String value : headerValues) {
			for (AuthenticationChallenge challenge : AuthenticationChallenge.parse(value)) {
				if (SCHEMES.contains(challenge.scheme().toLowerCase(Locale.ROOT))) {
					add(challenge, challenges);
				}
			}
		}
		return challenges;
	}

	/**
	 * Whether another access token may do. Not when a server says beside it that the
	 * person's login is not good enough: a refresh does not change that.
	 */
	static boolean isInvalidToken(List<BearerChallenge> challenges) {
		return challenges.stream().anyMatch(BearerChallenge::blamesToken)
				&& challenges.stream().noneMatch(BearerChallenge::isInsufficientLogin);
	}

	/**
	 * Servers that say where to get a token often give no reason, as if there had been
	 * none (RFC 6750 section 3.1).
	 */
	private boolean blamesToken() {
		return OAuth2ErrorCodes.INVALID_TOKEN.equals(error())
				|| (error() == null && demand().resourceMetadata() != null);
	}

	/** What all challenges of one answer demand together. */
	static ResourceDemand demand(List<BearerChallenge> challenges) {
		return challenges.stream().map(BearerChallenge::demand).reduce(ResourceDemand.NONE, ResourceDemand::and);
	}

	/**
	 * Whether the token is good, but not for this: by RFC 6750, by RFC 9470, or as Entra
	 * says it.
	 */
	boolean isInsufficient() {
		return OAuth2ErrorCodes.INSUFFICIENT_SCOPE.equals(this.error) || isInsufficientLogin();
	}

	private boolean isInsufficientLogin() {
		return this.error != null && INSUFFICIENT_LOGIN.contains(this.error);
	}

	private static void add(AuthenticationChallenge challenge, List<BearerChallenge> challenges) {
		List<String> errors = challenge.values("error");
		String error = single(challenge, "error");
		if (errors.isEmpty() || (error != null && isError(error))) {
			BearerChallenge read = new BearerChallenge(error, ResourceDemand.NONE);
			challenges.add(new BearerChallenge(error,
					new ResourceDemand(read.isInsufficient(), scope(challenge), acrValues(challenge), maxAge(challenge),
							claims(challenge), single(challenge, "resource_metadata"))));
		}
	}

	/** The value of a parameter that is there once. */
	private static @Nullable String single(AuthenticationChallenge challenge, String name) {
		List<String> values = challenge.values(name);
		return (values.size() == 1) ? values.get(0) : null;
	}

	private static Set<String> scope(AuthenticationChallenge challenge) {
		String scope = single(challenge, "scope");
		if (scope == null) {
			return Set.of();
		}
		String[] tokens = scope.split(" ", -1);
		for (String token : tokens) {
			if (!isScope(token)) {
				return Set.of();
			}
		}
		return new LinkedHashSet<>(List.of(tokens));
	}

	private static @Nullable String acrValues(AuthenticationChallenge challenge) {
		String values = single(challenge, "acr_values");
		return (values != null && isError(values)) ? values : null;
	}

	/** RFC 9470 section 3: a non-negative integer. */
	private static @Nullable Long maxAge(AuthenticationChallenge challenge) {
		String seconds = single(challenge, "max_age");
		return (seconds != null && MAX_AGE.matcher(seconds).matches()) ? Long.valueOf(seconds) : null;
	}

	/**
	 * Entra writes it in base64, sometimes without padding; a resource that passes on
	 * what a server wants may write the JSON itself.
	 */
	private static @Nullable String claims(AuthenticationChallenge challenge) {
		String claims = single(challenge, "claims");
		if (claims == null || claims.length() > LONGEST_CLAIMS || claims.startsWith("{")) {
			return claims;
		}
		try {
			byte[] json = Base64.getUrlDecoder().decode(claims.replace('+', '-').replace('/', '_'));
			return new String(json, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
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
