package io.github.oauth2pkce.refresh;

import org.jspecify.annotations.Nullable;

/**
 * The foreign tokens that a grant shows to the server, read for this one request.
 * Immutable; its text shows no token.
 *
 * @param subject the subject token, {@code null} where the grant needs none
 * @param actor the actor token, {@code null} for none
 * @param madeFrom which logins of other providers they are of, {@code null} for none
 */
public record PresentedTokens(@Nullable String subject, @Nullable String actor, @Nullable String madeFrom) {

	/** The grant needs none. */
	public static final PresentedTokens NONE = new PresentedTokens(null, null, null);

	/**
	 * {@return the subject token of a grant that needs one}
	 */
	String required() {
		if (this.subject == null) {
			throw new IllegalStateException("There is no subject token");
		}
		return this.subject;
	}

	@Override
	public String toString() {
		return "PresentedTokens[madeFrom=" + this.madeFrom + "]";
	}

}
