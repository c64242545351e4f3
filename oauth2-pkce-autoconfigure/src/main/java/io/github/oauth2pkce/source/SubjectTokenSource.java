package io.github.oauth2pkce.source;

import org.jspecify.annotations.Nullable;

/**
 * Where the application itself gets a foreign token: a bean, named in
 * {@code oauth2.pkce.providers.<id>.subject-token.bean}, {@code actor-token.bean} or
 * {@code client-assertion.bean}. Asked for each grant anew; what it answers is never
 * cached. Must be thread-safe; may block, on a worker thread and with no lock held.
 */
@FunctionalInterface
public interface SubjectTokenSource {

	/**
	 * Gets the token.
	 * @param context who it is for
	 * @return the token; {@code null} or blank when there is none, which sends the
	 * request without a bearer
	 * @throws RuntimeException when it cannot be got now: tried again later. The message
	 * is not shown, as it may quote a token
	 */
	@Nullable String token(Context context);

	/**
	 * Who a token is for.
	 *
	 * @param providerId the provider that will be shown the token
	 * @param principalName the name of the signed-in user with
	 * {@code principal: current-user}, else {@code application}
	 */
	record Context(String providerId, String principalName) {

		/** Names of principals are people: only the provider shows. */
		@Override
		public String toString() {
			return "Context[providerId=" + this.providerId + "]";
		}

	}

}
