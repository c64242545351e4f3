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
	@Nullable String read(ForeignToken token, SubjectTokenSource.Context context);

}
