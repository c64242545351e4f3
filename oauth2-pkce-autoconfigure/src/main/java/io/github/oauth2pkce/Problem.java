package io.github.oauth2pkce;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong, where it is not an error code of OAuth 2.0 that says so. Health, log,
 * events and exceptions show the {@link #code}, beside the codes that servers send.
 */
public enum Problem {

	/** The authorization server did not answer. */
	UNREACHABLE(true),

	/** It did not answer in time. */
	TIMEOUT(true),

	/** This thread was interrupted before there was an answer. */
	INTERRUPTED(true),

	/** Its metadata cannot be read. */
	DISCOVERY_FAILED(true),

	/** This application is no client of it, and cannot become one. */
	REGISTRATION_FAILED(false),

	/** Its answer is no OAuth 2.0 document (RFC 6749 sections 5.1 and 5.2). */
	INVALID_TOKEN_RESPONSE(true),

	/** Its answer is no device authorization (RFC 8628 section 3.2). */
	INVALID_DEVICE_AUTHORIZATION_RESPONSE(false),

	/** It issued an access token without characters. */
	EMPTY_TOKEN(true),

	/** It issued tokens, and no access token. */
	NO_ACCESS_TOKEN(false),

	/** It issued tokens that are not bearers. */
	UNSUPPORTED_TOKEN_TYPE(false),

	/** There is no foreign token to show to the server. */
	SUBJECT_TOKEN_MISSING(false),

	/** The foreign token that would be shown to the server has ended. */
	SUBJECT_TOKEN_EXPIRED(false),

	/** The foreign token cannot be read just now. */
	SUBJECT_TOKEN_UNAVAILABLE(true),

	/** The token store cannot be used. */
	STORE_ERROR(false),

	/** Another process kept the login locked. */
	LOCK_TIMEOUT(true),

	/** This process was stopped for so long that another one took over. */
	LOCK_LOST(true),

	/** A fault of ours or of a library. */
	INTERNAL_ERROR(true),

	/** The server sent an error without a code that can be shown. */
	UNKNOWN_ERROR(false),

	/** The login was cancelled. */
	CANCELLED(false),

	/** Another process has ended the login, and there are no tokens. */
	ENDED_ELSEWHERE(false),

	/** There is no way to log in that both the application and the server have. */
	NO_LOGIN(false),

	/** The login has no code: it is finished in a browser. */
	NO_CODE(false),

	/** Nobody finished the login in the browser in time. */
	LOGIN_TIMEOUT(false),

	/** The page that starts the login was opened twice. */
	LOGIN_OPENED_TWICE(false),

	/** The application did not accept what the server had granted. */
	LOGIN_REFUSED(false),

	/** The ID token was issued for another login. */
	INVALID_NONCE(false),

	/** The authorization endpoint has a fragment or user info (RFC 6749 section 3.1). */
	INVALID_AUTHORIZATION_ENDPOINT(false),

	/** Another program uses the port of the loopback redirect URI. */
	REDIRECT_PORT_UNAVAILABLE(false),

	/** There is nothing at that address, or no provider of that id. */
	NOT_FOUND(false);

	private static final Map<String, Problem> BY_CODE = Arrays.stream(values())
		.collect(Collectors.toUnmodifiableMap(Problem::code, Function.identity()));

	private final String code = name().toLowerCase(Locale.ROOT);

	private final boolean passes;

	Problem(boolean passes) {
		this.passes = passes;
	}

	/**
	 * Finds a problem by its code.
	 * @param code an error code, may be {@code null}
	 * @return the problem, {@code null} when it is no code of ours
	 */
	public static @Nullable Problem of(@Nullable String code) {
		return (code != null) ? BY_CODE.get(code) : null;
	}

	/**
	 * The code as health, log and events show it.
	 * @return the constant in lower case, such as {@code discovery_failed}
	 */
	public String code() {
		return this.code;
	}

	/**
	 * Whether trying again later may help, without anybody doing anything.
	 * @return {@code false} when a person has to act
	 */
	public boolean passes() {
		return this.passes;
	}

}
