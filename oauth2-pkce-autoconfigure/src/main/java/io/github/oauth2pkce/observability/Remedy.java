package io.github.oauth2pkce.observability;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.refresh.CredentialStatus;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** What a person should do, by state and kind of credential; never a wrong advice. */
final class Remedy {

	private Remedy() {
	}

	/**
	 * The advice.
	 * @param provider the provider
	 * @param status what is known about its credential
	 * @param shown a code on display, {@code null} when no login runs
	 * @param startable whether this application can start a login
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	static @Nullable String of(Provider provider, CredentialStatus status, @Nullable Shown shown, boolean startable) {
		if (provider.principal() == PrincipalKind.CURRENT_USER) {
			return "Each user logs in for themselves";
		}
		if (shown != null) {
			return "Open " + shown.userCode().verificationUri() + " and enter the code " + shown.userCode().userCode();
		}
		if (status.state() == AuthorizationState.UNKNOWN) {
			return "Make the token store readable; the log names the problem (event oauth2_store_failed)";
		}
		if (!provider.isUserGrant()) {
			return (status.lastError() != null) ? check(provider, status) : null;
		}
		return status.state().needsPerson() ? logIn(provider, status, startable) : refreshing(provider, status);
	}

	private static String logIn(Provider provider, CredentialStatus status, boolean startable) {
		String again = (status.state() == AuthorizationState.REAUTHENTICATION_REQUIRED) ? "Log in again" : "Log in";
		boolean code = AuthorizationGrantType.AUTHORIZATION_CODE.equals(provider.grant());
		if (code && !startable) {
			return again + " in a browser at " + page(provider) + "; requests carry the bearer of the user who is"
					+ " signed in with oauth2.pkce.providers." + provider.id() + ".principal=current-user";
		}
		return again + ": POST /actuator/oauth2providers/" + provider.id()
				+ " (with management.endpoint.oauth2providers.access=unrestricted) answers with a "
				+ (code ? "page to open on the application's machine" : "code to enter")
				+ "; or restart with oauth2.pkce.login.on-startup=always";
	}

	/** Where Spring Security's filters begin a browser login. */
	static String page(Provider provider) {
		return "/oauth2/authorization/" + provider.id();
	}

	private static @Nullable String refreshing(Provider provider, CredentialStatus status) {
		if (status.lastError() == null) {
			return null;
		}
		return switch (status.lastError()) {
			case "invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "invalid_target",
					"unsupported_grant_type", "unsupported_token_type" ->
				check(provider, status);
			case "store_error" -> "Make the token store writable; a new token is kept in memory until then";
			default -> "Nothing: the login is kept, and refreshing is tried again";
		};
	}

	private static String check(Provider provider, CredentialStatus status) {
		return switch (String.valueOf(status.lastError())) {
			case "unreachable", "timeout", "discovery_failed", "server_error", "temporarily_unavailable",
					"invalid_token_response" ->
				"Nothing: acquiring a token is tried again";
			default -> "Check oauth2.pkce.providers." + provider.id()
					+ " (client-id, client-secret, scope, resource): the server answered " + status.lastError();
		};
	}

}
