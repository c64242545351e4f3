package io.github.oauth2pkce.configuration;

import java.util.Collection;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;

/** Beans that are named by properties: a name that no bean has stops the start. */
public final class ForeignTokenBeans {

	private ForeignTokenBeans() {
	}

	/**
	 * Checks the names.
	 * @param providers the providers
	 * @param names the names of the beans that there are
	 */
	public static void check(Providers providers, Collection<String> names) {
		for (Provider provider : providers) {
			for (ForeignToken token : provider.foreignTokens()) {
				if (token.source() == Source.BEAN && !names.contains(token.value())) {
					throw new InvalidPropertyException(token.property(), token.value(),
							"names no bean of type SubjectTokenSource; there "
									+ (names.isEmpty() ? "is none" : "are: " + String.join(", ", names)),
							"Use the name of one, or define it.");
				}
			}
		}
	}

}
