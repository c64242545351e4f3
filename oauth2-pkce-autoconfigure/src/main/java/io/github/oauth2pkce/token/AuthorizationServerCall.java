package io.github.oauth2pkce.token;

import io.github.oauth2pkce.Grant;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * What a request to an authorization server is for, in words of closed sets. Every such
 * request has it as the attribute {@link #ATTRIBUTE}, so that whoever observes requests
 * need not look at addresses and forms.
 *
 * @param providerId the provider
 * @param endpoint {@code discovery}, {@code registration}, {@code device_authorization},
 * {@code pushed_authorization}, {@code token}, {@code revocation} or
 * {@code subject_token}
 * @param grant the grant of a token request by its short name, else {@code none}
 */
public record AuthorizationServerCall(String providerId, String endpoint, String grant) {

	/** The name of the request attribute. */
	public static final String ATTRIBUTE = AuthorizationServerCall.class.getName();

	/** What there is instead of a value. */
	public static final String NONE = "none";

	private static final String TOKEN = "token";

	/**
	 * {@return a request for a metadata document}
	 * @param providerId the provider
	 */
	public static AuthorizationServerCall discovery(String providerId) {
		return new AuthorizationServerCall(providerId, "discovery", NONE);
	}

	/**
	 * {@return a client registration (RFC 7591 section 3), or its end (RFC 7592)}
	 * @param providerId the provider
	 */
	public static AuthorizationServerCall registration(String providerId) {
		return new AuthorizationServerCall(providerId, "registration", NONE);
	}

	/**
	 * {@return a device authorization request (RFC 8628 section 3.1)}
	 * @param providerId the provider
	 */
	public static AuthorizationServerCall deviceAuthorization(String providerId) {
		return new AuthorizationServerCall(providerId, "device_authorization", NONE);
	}

	/**
	 * {@return a request for a token that is shown to an authorization server}
	 * @param providerId the provider
	 */
	public static AuthorizationServerCall subjectToken(String providerId) {
		return new AuthorizationServerCall(providerId, "subject_token", NONE);
	}

	/**
	 * {@return a pushed authorization request (RFC 9126 section 2)}
	 * @param providerId the provider
	 */
	public static AuthorizationServerCall pushedAuthorization(String providerId) {
		return new AuthorizationServerCall(providerId, "pushed_authorization", NONE);
	}

	static AuthorizationServerCall revocation(String providerId) {
		return new AuthorizationServerCall(providerId, "revocation", NONE);
	}

	static AuthorizationServerCall token(String providerId, AuthorizationGrantType type) {
		if (AuthorizationGrantType.REFRESH_TOKEN.equals(type)) {
			return new AuthorizationServerCall(providerId, TOKEN, type.getValue());
		}
		Grant grant = Grant.find(type.getValue());
		return new AuthorizationServerCall(providerId, TOKEN, (grant != null) ? grant.tag() : "other");
	}

	boolean isTokenRequest() {
		return TOKEN.equals(this.endpoint);
	}

	/** Whether the server may take a refresh token in return for its answer. */
	boolean spendsRefreshToken() {
		return AuthorizationGrantType.REFRESH_TOKEN.getValue().equals(this.grant);
	}

}
