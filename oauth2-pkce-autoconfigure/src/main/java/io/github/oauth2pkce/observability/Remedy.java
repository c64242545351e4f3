package io.github.oauth2pkce.observability;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.RefreshOutcome;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * What a person should do, by state and kind of credential; never a wrong advice: nobody
 * is sent to log in where nobody can, or where it would not help.
 */
final class Remedy {

	/** These pass, or are no failure of this client. */
	private static final Set<String> PASSING = Set.of("unreachable", "timeout", "discovery_failed", "server_error",
			"temporarily_unavailable", "slow_down", "authorization_pending", "invalid_token_response", "empty_token",
			"lock_timeout", "lock_lost");

	private static final String ALWAYS = "oauth2.pkce.login.on-startup=always";

	private static final String UNRESTRICTED = "management.endpoint.oauth2providers.access=unrestricted";

	private final Provider provider;

	private final LoginWays ways;

	Remedy(Provider provider, LoginWays ways) {
		this.provider = provider;
		this.ways = ways;
	}

	/**
	 * The advice where everybody may look: without the code of a login that runs.
	 * @param status what is known about the credential
	 * @param running whether a login runs
	 * @param shown a code on display, {@code null} when there is none
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	@Nullable String withoutCode(CredentialStatus status, boolean running, @Nullable Shown shown) {
		if (shown != null && this.provider.principal() != PrincipalKind.CURRENT_USER) {
			return "Open " + shown.userCode().verificationUri()
					+ " and enter the code, which is on the console, in the log and at the endpoint oauth2providers";
		}
		return of(status, running, shown);
	}

	/**
	 * The advice.
	 * @param status what is known about the credential
	 * @param running whether a login runs
	 * @param shown a code on display, {@code null} when there is none
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	@Nullable String of(CredentialStatus status, boolean running, @Nullable Shown shown) {
		if (this.provider.principal() == PrincipalKind.CURRENT_USER) {
			return ofUsers();
		}
		if (shown != null) {
			return "Open " + shown.userCode().verificationUri() + " and enter the code " + shown.userCode().userCode();
		}
		if (running) {
			return isBrowserLogin() ? "Finish the login in the browser on the application's machine"
					: "Wait for the code of the login that has just begun";
		}
		if (!this.provider.isUserGrant()) {
			return ofMachine(status);
		}
		return switch (status.state()) {
			case UNKNOWN -> "Make the token store readable: the log names the problem (event oauth2_store_failed);"
					+ " or forget the login and log in again";
			case LOGIN_REQUIRED -> "Log in: " + way();
			case REAUTHENTICATION_REQUIRED -> "Log in again: " + way();
			case AUTHORIZED -> refreshing(status);
		};
	}

	private boolean isBrowserLogin() {
		return AuthorizationGrantType.AUTHORIZATION_CODE.equals(this.provider.grant());
	}

	private String ofUsers() {
		String page = this.ways.browserLogin();
		if (isBrowserLogin()) {
			return (page != null) ? "Each user logs in at " + page + "/" + this.provider.id() : noBrowserLogin();
		}
		return "Each user logs in for themselves, when the application's own code starts it";
	}

	private @Nullable String ofMachine(CredentialStatus status) {
		String error = status.lastError();
		if (error == null) {
			return null;
		}
		return PASSING.contains(error) ? "Nothing: acquiring a token is tried again" : check(error);
	}

	private @Nullable String refreshing(CredentialStatus status) {
		String error = status.lastError();
		if (status.lastOutcome() == RefreshOutcome.REJECTED) {
			return "Log in again before the access token ends, the server will not renew it: " + way();
		}
		if (error == null) {
			return null;
		}
		if ("store_error".equals(error)) {
			return "Make the token store writable; a new token is kept in memory until then";
		}
		return PASSING.contains(error) ? "Nothing: the login is kept, and refreshing is tried again" : check(error);
	}

	private String check(String error) {
		return "Check oauth2.pkce.providers." + this.provider.id()
				+ " (client-id, client-secret, scope, resource): the server answered " + error;
	}

	private String way() {
		if (isBrowserLogin()) {
			String page = this.ways.browserLogin();
			if (page != null) {
				// Of no use to the application's own credential: no visitor can make
				// that.
				return "open " + page + "/" + this.provider.id() + " in a browser, with oauth2.pkce.providers."
						+ this.provider.id() + ".principal=current-user: such a login is its user's";
			}
			return this.ways.isWeb() ? noBrowserLogin()
					: "restart on a terminal of a machine with a browser, or with " + ALWAYS;
		}
		if (!this.ways.isWeb()) {
			return "restart on a terminal, or with " + ALWAYS;
		}
		String endpoint = this.ways.endpoint();
		if (endpoint == null) {
			return "restart with " + ALWAYS + "; or expose the endpoint"
					+ " (management.endpoints.web.exposure.include=oauth2providers, " + UNRESTRICTED
					+ ") and POST to it";
		}
		String command = "curl -X POST " + endpoint + "/" + this.provider.id();
		return this.ways.isEndpointUnrestricted() ? command + " answers with a page and a code"
				: command + ", once " + UNRESTRICTED + " is set; or restart with " + ALWAYS;
	}

	static String noBrowserLogin() {
		return "this application has no browser logins; add spring-boot-starter-security-oauth2-client,"
				+ " or use device_code";
	}

}
