package io.github.oauth2pkce.token;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * What to change when an authorization server refuses the client, and not the person: its
 * own words name no property.
 */
public final class ClientAdvice {

	/** As Keycloak, LemonLDAP, Django, oidc-provider, Okta and Entra say it. */
	private static final Pattern PKCE = Pattern.compile("code.?challenge|code.?verifier|pkce|proof key");

	private static final Pattern DPOP = Pattern.compile("\\bDPoP\\b", Pattern.CASE_INSENSITIVE);

	private static final Pattern REDIRECT_URI = Pattern.compile("redirect.?ur[il]");

	private static final Pattern NOT_IN_AUDIENCE = Pattern.compile("not (with)?in the token audience");

	/** The message says already what to do. */
	private static final Set<Problem> EXPLAINED = EnumSet.of(Problem.UNSUPPORTED_TOKEN_TYPE,
			Problem.REDIRECT_PORT_UNAVAILABLE);

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
		String code = errorCode.toLowerCase(Locale.ROOT);
		if (EXPLAINED.contains(Problem.of(code))) {
			return null;
		}
		String advice = ofWords(provider, message);
		if (advice != null) {
			return advice;
		}
		String words = message.toLowerCase(Locale.ROOT);
		return switch (code) {
			case OAuth2ErrorCodes.INVALID_REQUEST, OAuth2ErrorCodes.INVALID_GRANT -> ofRequest(provider, words);
			case OAuth2ErrorCodes.UNAUTHORIZED_CLIENT -> "check " + client(provider) + grant(provider);
			default -> of(provider, errorCode);
		};
	}

	/**
	 * Advises by the words alone, where a server has one code for many things: Keycloak's
	 * {@code unauthorized_client} is a wrong secret, or a grant that is off.
	 * @param provider the provider
	 * @param message the server's words
	 * @return what to do, as the end of a sentence; {@code null} when the words are no
	 * known ones
	 */
	public static @Nullable String ofWords(Provider provider, String message) {
		String words = message.toLowerCase(Locale.ROOT);
		if (words.contains("invalid client credentials")) {
			return unknownClient(provider);
		}
		if (words.contains("not enabled to retrieve service account")) {
			return enable(provider, "Service account roles");
		}
		if (words.contains("standard token exchange is not enabled")) {
			return enable(provider, "Standard Token Exchange");
		}
		if (words.contains("jwt authorization grant is not supported")
				|| words.contains("public client not allowed to use authorization grant")) {
			return enable(provider, "JWT Authorization Grant")
					+ ", with the identity provider that has issued the assertion; the client needs a secret or a key";
		}
		if (words.contains("audience not found")) {
			return "set " + audienceOfExchange(provider)
					+ " to the client id of the service that the token is for: the server has no client of that id";
		}
		if (words.contains("requested audience not available")) {
			return "ask by " + provider.property("scope") + " for a scope whose audience has "
					+ audienceOfExchange(provider) + ", such as a client scope with an audience mapper at Keycloak";
		}
		ForeignToken subject = provider.exchange().subject();
		if (subject != null && NOT_IN_AUDIENCE.matcher(words).find()) {
			return "let the server that issues the token from " + subject.place() + " (" + subject.property() + ") put "
					+ client(provider) + " into its audience, such as by an audience mapper at Keycloak";
		}
		return null;
	}

	private static String enable(Provider provider, String capability) {
		return "enable \"" + capability + "\" for " + client(provider) + " at the server (Capability config)";
	}

	private static String grant(Provider provider) {
		return ", and allow it the grant " + provider.grant().tag() + " at the server";
	}

	private static String audienceOfExchange(Provider provider) {
		String audience = provider.exchange().audience();
		return provider.property("token-exchange.audience") + ((audience != null) ? " = \"" + audience + "\"" : "");
	}

	/**
	 * Advises whoever knows no more than an error code.
	 * @param provider the provider
	 * @param errorCode the server's error code, or a short name for an error without one
	 * @return what to do, as the end of a sentence; {@code null} when nothing is known to
	 * be wrong with the client
	 */
	public static @Nullable String of(Provider provider, String errorCode) {
		String code = errorCode.toLowerCase(Locale.ROOT);
		Problem problem = Problem.of(code);
		return (problem != null) ? ofProblem(provider, problem) : ofServer(provider, code);
	}

	private static @Nullable String ofProblem(Provider provider, Problem problem) {
		return switch (problem) {
			case UNSUPPORTED_TOKEN_TYPE -> provider.tokens().dpop()
					? "enable DPoP for " + client(provider) + " at the server, or remove " + provider.property("dpop")
					: "if the server's token type is just another name for Bearer, add that name to "
							+ provider.property("accepted-token-types") + "; the log shows it";
			case REDIRECT_PORT_UNAVAILABLE ->
				"choose another " + provider.property("redirect-port") + ", or end the program that uses it";
			case NOT_FOUND -> unknownIssuer(provider);
			default -> null;
		};
	}

	private static @Nullable String ofServer(Provider provider, String code) {
		return switch (code) {
			case OAuth2ErrorCodes.INVALID_CLIENT, "incorrect_client_credentials" -> unknownClient(provider)
					// As Keycloak calls a client that is to be the audience.
					+ ((provider.exchange().audience() != null)
							? ", and that the server knows " + audienceOfExchange(provider) : "");
			// Keycloak's code of a wrong secret as well.
			case OAuth2ErrorCodes.UNAUTHORIZED_CLIENT ->
				(ClientAuthenticationMethod.NONE.equals(provider.client().authenticationMethod())
						? "check " + client(provider) : invalidClient(provider)) + grant(provider);
			case OAuth2ErrorCodes.UNSUPPORTED_GRANT_TYPE ->
				"choose another " + provider.property("authorization-grant-type") + ", or enable "
						+ provider.grant().tag() + " at the server";
			case "device_flow_disabled" -> "enable the device flow for " + client(provider) + " at the server";
			case OAuth2ErrorCodes.INVALID_SCOPE ->
				"change " + provider.property("scope") + " = \"" + String.join(" ", provider.request().scopes())
						+ "\", or allow this client each of them at the server";
			case OAuth2ErrorCodes.INVALID_GRANT -> ofForeignToken(provider);
			case "invalid_target" ->
				"change " + provider.property(target(provider)) + ", or allow this client that resource at the server";
			case OAuth2ErrorCodes.INVALID_REQUEST ->
				"compare " + provider.property("pkce") + ", " + provider.property("scope") + " and "
						+ provider.property("resource") + " with what the server demands; the log has its words";
			case "redirect_uri_mismatch" -> redirectUri(provider);
			case ErrorCodes.INVALID_DPOP_PROOF ->
				"compare this machine's clock with the server's, and the address of the token endpoint with the one that the server"
						+ " knows itself by: a proxy between them may have changed it";
			case "http_404", "realm does not exist" -> unknownIssuer(provider);
			default -> null;
		};
	}

	private static String unknownClient(Provider provider) {
		if (provider.client().isKnown()) {
			return invalidClient(provider);
		}
		return provider.registration().enabled()
				? "log in again: the server no longer knows this application" + (isByKey(provider)
						? ", or its key has changed; it then registers anew" : ", which then registers anew")
				: "the server does not take the document at " + provider.property("client-metadata-uri")
						+ " here: ask its operator, or set " + provider.property("client-id")
						+ " to a client that is registered by hand";
	}

	/** Whether it registers with its public key. */
	private static boolean isByKey(Provider provider) {
		return ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(provider.client().authenticationMethod())
				&& provider.client().assertion().source() == null;
	}

	/** What the server compares, by the way in which the client says who it is. */
	private static String invalidClient(Provider provider) {
		return "check " + client(provider) + switch (provider.client().authenticationMethod().getValue()) {
			case "private_key_jwt" -> privateKeyJwt(provider);
			case "client_secret_jwt" -> ", " + provider.property("client-secret")
					+ ", that the server takes the audience " + audience(provider) + ", and that both clocks agree";
			case "tls_client_auth", "self_signed_tls_client_auth" -> ", and that the server knows the certificate of "
					+ provider.property("ssl-bundle") + " = \"" + provider.client().sslBundle() + "\" for it";
			default -> ((provider.client().secret() != null) ? " and " : ", and whether the server demands ")
					+ provider.property("client-secret");
		};
	}

	private static String privateKeyJwt(Provider provider) {
		Assertion assertion = provider.client().assertion();
		if (assertion.source() != null) {
			return ", and that the server trusts the token from " + assertion.source().place() + " ("
					+ assertion.source().property() + "): its issuer, subject and audience";
		}
		return ", that the server knows the key of "
				+ provider.property((assertion.key() != null) ? "client-assertion.key" : "ssl-bundle") + " by its id ("
				+ provider.property("client-assertion.key-id") + "), that it takes the audience " + audience(provider)
				+ ", and that both clocks agree";
	}

	private static String audience(Provider provider) {
		String configured = provider.client().assertion().audience();
		String audience = (configured != null) ? configured : provider.issuerUri();
		return ((audience != null) ? "\"" + audience + "\" (" : "of the token endpoint (")
				+ provider.property("client-assertion.audience") + ")";
	}

	private static String unknownIssuer(Provider provider) {
		if (provider.issuerUri() == null && provider.resourceUri() == null) {
			return "check " + provider.property("token-uri")
					+ " and the other endpoints, which the server does not know";
		}
		return "check " + provider.property("issuer-uri") + ", which the server does not know";
	}

	private static @Nullable String ofRequest(Provider provider, String message) {
		if (PKCE.matcher(message).find()) {
			return provider.login().pkce()
					? "if this server cannot do PKCE, set " + provider.property("pkce") + "=false"
					: "this server demands PKCE: remove " + provider.property("pkce") + "=false";
		}
		if (DPOP.matcher(message).find() && !provider.tokens().dpop()) {
			return "this server demands proofs of possession: set " + provider.property("dpop") + "=true";
		}
		return REDIRECT_URI.matcher(message).find() ? redirectUri(provider) : null;
	}

	private static @Nullable String redirectUri(Provider provider) {
		return provider.grant() == Grant.AUTHORIZATION_CODE
				? "register the redirect URI of this login, " + provider.login().redirectUri()
						+ " (a server may take any port), for the client at the server; or set "
						+ provider.property("redirect-uri") + " to one that is registered"
				: null;
	}

	/** The server's own words, which the log has, say what is wrong with it. */
	private static @Nullable String ofForeignToken(Provider provider) {
		ForeignToken subject = provider.exchange().subject();
		return (subject != null)
				? "check that the server trusts the issuer, the audience and the subject of the token from "
						+ subject.place() + " (" + subject.property() + ")"
				: null;
	}

	private static String target(Provider provider) {
		if (provider.exchange().audience() != null) {
			return "token-exchange.audience";
		}
		return (provider.request().resourceMetadataUri() != null) ? "resource-metadata-uri" : "resource";
	}

	private static String client(Provider provider) {
		return provider.property("client-id") + " = \"" + provider.client().id() + "\"";
	}

}
