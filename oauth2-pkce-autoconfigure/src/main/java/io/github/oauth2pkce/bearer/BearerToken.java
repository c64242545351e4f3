package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.token.DpopBinding;

/**
 * A bearer, or the reason why there is none: a value that the caller has to look at.
 */
public sealed interface BearerToken {

	/**
	 * An access token that is valid now.
	 *
	 * @param accessToken the token; its text never shows
	 * @param headerValue the complete {@code Authorization} value (RFC 6750 section 2.1;
	 * for a bound token RFC 9449 section 7.1), built once
	 * @param binding makes the proof that each request needs beside a token that is bound
	 * to a key, {@code null} for a token that is not
	 */
	record Available(String accessToken, String headerValue, @Nullable DpopBinding binding) implements BearerToken {

		/**
		 * Creates a bearer from an access token.
		 * @param accessToken the token
		 * @return the bearer
		 */
		public static Available of(String accessToken) {
			return new Available(accessToken, "Bearer " + accessToken, null);
		}

		/**
		 * Creates a token that is sent with a proof (RFC 9449).
		 * @param binding the token, its key, and what makes proofs
		 * @return the token
		 */
		public static Available of(DpopBinding binding) {
			return new Available(binding.accessToken(), "DPoP " + binding.accessToken(), binding);
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
