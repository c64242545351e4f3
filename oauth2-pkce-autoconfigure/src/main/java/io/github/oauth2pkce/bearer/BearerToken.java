package io.github.oauth2pkce.bearer;

import io.github.oauth2pkce.AuthorizationState;

/**
 * A bearer, or the reason why there is none: a value that the caller has to look at.
 */
public sealed interface BearerToken {

	/**
	 * An access token that is valid now.
	 *
	 * @param accessToken the token; its text never shows
	 * @param headerValue the complete {@code Authorization} value (RFC 6750 section 2.1),
	 * built once
	 */
	record Available(String accessToken, String headerValue) implements BearerToken {

		/**
		 * Creates a bearer from an access token.
		 * @param accessToken the token
		 * @return the bearer
		 */
		public static Available of(String accessToken) {
			return new Available(accessToken, "Bearer " + accessToken);
		}

		@Override
		public String toString() {
			return "Available[***]";
		}

	}

	/**
	 * There is no token to send.
	 *
	 * @param reason why
	 * @param state what the credential is good for
	 */
	record Skipped(SkipReason reason, AuthorizationState state) implements BearerToken {

	}

}
