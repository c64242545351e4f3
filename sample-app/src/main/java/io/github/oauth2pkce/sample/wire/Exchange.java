package io.github.oauth2pkce.sample.wire;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, reduced to what is safe to print.
 *
 * @param at time since the account was opened
 * @param kind what the request was for
 * @param sent what the request carried, in words
 * @param proof whether it carried a proof of possession: the S256 challenge or the
 * verifier
 * @param bearer whether it carried a bearer
 * @param rotated whether the answer brought a refresh token other than the one sent
 * @param status the HTTP status
 * @param error the OAuth 2.0 error code of the answer
 */
public record Exchange(Duration at, Kind kind, String sent, boolean proof, boolean bearer, boolean rotated, int status,
		@Nullable String error) {

	public boolean succeeded() {
		return this.status < 400;
	}

	String describe() {
		String answer = this.status + ((this.error != null) ? " " + this.error : "");
		if (this.rotated) {
			answer += ", another refresh token";
		}
		return "%-21s %-46s -> %s".formatted(this.kind.words(), this.sent, answer);
	}

	/**
	 * What a request was for.
	 */
	public enum Kind {

		DISCOVERY("discovery"), REGISTRATION("registration"), AUTHORIZATION("authorization"),
		DEVICE_AUTHORIZATION("device authorization"), POLL("poll"), CODE("code"), REFRESH("refresh"),
		REVOCATION("revocation"), API("API call"), MCP("MCP"), BROWSER("browser");

		private final String words;

		Kind(String words) {
			this.words = words;
		}

		String words() {
			return this.words;
		}

	}

}
