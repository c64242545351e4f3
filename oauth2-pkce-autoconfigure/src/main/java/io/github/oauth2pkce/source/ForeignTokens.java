package io.github.oauth2pkce.source;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;
import io.github.oauth2pkce.token.JsonAnswer;

/**
 * The one door to foreign tokens: read anew each time, trimmed, and looked at, so that no
 * server is asked with a token that cannot work. Blocking and thread-safe.
 */
public final class ForeignTokens {

	/** Characters; larger than what servers and their gateways take in one parameter. */
	static final int LARGEST = 64 * 1024;

	private final Map<Source, ForeignTokenReader> readers = new EnumMap<>(Source.class);

	private final InstantSource clock;

	/**
	 * Creates the door.
	 * @param readers the readers; the first of a kind is used
	 * @param clock the wall clock
	 */
	public ForeignTokens(List<ForeignTokenReader> readers, InstantSource clock) {
		readers.forEach((reader) -> this.readers.putIfAbsent(reader.source(), reader));
		this.clock = clock;
	}

	/**
	 * Reads a token.
	 * @param token where
	 * @param context who it is for
	 * @return the token, neither blank nor ended
	 * @throws ForeignTokenException when there is none
	 */
	public String read(ForeignToken token, Context context) {
		String found = reader(token).read(token, context);
		String value = (found != null) ? found.strip() : "";
		if (value.isEmpty()) {
			throw ForeignTokenException.missing(token, "it is empty");
		}
		if (value.length() > LARGEST) {
			throw ForeignTokenException.missing(token, "it is larger than " + LARGEST + " characters");
		}
		if (value.chars().anyMatch((c) -> c <= ' ' || c > '~')) {
			// RFC 6749 appendix A: visible characters. A file with two tokens, or none.
			throw ForeignTokenException.missing(token, "what is there is not a token");
		}
		Instant end = end(value);
		if (end != null && !this.clock.instant().isBefore(end)) {
			throw new ForeignTokenException(Problem.SUBJECT_TOKEN_EXPIRED, token, "it has ended at " + end, null);
		}
		return value;
	}

	private ForeignTokenReader reader(ForeignToken token) {
		ForeignTokenReader reader = this.readers.get(token.source());
		if (reader == null) {
			throw new IllegalStateException("There is no ForeignTokenReader for " + token.source().key());
		}
		return reader;
	}

	/**
	 * When a token ends by its own words (RFC 7519 section 4.1.4), not verified: that is
	 * the server's task.
	 * @param token the token
	 * @return {@code null} when it does not say so
	 */
	public static @Nullable Instant end(String token) {
		String[] parts = token.split("\\.", -1);
		if (parts.length != 3) {
			return null;
		}
		try {
			byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
			JsonAnswer json = JsonAnswer.parse(new String(claims, StandardCharsets.UTF_8));
			return (json != null) ? json.instant("exp") : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
