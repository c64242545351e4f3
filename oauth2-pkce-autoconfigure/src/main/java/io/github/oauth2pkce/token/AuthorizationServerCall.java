package io.github.oauth2pkce.token;

import java.util.Set;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/**
 * What a request to an authorization server is for, in words of closed sets. Every such
 * request has it as the attribute {@link #ATTRIBUTE}, so that whoever observes requests
 * need not look at addresses and forms.
 *
 * @param providerId the provider
 * @param endpoint {@code discovery}, {@code device_authorization}, {@code token} or
 * {@code revocation}
 * @param grant the grant of a token request by its short name, else {@code none}
 */
public record AuthorizationServerCall(String providerId, String endpoint, String grant) {

	/** The name of the request attribute. */
	public static final String ATTRIBUTE = AuthorizationServerCall.class.getName();

	/** What there is instead of a value. */
	public static final String NONE = "none";

	private static final String TOKEN = "token";

	private static final Set<String> GRANTS = Set.of(AuthorizationGrantType.AUTHORIZATION_CODE.getValue(),
			AuthorizationGrantType.REFRESH_TOKEN.getValue(), AuthorizationGrantType.CLIENT_CREDENTIALS.getValue());

	static AuthorizationServerCall discovery(String providerId) {
		return new AuthorizationServerCall(providerId, "discovery", NONE);
	}

	static AuthorizationServerCall of(String providerId, MultiValueMap<String, String> form) {
		String grant = form.getFirst(OAuth2ParameterNames.GRANT_TYPE);
		if (grant != null) {
			return new AuthorizationServerCall(providerId, TOKEN, name(grant));
		}
		return new AuthorizationServerCall(providerId,
				form.containsKey(OAuth2ParameterNames.TOKEN) ? "revocation" : "device_authorization", NONE);
	}

	boolean isTokenRequest() {
		return TOKEN.equals(this.endpoint);
	}

	private static String name(String grant) {
		if (AuthorizationGrantType.DEVICE_CODE.getValue().equals(grant)) {
			return "device_code";
		}
		return GRANTS.contains(grant) ? grant : "other";
	}

}
