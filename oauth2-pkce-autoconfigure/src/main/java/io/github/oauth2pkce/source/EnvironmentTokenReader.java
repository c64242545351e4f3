package io.github.oauth2pkce.source;

import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

/** An environment variable. */
public final class EnvironmentTokenReader implements ForeignTokenReader {

	private final UnaryOperator<@Nullable String> environment;

	/**
	 * Creates the reader.
	 * @param environment gives the value of a variable, {@code null} where it is not set
	 */
	public EnvironmentTokenReader(UnaryOperator<@Nullable String> environment) {
		this.environment = environment;
	}

	@Override
	public Source source() {
		return Source.ENV;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		String value = this.environment.apply(token.value());
		if (value == null) {
			throw ForeignTokenException.missing(token, "it is not set");
		}
		return value;
	}

}
