package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * What one request will be answered; the last word of a sentence such as
 * {@code server.nextTokenAnswer().status(503)}. For anything else there is
 * {@link FakeAuthorizationServer#enqueue}.
 */
public final class NextAnswer {

	private final Consumer<Answer> script;

	NextAnswer(Consumer<Answer> script) {
		this.script = script;
	}

	/**
	 * A status without a body; the server does nothing.
	 */
	public void status(int status) {
		this.script.accept(Answer.status(status));
	}

	/**
	 * An OAuth 2.0 error (RFC 6749 section 5.2) with status 400, such as
	 * {@code invalid_grant}.
	 */
	public void error(String error) {
		this.script.accept(Answer.error(400, error, null));
	}

	/**
	 * A JSON body.
	 */
	public void json(int status, String body) {
		this.script.accept(Answer.json(status, body));
	}

	/**
	 * The server does its work, and its answer never arrives: what a client must survive
	 * whose refresh token has been rotated.
	 */
	public void lost() {
		this.script.accept(Answer.normally().dropped());
	}

	/**
	 * The connection is closed, and the server has done nothing.
	 */
	public void connectionClosed() {
		this.script.accept(Answer.connectionClosed());
	}

	/**
	 * The usual answer, late.
	 */
	public void delayed(Duration delay) {
		this.script.accept(Answer.normally().delayed(delay));
	}

}
