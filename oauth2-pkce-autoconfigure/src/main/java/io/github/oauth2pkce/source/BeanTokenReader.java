package io.github.oauth2pkce.source;

import java.util.function.Function;
import java.util.function.UnaryOperator;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

/** A bean of the application. */
public final class BeanTokenReader implements ForeignTokenReader {

	private final Function<String, SubjectTokenSource> beans;

	private final UnaryOperator<String> names;

	/**
	 * Creates the reader.
	 * @param beans gives a bean by its name
	 * @param names gives the name of the person whom a principal stands for
	 */
	public BeanTokenReader(Function<String, SubjectTokenSource> beans, UnaryOperator<String> names) {
		this.beans = beans;
		this.names = names;
	}

	@Override
	public Source source() {
		return Source.BEAN;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		try {
			Context person = new Context(context.providerId(), this.names.apply(context.principalName()));
			String value = this.beans.apply(token.value()).token(person);
			if (value == null) {
				throw ForeignTokenException.missing(token, "it has none");
			}
			return value;
		}
		catch (ForeignTokenException ex) {
			throw ex;
		}
		catch (Throwable ex) {
			// Also what it does not declare to throw. Neither its message nor itself:
			// both may quote a token.
			throw ForeignTokenException.unavailable(token, "it failed (" + ex.getClass().getSimpleName() + ")", null);
		}
	}

}
