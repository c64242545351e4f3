package io.github.oauth2pkce.token;

import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;

/**
 * What to change when an authorization server refuses the client, and not the person: its
 * own words name no property.
 */
public final class ClientAdvice {

	/** As Keycloak, LemonLDAP, Django, oidc-provider, Okta and Entra say it. */
	private static final Pattern PKCE = Pattern.compile("code.?challenge|code.?verifier|pkce|proof key");

	private static final Pattern REDIRECT_URI = Pattern.compile("redirect.?ur[il]");

	private ClientAdvice() {
	}

	/**
	 * Advises whoever has the server's words before them.
	 * @param provider the provider
	 * @param errorCode the server's error code, or a short name for an error without one
	 * @param message the words
	 * @return what to do, as the end of a sentence; {@code null} when there is nothing to
	 * change, or the words say it themselves
	 */
	public static @Nullable String of(Provider provider, String errorCode, String message) {
		return switch (errorCode.toLowerCase(Locale.ROOT)) {
			case "unsupported_token_type", "redirect_port_unavailable" -> null;
			case "invalid_request", "invalid_grant" -> ofRequest(provider, message.toLowerCase(Locale.ROOT));
			default -> of(provider, errorCode);
		};
	}

	/**
	 * Advises whoever knows no more than an error code.
	 * @param provider the provider
	 * @param errorCode the server's error code, or a short name for an error without one
	 * @return what to do, as the end of a sentence; {@code null} when nothing is known to
	 * be wrong with the client
	 */
	public static @Nullable String of(Provider provider, String errorCode) {
		return switch (errorCode.toLowerCase(Locale.ROOT)) {
			case "invalid_client",
					"incorrect_client_credentials" ->
				"check " + client(provider)
						+ ((provider.clientSecret() != null) ? " and " : ", and whether the server demands ")
						+ provider.property("client-secret");
			case "unauthorized_client" ->
				"check " + client(provider) + ", and allow it the grant " + provider.grant().tag() + " at the server";
			case "unsupported_grant_type" -> "choose another " + provider.property("authorization-grant-type")
					+ ", or enable " + provider.grant().tag() + " at the server";
			case "device_flow_disabled" -> "enable the device flow for " + client(provider) + " at the server";
			case "invalid_scope" -> "change " + provider.property("scope") + " = \""
					+ String.join(" ", provider.scopes()) + "\", or allow this client each of them at the server";
			case "invalid_target" -> "change "
					+ provider.property((provider.resourceMetadataUri() != null) ? "resource-metadata-uri" : "resource")
					+ ", or allow this client that resource at the server";
			case "invalid_request" -> "compare " + provider.property("pkce") + ", " + provider.property("scope")
					+ " and " + provider.property("resource") + " with what the server demands; the log has its words";
			case "redirect_uri_mismatch" -> redirectUri(provider);
			case "unsupported_token_type" -> "if what the server calls its tokens means bearer, add it to "
					+ provider.property("accepted-token-types") + "; the log has the name";
			case "redirect_port_unavailable" ->
				"choose another " + provider.property("redirect-port") + ", or end the program that uses it";
			case "http_404", "not_found", "realm does not exist" ->
				"check " + provider.property("issuer-uri") + ", which the server does not know";
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
		return provider.grant() == Grant.AUTHORIZATION_CODE ? "register the redirect URI of this login, "
				+ provider.redirectUri() + " (a server may take any port), for the client at the server; or set "
				+ provider.property("redirect-uri") + " to one that is registered" : null;
	}

	private static String client(Provider provider) {
		return provider.property("client-id") + " = \"" + provider.clientId() + "\"";
	}

}
