package io.github.oauth2pkce.login;

import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** What to change when a server refuses a login: its own words name no property. */
final class LoginAdvice {

	/** As Keycloak, LemonLDAP, Django, oidc-provider, Okta and Entra say it. */
	private static final Pattern PKCE = Pattern.compile("code.?challenge|code.?verifier|pkce|proof key");

	private static final Pattern REDIRECT_URI = Pattern.compile("redirect.?ur[il]");

	private LoginAdvice() {
	}

	/**
	 * Advises.
	 * @param provider the provider
	 * @param failure how the login failed
	 * @return what to do, as the end of a sentence; {@code null} when there is nothing to
	 * change
	 */
	static @Nullable String of(Provider provider, LoginException failure) {
		if (failure.outcome() != LoginOutcome.FAILED) {
			return null;
		}
		String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
		return switch (failure.errorCode()) {
			case "invalid_client", "incorrect_client_credentials" -> client(provider);
			case "unauthorized_client" ->
				"the client may not use " + grant(provider) + ": allow it at the server; or " + client(provider);
			case "device_flow_disabled" -> "switch the device flow on for " + provider.property("client-id") + " = \""
					+ provider.clientId() + "\" in its settings at the server";
			case "unsupported_grant_type" -> "the server has no " + grant(provider) + ": switch it on there, or change "
					+ provider.property("authorization-grant-type");
			case "invalid_scope" -> "check " + provider.property("scope") + " = \""
					+ String.join(" ", provider.scopes()) + "\": the server must allow each of them for this client";
			case "invalid_target" -> "check "
					+ provider.property((provider.resourceMetadataUri() != null) ? "resource-metadata-uri" : "resource")
					+ ": the server must know that resource, and allow it for this client";
			case "redirect_uri_mismatch" -> redirectUri(provider);
			case "invalid_request", "invalid_grant" -> ofRequest(provider, message);
			default -> null;
		};
	}

	private static @Nullable String ofRequest(Provider provider, String message) {
		if (PKCE.matcher(message).find()) {
			return provider.pkce() ? "if this server cannot do PKCE, set " + provider.property("pkce") + "=false"
					: "this server demands PKCE: remove " + provider.property("pkce") + "=false";
		}
		return REDIRECT_URI.matcher(message).find() ? redirectUri(provider) : null;
	}

	private static @Nullable String redirectUri(Provider provider) {
		return AuthorizationGrantType.AUTHORIZATION_CODE.equals(provider.grant())
				? "register the redirect URI of this login, " + provider.redirectUri()
						+ " (a server may take any port), for the client at the server; or set "
						+ provider.property("redirect-uri") + " to one that is registered"
				: null;
	}

	private static String client(Provider provider) {
		return "check " + provider.property("client-id") + " = \"" + provider.clientId() + "\""
				+ ((provider.clientSecret() != null) ? " and " + provider.property("client-secret")
						: " (a public client, because " + provider.property("client-secret") + " is not set)");
	}

	private static String grant(Provider provider) {
		String grant = provider.grant().getValue();
		return grant.substring(grant.lastIndexOf(':') + 1);
	}

}
