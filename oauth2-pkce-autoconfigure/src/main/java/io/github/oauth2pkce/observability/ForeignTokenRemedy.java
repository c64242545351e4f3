package io.github.oauth2pkce.observability;

import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;

/** What to set or mount where a foreign token is missing: nobody can log in to that. */
final class ForeignTokenRemedy {

	private ForeignTokenRemedy() {
	}

	/**
	 * The advice about a token that cannot be shown to the server.
	 * @return a sentence, {@code null} when the error is about something else
	 */
	static @Nullable String of(Provider provider, String error) {
		Problem problem = Problem.of(error);
		List<ForeignToken> tokens = provider.foreignTokens();
		if (problem == Problem.SUBJECT_TOKEN_MISSING) {
			return tokens.stream()
				.map((token) -> provide(token) + " (" + token.property() + ")")
				.collect(Collectors.joining("; and "));
		}
		if (problem == Problem.SUBJECT_TOKEN_EXPIRED) {
			return "Renew the token of " + tokens.stream()
				.map((token) -> token.place() + " (" + token.property() + ")")
				.collect(Collectors.joining(" or ")) + ", which has ended";
		}
		return null;
	}

	private static String provide(ForeignToken token) {
		return switch (token.source()) {
			case FILE -> "Write a token to " + token.place() + ", or mount it there";
			case ENV -> "Set " + token.place() + " to a token";
			case PROVIDER -> "Get " + token.place() + " a token first, whose own remedy says how";
			case GITHUB_ACTIONS ->
				"Run this application in a job of GitHub Actions with 'permissions: id-token: write'";
			case KUBERNETES -> "Mount a projected service account token as " + token.place();
			case CURRENT_USER -> "Send requests while a user is signed in with a bearer";
			case BEAN -> "Let " + token.place() + " return a token";
		};
	}

	/**
	 * The advice where each user has a token of their own.
	 * @return a sentence
	 */
	static String ofUsers(Provider provider) {
		String places = provider.exchange()
			.tokens()
			.stream()
			.map((token) -> (token.source() == Source.CURRENT_USER) ? "the bearer with which they call this application"
					: "what comes from " + token.place())
			.collect(Collectors.joining(" and "));
		return "Each user's token is made from " + places + ": requests need a signed-in user who has that";
	}

}
