package io.github.oauth2pkce.code;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.SentSecrets;

import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * A browser login ended before there was a code: the authorization endpoint answered with
 * an error (RFC 6749 section 4.1.2.1), or the answer had nowhere to go. Holds no secret;
 * its text is capped and printable.
 */
public class CodeLoginException extends OAuth2AuthorizationException {

	private static final long serialVersionUID = 1L;

	static final String OPENED_TWICE = "The address of the login was opened a second time, by another browser or by"
			+ " another program of this machine: start the login again, and open its address in one browser only";

	/**
	 * Creates the exception.
	 * @param error what went wrong, printable
	 * @param message a sentence for people
	 */
	public CodeLoginException(OAuth2Error error, String message) {
		super(error, message);
	}

	/** What can be shown of an error: nothing of it may be left, and a code has to be. */
	public static OAuth2Error printable(SentSecrets secrets, String code, @Nullable String description) {
		String printable = ServerText.printable(secrets.hideIn(code), 80);
		return new OAuth2Error(printable.isBlank() ? Problem.UNKNOWN_ERROR.code() : printable,
				(description != null) ? ServerText.printable(secrets.hideIn(description)) : null, null);
	}

	public static CodeLoginException refused(OAuth2Error error) {
		String description = error.getDescription();
		return new CodeLoginException(error, "The authorization server answered " + error.getErrorCode()
				+ ((description != null) ? ": " + description : ""));
	}

	static CodeLoginException openedTwice() {
		return new CodeLoginException(new OAuth2Error(Problem.LOGIN_OPENED_TWICE.code(), OPENED_TWICE, null),
				OPENED_TWICE);
	}

	/** RFC 6749 section 3.1; and whoever reads user info believes to be there. */
	static CodeLoginException unusableEndpoint(String providerId) {
		String message = "The authorization endpoint of '" + providerId + "' has a fragment or user info: correct "
				+ "authorization-uri, or the server's metadata";
		return new CodeLoginException(new OAuth2Error(Problem.INVALID_AUTHORIZATION_ENDPOINT.code(), message, null),
				message);
	}

	/** The nonce itself is for nobody. */
	static CodeLoginException otherNonce(boolean present) {
		String message = "The ID token "
				+ (present ? "has the nonce of another login" : "has no nonce that can be read")
				+ ": it was not issued for this login. Log in again; if that does not help, remove openid from scope";
		return new CodeLoginException(new OAuth2Error(Problem.INVALID_NONCE.code(), message, null), message);
	}

	static CodeLoginException noListener(String message, Throwable cause) {
		CodeLoginException failure = new CodeLoginException(
				new OAuth2Error(Problem.REDIRECT_PORT_UNAVAILABLE.code(), message, null), message);
		failure.initCause(cause);
		return failure;
	}

}
