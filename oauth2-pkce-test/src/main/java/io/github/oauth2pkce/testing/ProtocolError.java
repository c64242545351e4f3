package io.github.oauth2pkce.testing;

import org.jspecify.annotations.Nullable;

/**
 * A refusal by the server, to be answered as an RFC 6749 section 5.2 error.
 */
final class ProtocolError extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final int status;

	private final String error;

	private final @Nullable String description;

	private final boolean basicChallenge;

	ProtocolError(int status, String error, @Nullable String description, boolean basicChallenge) {
		super(error + ": " + description);
		this.status = status;
		this.error = error;
		this.description = description;
		this.basicChallenge = basicChallenge;
	}

	ProtocolError(int status, String error, @Nullable String description) {
		this(status, error, description, false);
	}

	static ProtocolError invalidRequest(String description) {
		return new ProtocolError(400, "invalid_request", description);
	}

	static ProtocolError invalidGrant(String description) {
		return new ProtocolError(400, "invalid_grant", description);
	}

	boolean isAboutNonce() {
		return "use_dpop_nonce".equals(this.error);
	}

	String error() {
		return this.error;
	}

	@Nullable String description() {
		return this.description;
	}

	Answer toAnswer() {
		Answer answer = Answer.error(this.status, this.error, this.description);
		return this.basicChallenge ? answer.withHeader("WWW-Authenticate", "Basic realm=\"demo\"") : answer;
	}

}
