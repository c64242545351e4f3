package io.github.oauth2pkce.device;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.SentSecrets;
import io.github.oauth2pkce.token.TokenRequestException;

/**
 * The polls since the server last said something about the login. They end no login, so
 * without a word about them a token endpoint that never answers looks like a person who
 * never comes. Used by one thread.
 */
final class UnansweredPolls {

	private final String providerId;

	private final SentSecrets secrets;

	private int count;

	private String problem = "";

	private boolean told;

	UnansweredPolls(String providerId, SentSecrets secrets) {
		this.providerId = providerId;
		this.secrets = secrets;
	}

	/** There was no complete answer. */
	void add(AuthorizationServerUnreachableException ex) {
		// Not what is below it: others quote what they could not read.
		add(String.valueOf(ex.getMessage()));
	}

	/** There was one, and not from a token endpoint in order. */
	void add(TokenRequestException ex) {
		add(String.valueOf(ex.getMessage()));
	}

	/**
	 * Another poll came to nothing.
	 * @param problem what happened; the message of a failed exchange may repeat bytes
	 * that the server sent
	 */
	void add(String problem) {
		this.count++;
		this.problem = ServerText.printable(this.secrets.hideIn(problem), 200);
		if (!this.told) {
			// Once: a login polls for minutes.
			this.told = true;
			EventLog.at(Level.WARN, "oauth2_device_poll_unanswered", this.providerId)
				.with("problem", this.problem)
				.log("A poll for the login of '{}' had no usable answer, and polling goes on: {}", this.providerId,
						this.problem);
		}
	}

	void answered() {
		this.count = 0;
	}

	/**
	 * What became of the last poll.
	 * @return what happened, {@code null} when it was answered
	 */
	@Nullable String problem() {
		return (this.count > 0) ? this.problem : null;
	}

	/**
	 * Why the end of the code says nothing about the person.
	 * @return a sentence, {@code null} when the last poll was answered
	 */
	@Nullable String sentence() {
		if (this.count == 0) {
			return null;
		}
		String polls = (this.count == 1) ? "the last poll of the token endpoint"
				: "the last " + this.count + " polls of the token endpoint";
		return "The code expired; " + polls + " had no usable answer: " + this.problem;
	}

}
