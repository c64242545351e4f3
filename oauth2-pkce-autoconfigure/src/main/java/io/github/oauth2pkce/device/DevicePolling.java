package io.github.oauth2pkce.device;

import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.token.AuthorizationDeniedException;
import io.github.oauth2pkce.token.AuthorizationExpiredException;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.SentSecrets;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * Polls the token endpoint until the person has decided (RFC 8628 sections 3.4 and 3.5).
 * One for each login; used by one thread.
 */
final class DevicePolling {

	/**
	 * RFC 8628 section 3.5: MUST be increased by 5 seconds for this and all later
	 * requests.
	 */
	private static final Duration SLOW_DOWN = Duration.ofSeconds(5);

	/** Doubling without a cap makes polling stop in effect. */
	private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(60);

	/** So many refusals in a row that are no OAuth 2.0 errors end the login. */
	private static final int MOST_REFUSALS = 3;

	/** How long before the end of the code the last poll happens, at the latest. */
	private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

	private final TokenEndpoint tokenEndpoint;

	private final PollingTime time;

	private final Provider provider;

	private final URI endpoint;

	private final DeviceAuthorization authorization;

	private final Turns turns;

	private final Consumer<PollResult> listener;

	private final UnansweredPolls unanswered;

	/** What became of the last poll of another process, {@code null} when it is known. */
	private @Nullable String before;

	/** What the server wants between polls: only ever grows. */
	private Duration interval;

	/** What a silent server gets instead, if longer; gone with its first answer. */
	private Duration backoff = Duration.ZERO;

	/** Refusals in a row that are no OAuth 2.0 errors. */
	private int refusals;

	/** What the last answer asked for, by {@code Retry-After}. */
	private Duration retryAfter = Duration.ZERO;

	DevicePolling(TokenEndpoint tokenEndpoint, PollingTime time, DeviceCeremony ceremony, Turns turns,
			Consumer<PollResult> listener) {
		this.tokenEndpoint = tokenEndpoint;
		this.time = time;
		this.provider = ceremony.provider();
		this.endpoint = ceremony.tokenEndpoint();
		this.authorization = ceremony.authorization();
		this.turns = turns;
		this.listener = listener;
		this.interval = this.authorization.interval();
		CodeVerifier verifier = this.authorization.codeVerifier();
		this.unanswered = new UnansweredPolls(this.provider.id(), SentSecrets.of(this.provider,
				this.authorization.deviceCode(), (verifier != null) ? verifier.value() : null));
		this.before = ceremony.isJoined() ? "it was that of a process that has ended since" : null;
	}

	/** {@code null} when the ceremony has ended elsewhere. */
	@Nullable TokenResponse poll() throws InterruptedException {
		while (true) {
			await();
			Turns.Turn turn = this.turns.next();
			if (turn == Turns.Turn.OVER) {
				return null;
			}
			if (turn == Turns.Turn.ANOTHERS) {
				continue;
			}
			try {
				TokenResponse response = this.tokenEndpoint.request(this.provider, this.endpoint,
						AuthorizationGrantType.DEVICE_CODE, form());
				if (!response.accessToken().isBlank() || response.refreshToken() != null) {
					this.listener.accept(PollResult.SUCCESS);
					return response;
				}
				this.unanswered.add("a success without a token");
				goOn(null);
			}
			catch (TokenRequestException ex) {
				answered(ex);
			}
			catch (AuthorizationServerUnreachableException ex) {
				if (Thread.interrupted()) {
					throw new InterruptedException();
				}
				this.refusals = 0;
				this.unanswered.add(ex);
				goOn(null);
			}
			catch (ForeignTokenException ex) {
				if (!ex.problem().passes()) {
					throw ex;
				}
				this.unanswered.add(String.valueOf(ex.getMessage()));
				goOn(null);
			}
		}
	}

	private MultiValueMap<String, String> form() {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add(OAuth2ParameterNames.DEVICE_CODE, this.authorization.deviceCode());
		if (this.authorization.codeVerifier() != null) {
			form.add(PkceParameterNames.CODE_VERIFIER, this.authorization.codeVerifier().value());
		}
		return form;
	}

	/** Waits for the next poll, or until there can be none. */
	private void await() throws InterruptedException {
		Duration elapsed = Duration.ofNanos(this.time.nanoTime() - this.authorization.requestedAt());
		Duration remaining = this.authorization.userCode().expiresIn().minus(elapsed);
		Duration last = remaining.minus(LAST_CHANCE);
		if (last.isNegative() || last.isZero()) {
			// But not before its end, the person may still be told so by the page.
			if (!remaining.isNegative()) {
				this.time.sleep(remaining);
			}
			throw expired();
		}
		Duration wait = longer(longer(this.interval, this.retryAfter), this.backoff);
		// Who approves late is found by one last poll. It may come sooner than the server
		// likes: it is the last one.
		this.time.sleep((wait.compareTo(last) < 0) ? wait : last);
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

	private void answered(TokenRequestException ex) {
		switch (ex.errorCode()) {
			case ErrorCodes.AUTHORIZATION_PENDING -> undecided(PollResult.PENDING, ex.retryAfter());
			case ErrorCodes.SLOW_DOWN -> {
				this.interval = this.interval.plus(SLOW_DOWN);
				undecided(PollResult.SLOW_DOWN, ex.retryAfter());
			}
			default -> {
				OAuth2AuthorizationException end = end(ex);
				if (end != null) {
					this.listener.accept(PollResult.FAILED);
					throw end;
				}
				this.unanswered.add(ex);
				goOn(ex.retryAfter());
			}
		}
	}

	private void undecided(PollResult result, @Nullable Duration retryAfter) {
		this.unanswered.answered();
		this.before = null;
		this.refusals = 0;
		this.backoff = Duration.ZERO;
		this.retryAfter = (retryAfter != null) ? retryAfter : Duration.ZERO;
		this.listener.accept(result);
	}

	/**
	 * Whether an answer ends the login. A server in trouble (5xx) does not, whatever its
	 * body says: if it meant it, it will say so again.
	 */
	private @Nullable OAuth2AuthorizationException end(TokenRequestException ex) {
		if (ex.status() >= 500) {
			this.refusals = 0;
			return null;
		}
		if (!ex.isProtocolError()) {
			// A gateway that is being replaced says such things, too; but not for long.
			boolean refused = ex.status() / 100 == 4 && !FailureKind.isTransient(ex.status());
			return (refused && ++this.refusals >= MOST_REFUSALS) ? ex : null;
		}
		String unanswered = this.unanswered.problem();
		return switch (ex.errorCode()) {
			// Entra has a name of its own for it.
			case OAuth2ErrorCodes.ACCESS_DENIED, "authorization_declined" ->
				(unanswered != null) ? new OAuth2AuthorizationException(ex.getError(), afterSilence(ex, unanswered))
						: new AuthorizationDeniedException(ex.getError());
			// And its older endpoint for this.
			case ErrorCodes.EXPIRED_TOKEN, "code_expired" ->
				(unanswered != null) ? new AuthorizationExpiredException(ex.getError(), afterSilence(ex, unanswered))
						: new AuthorizationExpiredException(expired("The server says that the device code expired"));
			default -> {
				String lost = (unanswered != null) ? unanswered : this.before;
				if (lost != null && ex.kind() == FailureKind.REJECTED) {
					yield new OAuth2AuthorizationException(ex.getError(), afterSilence(ex, lost));
				}
				yield (ex.kind() != FailureKind.TRANSIENT) ? ex : null;
			}
		};
	}

	/**
	 * A server that has issued the tokens, or was restarted, does not know the code any
	 * more, and some call that denied.
	 */
	private static String afterSilence(TokenRequestException ex, String unanswered) {
		return "The server said " + ex.errorCode() + ", and the poll before had no usable answer (" + unanswered
				+ "). If you have approved the login, its tokens were lost with that answer: log in again";
	}

	/**
	 * RFC 8628 section 3.5: on a connection timeout clients MUST reduce their polling
	 * frequency, by exponential backoff. Kept apart from the interval, which a server
	 * that comes back has not asked to grow.
	 */
	private void goOn(@Nullable Duration retryAfter) {
		Duration doubled = longer(this.backoff, this.interval).multipliedBy(2);
		this.backoff = (doubled.compareTo(LONGEST_BACKOFF) < 0) ? doubled : LONGEST_BACKOFF;
		this.retryAfter = (retryAfter != null) ? retryAfter : Duration.ZERO;
		this.listener.accept(PollResult.TRANSIENT);
	}

	/** By our own clock. */
	private AuthorizationExpiredException expired() {
		OAuth2Error error = expired("The device code expired");
		String unanswered = this.unanswered.sentence();
		return (unanswered != null) ? new AuthorizationExpiredException(error, unanswered)
				: new AuthorizationExpiredException(error);
	}

	private static OAuth2Error expired(String description) {
		return new OAuth2Error(ErrorCodes.EXPIRED_TOKEN, description, null);
	}

}
