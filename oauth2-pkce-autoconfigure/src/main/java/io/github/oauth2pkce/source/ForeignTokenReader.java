package io.github.oauth2pkce.source;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;

/**
 * Reads tokens from one kind of place. A new kind is a constant of
 * {@link ForeignToken.Source} and a bean of this type. Thread-safe; may block.
 */
public interface ForeignTokenReader {

	/**
	 * {@return the kind of place}
	 */
	ForeignToken.Source source();

	/**
	 * Reads a token.
	 * @param token where
	 * @param context who it is for
	 * @return what is there, {@code null} or blank when there is nothing
	 * @throws ForeignTokenException when there is nothing, and one can say why
	 */
	@Nullable Found read(ForeignToken token, SubjectTokenSource.Context context);

	/**
	 * What was found. Its text shows no token.
	 *
	 * @param token the token
	 * @param origin what makes it another one: itself, or the login that it belongs to,
	 * whose tokens change while it stays the same
	 */
	record Found(String token, String origin) {

		/**
		 * A token that stands for itself.
		 * @param token the token, {@code null} for none
		 * @return what was found, {@code null} for nothing
		 */
		public static @Nullable Found of(@Nullable String token) {
			return (token != null) ? new Found(token, token) : null;
		}

		@Override
		public String toString() {
			return "Found";
		}

	}

}
