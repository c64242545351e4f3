package io.github.oauth2pkce.sample.client.page;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import org.jspecify.annotations.Nullable;

/**
 * The starter's closed sets, times and numbers as a person would say them.
 */
final class Words {

	private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

	private Words() {
	}

	/**
	 * What is left of a time, in its two largest units. The page's script says it the
	 * same way.
	 * @param left the rest; nothing or less is {@code 0 s}
	 * @return such as {@code 4 min 10 s}
	 */
	static String left(Duration left) {
		long seconds = Math.max(0, left.toSeconds());
		if (seconds < 60) {
			return seconds + " s";
		}
		if (seconds < 3600) {
			return seconds / 60 + " min " + seconds % 60 + " s";
		}
		if (seconds < 86_400) {
			return seconds / 3600 + " h " + seconds / 60 % 60 + " min";
		}
		return seconds / 86_400 + " d " + seconds / 3600 % 24 + " h";
	}

	static String clock(Instant at) {
		return CLOCK.format(at.atZone(ZoneId.systemDefault()));
	}

	static String why(SkipReason reason) {
		return switch (reason) {
			case USER_SET -> "the request had an Authorization of its own";
			case NO_TOKEN -> "nobody is logged in";
			case REAUTHENTICATION_REQUIRED -> "the login has ended";
			case EMPTY_TOKEN -> "the server issued an empty token";
			case REFRESH_FAILED -> "the token could not be renewed";
			case REFRESH_BACKOFF -> "waiting before the next try to renew the token";
			case STORE_ERROR -> "the stored login could not be read";
			case LOCK_TIMEOUT -> "another process held the login for too long";
			case ORIGIN_NOT_ALLOWED -> "the address is not among those that may get it";
			case INSECURE_TRANSPORT -> "the address is plain http on another machine";
		};
	}

	static String why(RefreshTrigger trigger) {
		return switch (trigger) {
			case EXPIRY -> "a request needed it";
			case AHEAD -> "it was about to end";
			case STARTUP -> "the application started";
			case UNAUTHORIZED -> "the API refused the old one";
			case MANUAL -> "on request";
		};
	}

	static String end(LoginOutcome outcome, @Nullable String errorCode) {
		return switch (outcome) {
			case SUCCESS -> "Logged in";
			case DENIED -> "The login was denied";
			case EXPIRED -> "Nobody finished the login in time";
			case CANCELLED -> "The login was cancelled";
			case FAILED -> "The login failed: " + why(errorCode);
		};
	}

	/**
	 * Why a server gave no tokens. The codes are those of RFC 6749 and RFC 8628, and what
	 * the starter calls the troubles of networks and stores.
	 * @param errorCode the code; {@code null} for none
	 * @return the rest of a sentence
	 */
	static String why(@Nullable String errorCode) {
		return switch ((errorCode != null) ? errorCode : "") {
			case "" -> "the reason is in the log";
			case "unreachable", "timeout" -> "the login server does not answer";
			case "discovery_failed" -> "the login server's metadata cannot be read";
			case "server_error", "temporarily_unavailable", "invalid_token_response", "empty_token", "http_500",
					"http_502", "http_503", "http_504" ->
				"the login server has a problem";
			case "invalid_client", "unauthorized_client" -> "the login server refuses this application's client id";
			case "invalid_grant" -> "it expired or was revoked";
			case "invalid_scope" -> "the login server does not grant these scopes";
			case "invalid_request" -> "the login server does not accept the request";
			case "store_error" -> "the token could not be saved";
			case "lock_timeout" -> "another process held the login for too long";
			default -> "the login server says " + errorCode;
		};
	}

}
