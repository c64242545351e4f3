package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;

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

		/**
		 * Authorizes one attempt of a request: sets {@code Authorization}, and for a
		 * bound token the proof beside it, which is good for this attempt only.
		 * @param method the HTTP method
		 * @param uri the target
		 * @param headers sets a header of the request, by name and value
		 */
		public void authorize(String method, URI uri, BiConsumer<String, String> headers) {
			headers.accept(HttpHeaders.AUTHORIZATION, this.headerValue);
			if (this.binding != null) {
				headers.accept(DpopProofs.HEADER, this.binding.proof(method, uri));
			}
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
