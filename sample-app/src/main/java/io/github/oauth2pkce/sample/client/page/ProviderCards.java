package io.github.oauth2pkce.sample.client.page;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Login.Page;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.sample.client.page.ProviderCard.Actions;
import io.github.oauth2pkce.sample.client.page.ProviderCard.Code;
import io.github.oauth2pkce.sample.client.page.ProviderCard.Facts;
import io.github.oauth2pkce.store.CredentialId;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/**
 * Says of each provider how its login stands: from memory, without network or store.
 */
@Component
class ProviderCards {

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final Happenings happenings;

	private final Clock clock;

	ProviderCards(Providers providers, Credentials credentials, Logins logins, Happenings happenings, Clock clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.happenings = happenings;
		this.clock = clock;
	}

	List<ProviderCard> all() {
		List<ProviderCard> cards = new ArrayList<>();
		this.providers.forEach((provider) -> cards.add(card(provider)));
		return cards;
	}

	private ProviderCard card(Provider provider) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		CredentialStatus status = this.credentials.status(id);
		Instant now = this.clock.instant();
		if (provider.principal() == PrincipalKind.CURRENT_USER) {
			return card(provider, status, "Each user logs in", Tone.NEUTRAL,
					Sentence.of("The logins of this provider belong to the users of the application."), null, null,
					Actions.NONE);
		}
		Login login = this.logins.running(id);
		if (login != null) {
			return (login.page() != null) ? waiting(provider, status, login.page(), now)
					: waiting(provider, status, shown(login), now);
		}
		Actions actions = actions(provider, status);
		String failedLogin = this.happenings.failedLogin(provider.id());
		Sentence lastLogin = (failedLogin != null) ? Sentence.of(failedLogin + ".") : null;
		return switch (status.state()) {
			case AUTHORIZED -> authorized(provider, status, now, actions);
			case LOGIN_REQUIRED -> card(provider, status, "Nobody is logged in", Tone.ATTENTION,
					Sentence.of("Log in once, and every request to its APIs carries a bearer token."), lastLogin, null,
					actions);
			case REAUTHENTICATION_REQUIRED -> card(provider, status, "The login has ended", Tone.ATTENTION,
					Sentence.of("The token can no longer be renewed. Log in again."), lastLogin, null, actions);
			case UNKNOWN -> card(provider, status, "Not known yet", Tone.NEUTRAL,
					Sentence.of("The stored login has not been read, or could not be. The log says why."), null, null,
					actions);
		};
	}

	private ProviderCard authorized(Provider provider, CredentialStatus status, Instant now, Actions actions) {
		String headline = provider.grant().needsPerson() ? "Logged in" : "No login needed";
		if (status.lastError() == null) {
			return card(provider, status, headline, Tone.GOOD, token(provider, status, now), null, null, actions);
		}
		Instant expiresAt = status.expiresAt();
		Instant next = status.nextAttemptAt();
		return card(provider, status, headline + ", but " + Words.why(status.lastError()), Tone.ATTENTION,
				(expiresAt != null && expiresAt.isAfter(now))
						? Sentence.of("The token works for ", now, expiresAt, ". The login is kept.")
						: Sentence.of("Requests go out without a bearer token. The login is kept."),
				(next != null && next.isAfter(now)) ? Sentence.of("Next try in ", now, next, ".")
						: Sentence.of("The next request tries again."),
				null, actions);
	}

	/** Without the address: the login is for whoever opens it first. */
	private static ProviderCard waiting(Provider provider, CredentialStatus status, Page page, Instant now) {
		return card(provider, status, "Waiting for you", Tone.WAITING,
				Sentence.of("Log in on the page that has opened in a browser on this machine."),
				Sentence.of("It closes in ", now, page.expiresAt(), "."), null, new Actions(null, true, false, false));
	}

	private ProviderCard waiting(Provider provider, CredentialStatus status, @Nullable Shown shown, Instant now) {
		Actions actions = new Actions(null, true, false, false);
		if (shown == null) {
			return card(provider, status, "Asking for a code", Tone.WAITING,
					Sentence.of("The authorization server has been asked for one."), null, null, actions);
		}
		UserCode userCode = shown.userCode();
		String address = userCode.verificationUri().toString();
		String link = (userCode.verificationUriComplete() != null) ? userCode.verificationUriComplete().toString()
				: address;
		return card(provider, status, "Waiting for you", Tone.WAITING,
				Sentence.of("Open the login page, check that it shows this code, and approve."),
				Sentence.of("Code expires in ", now, shown.expiresAt(), "."), code(userCode, link, address), actions);
	}

	/** No other device can open a page of this machine, so it gets no QR code. */
	private static Code code(UserCode userCode, String link, String address) {
		boolean here = SecureTransport.isLoopback(userCode.verificationUri());
		return new Code(userCode.userCode(), link, address, here ? "on this machine" : "on any device",
				here ? null : QrCode.of(link));
	}

	private static ProviderCard card(Provider provider, CredentialStatus status, String headline, Tone tone,
			Sentence sentence, @Nullable Sentence notice, @Nullable Code code, Actions actions) {
		return new ProviderCard(provider.id(),
				"/providers/" + UriUtils.encodePathSegment(provider.id(), StandardCharsets.UTF_8), headline, tone,
				sentence, notice, code, actions, facts(provider, status));
	}

	private static Sentence token(Provider provider, CredentialStatus status, Instant now) {
		Instant expiresAt = status.expiresAt();
		if (expiresAt == null) {
			return Sentence.of(provider.grant().needsPerson() ? "The token is valid until the server says otherwise."
					: "The application gets tokens for itself.");
		}
		if (!expiresAt.isAfter(now)) {
			return Sentence.of("The token has expired; the next request renews it.");
		}
		return Sentence.of("Token valid for ", now, expiresAt,
				(status.hasRefreshToken() || !provider.grant().needsPerson()) ? "; renews automatically."
						: "; it cannot be renewed, you will have to log in again.");
	}

	private Actions actions(Provider provider, CredentialStatus status) {
		boolean needsPerson = status.state().needsPerson();
		String connect = (needsPerson && this.logins.canStart(provider))
				? ((status.state() == AuthorizationState.LOGIN_REQUIRED) ? "Log in" : "Log in again") : null;
		boolean authorized = status.state() == AuthorizationState.AUTHORIZED;
		return new Actions(connect, false, authorized && (status.hasRefreshToken() || !provider.grant().needsPerson()),
				status.state() != AuthorizationState.LOGIN_REQUIRED && provider.grant().needsPerson());
	}

	private static @Nullable Shown shown(Login login) {
		return (login.shown().isDone() && !login.shown().isCompletedExceptionally()) ? login.shown().getNow(null)
				: null;
	}

	private static Facts facts(Provider provider, CredentialStatus status) {
		String issuer = provider.issuerUri();
		Instant lastRefreshAt = status.lastRefreshAt();
		return new Facts((issuer != null) ? issuer : "–",
				provider.client().isKnown() ? provider.client().id() : "registers itself",
				String.join(" ",
						status.scopesGranted().isEmpty() ? provider.request().scopes() : status.scopesGranted()),
				(provider.login().pkce() && provider.grant().needsPerson()) ? "S256 (PKCE)" : "none",
				status.hasRefreshToken() ? "stored" : "none",
				(lastRefreshAt != null) ? Words.clock(lastRefreshAt) : "–");
	}

}
