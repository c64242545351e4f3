package io.github.oauth2pkce.sample.authserver;

import java.util.Collections;

import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationGrantAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;

/**
 * Issues a token for the resource that the token request names (RFC 8707 section 2.2).
 * Spring Authorization Server ignores the parameter, and a token is for its client.
 */
final class AudienceOfResource implements OAuth2TokenCustomizer<JwtEncodingContext> {

	private static final String RESOURCE = "resource";

	private final String known;

	AudienceOfResource(String known) {
		this.known = known;
	}

	@Override
	public void customize(JwtEncodingContext context) {
		OAuth2AuthorizationGrantAuthenticationToken request = context.getAuthorizationGrant();
		Object resource = (request != null) ? request.getAdditionalParameters().get(RESOURCE) : null;
		if (resource == null) {
			return;
		}
		if (!this.known.equals(resource)) {
			throw Errors.error("invalid_target", "Unknown resource");
		}
		context.getClaims().audience(Collections.singletonList(this.known));
	}

}
