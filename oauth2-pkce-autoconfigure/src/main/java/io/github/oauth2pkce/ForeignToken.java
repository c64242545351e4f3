package io.github.oauth2pkce;

import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A token that somebody else has issued, and where it is read, anew each time. Immutable;
 * holds no token.
 *
 * @param source the kind of place
 * @param value the place: a path, the name of a variable, an audience, the id of a
 * provider or the name of a bean
 * @param type what the token is: a token type identifier (RFC 8693 section 3)
 * @param property the full path of the property that names the place, for messages
 */
public record ForeignToken(Source source, String value, String type, String property) {

	/** An OAuth 2.0 access token. */
	public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

	/** An ID token (OpenID Connect Core section 2). */
	public static final String ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

	/** An OAuth 2.0 refresh token. */
	public static final String REFRESH_TOKEN = "urn:ietf:params:oauth:token-type:refresh_token";

	/** An identity assertion for another server (draft of OAuth's cross-domain grant). */
	public static final String ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

	/** A JSON Web Token. */
	public static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

	/** A base64url-encoded SAML 1.1 assertion. */
	public static final String SAML1 = "urn:ietf:params:oauth:token-type:saml1";

	/** A base64url-encoded SAML 2.0 assertion. */
	public static final String SAML2 = "urn:ietf:params:oauth:token-type:saml2";

	/** No name of a place has more characters. */
	private static final int LONGEST = 250;

	/** RFC 8693 section 2.2.1: {@code N_A}, whatever a server calls them. */
	private static final Set<String> NO_BEARERS = Set.of(ID_TOKEN, REFRESH_TOKEN, SAML1, SAML2, ID_JAG);

	/**
	 * Whether tokens of a type are never sent as a bearer.
	 * @param type a token type identifier
	 * @return {@code false} for access tokens, and for what only the server knows
	 */
	public static boolean isNoBearer(@Nullable String type) {
		return type != null && NO_BEARERS.contains(type);
	}

	/**
	 * Whether a text is a JSON Web Token and not the name of a place: people mistake the
	 * one for the other, and then messages would repeat it.
	 * @param text what is configured
	 * @return {@code true} for what begins like a JWT (RFC 7519 section 3)
	 */
	public static boolean isOneItself(String text) {
		return text.startsWith("eyJ");
	}

	/**
	 * Describes the place.
	 * @return a part of a sentence, without a value that is a token itself
	 */
	public String place() {
		String name = (isOneItself(this.value) || this.value.length() > LONGEST) ? "" : " '" + this.value + "'";
		return switch (this.source) {
			case FILE, KUBERNETES -> "the file" + name;
			case ENV -> "the environment variable" + name;
			case PROVIDER -> "provider" + name;
			case GITHUB_ACTIONS -> "GitHub Actions";
			case CURRENT_USER -> "the request of the signed-in user";
			case BEAN -> "the bean" + name;
		};
	}

	@Override
	public String toString() {
		return "ForeignToken[" + place() + ", type=" + this.type + "]";
	}

	/** Kinds of places. */
	public enum Source {

		/** A file, read anew each time. */
		FILE,

		/** An environment variable. */
		ENV,

		/** Another provider of this application. */
		PROVIDER,

		/** The OIDC endpoint of GitHub Actions. */
		GITHUB_ACTIONS,

		/** The projected token of the Kubernetes service account: a file, too. */
		KUBERNETES,

		/** The bearer with which the signed-in user has called this application. */
		CURRENT_USER,

		/** A bean of the application. */
		BEAN;

		/**
		 * {@return the last part of its property, such as {@code github-actions}}
		 */
		public String key() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

}
