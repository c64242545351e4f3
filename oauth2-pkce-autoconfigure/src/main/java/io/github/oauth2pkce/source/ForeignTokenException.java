package io.github.oauth2pkce.source;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Problem;

/**
 * A foreign token cannot be presented, so that nobody was asked for anything. Its message
 * names the place and the property, and never quotes a token.
 */
public class ForeignTokenException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** What is wrong. */
	private final Problem problem;

	/** Whether somebody was asked for it. */
	private boolean refused;

	/**
	 * Creates the exception.
	 * @param problem {@link Problem#SUBJECT_TOKEN_MISSING},
	 * {@link Problem#SUBJECT_TOKEN_EXPIRED} or {@link Problem#SUBJECT_TOKEN_UNAVAILABLE}
	 * @param token where it was looked for
	 * @param reason why, a part of a sentence
	 * @param cause the failure below, {@code null} for none
	 */
	public ForeignTokenException(Problem problem, ForeignToken token, String reason, @Nullable Throwable cause) {
		super("No token from " + token.place() + " (" + token.property() + "): " + reason, cause);
		this.problem = problem;
	}

	/**
	 * There is none.
	 * @param token where it was looked for
	 * @param reason why, a part of a sentence
	 * @return the exception
	 */
	public static ForeignTokenException missing(ForeignToken token, String reason) {
		return new ForeignTokenException(Problem.SUBJECT_TOKEN_MISSING, token, reason, null);
	}

	/**
	 * It cannot be got just now.
	 * @param token where it was looked for
	 * @param reason why, a part of a sentence
	 * @param cause the failure below
	 * @return the exception
	 */
	public static ForeignTokenException unavailable(ForeignToken token, String reason, @Nullable Throwable cause) {
		return new ForeignTokenException(Problem.SUBJECT_TOKEN_UNAVAILABLE, token, reason, cause);
	}

	/**
	 * Somebody was asked for it, and refused: asking on each call would not help.
	 * @param token where it was looked for
	 * @param reason why, a part of a sentence
	 * @return the exception
	 */
	public static ForeignTokenException refused(ForeignToken token, String reason) {
		ForeignTokenException refused = missing(token, reason);
		refused.refused = true;
		return refused;
	}

	/**
	 * {@return whether somebody was asked for it, and refused}
	 */
	public boolean isRefused() {
		return this.refused;
	}

	/**
	 * {@return what is wrong; its code is what operators see}
	 */
	public Problem problem() {
		return this.problem;
	}

}
