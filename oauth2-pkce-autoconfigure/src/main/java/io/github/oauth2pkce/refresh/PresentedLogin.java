package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.source.ForeignTokenException;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.store.Credential;

/**
 * A token of one provider that is shown to the server of another one. Blocking: it waits
 * for a refresh, on the worker of the provider that needs it.
 *
 * @param token which one
 * @param source whose it is
 * @param patience how long to wait
 */
record PresentedLogin(ForeignToken token, RefreshableCredential source, Duration patience) {

	String read() {
		Credential before = this.source.inMemory();
		BearerToken bearer = await(this.source.current(RefreshTrigger.EXPIRY));
		if (this.source.identity() == null) {
			throw ForeignTokenException.missing(this.token, "nobody is logged in there");
		}
		Credential login = this.source.inMemory();
		if (login != null && login == before && login.accessToken().isBlank() && this.source.isOfMachine()) {
			// Asked for anew each time; what is left is what was shown the last time.
			throw ForeignTokenException.unavailable(this.token, "its server has sent no new one", null);
		}
		boolean assertion = this.token.type().equals(ForeignToken.ID_TOKEN)
				|| (login != null && login.accessToken().isBlank() && login.assertion() != null);
		return assertion ? assertion(login) : accessToken(bearer);
	}

	private String accessToken(BearerToken bearer) {
		if (bearer instanceof BearerToken.Available available) {
			return available.accessToken();
		}
		BearerToken.Skipped skipped = (BearerToken.Skipped) bearer;
		String reason = "it has no token (" + skipped.reason().tag() + ")";
		throw skipped.reason().passes() ? ForeignTokenException.unavailable(this.token, reason, null)
				: ForeignTokenException.missing(this.token, reason);
	}

	/**
	 * An ID token mostly ends before the login does, and a refresh brings another one.
	 */
	private String assertion(@Nullable Credential login) {
		String assertion = (login != null) ? login.assertion() : null;
		Instant end = (assertion != null) ? ForeignTokens.end(assertion) : null;
		if (login != null && end != null && this.source.isPast(end) && login.issuedAt().isBefore(end)) {
			await(this.source.current(RefreshTrigger.MANUAL));
			Credential refreshed = this.source.inMemory();
			assertion = (refreshed != null) ? refreshed.assertion() : null;
		}
		if (assertion == null) {
			throw ForeignTokenException.missing(this.token, "its server has sent no ID token with the login, which the"
					+ " scope openid asks for, or one that is larger than 16 KB");
		}
		return assertion;
	}

	private BearerToken await(CompletableFuture<BearerToken> flight) {
		try {
			return flight.get(this.patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw ForeignTokenException.unavailable(this.token, "the wait for it was interrupted", null);
		}
		catch (TimeoutException | ExecutionException ex) {
			throw ForeignTokenException.unavailable(this.token, "it had no token in time", null);
		}
	}

	@Override
	public String toString() {
		return "PresentedLogin[" + this.token.place() + "]";
	}

}
