package io.github.oauth2pkce.source;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

/** A bean of the application. */
public final class BeanTokenReader implements ForeignTokenReader {

	private final Function<String, SubjectTokenSource> beans;

	/**
	 * Creates the reader.
	 * @param beans gives a bean by its name
	 */
	public BeanTokenReader(Function<String, SubjectTokenSource> beans) {
		this.beans = beans;
	}

	@Override
	public Source source() {
		return Source.BEAN;
	}

	@Override
	public @Nullable Found read(ForeignToken token, Context context) {
		try {
			String value = this.beans.apply(token.value()).token(context);
			if (value == null) {
				throw ForeignTokenException.missing(token, "it has none");
			}
			return Found.of(value);
		}
		catch (ForeignTokenException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			// Neither its message nor itself: both may quote a token.
			throw ForeignTokenException.unavailable(token, "it failed (" + ex.getClass().getSimpleName() + ")", null);
		}
	}

}
