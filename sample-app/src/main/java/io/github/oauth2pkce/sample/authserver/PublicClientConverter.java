package io.github.oauth2pkce.sample.authserver;

import java.util.List;
import java.util.Map;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.web.authentication.AuthenticationConverter;

/**
 * Recognises a public client by its {@code client_id} alone: on device authorization
 * requests, polls, refreshes and revocations. Spring Authorization Server knows public
 * clients only where an authorization code and a verifier identify them.
 */
final class PublicClientConverter implements AuthenticationConverter {

	private static final List<String> SECRETS = List.of(OAuth2ParameterNames.CLIENT_SECRET,
			OAuth2ParameterNames.CLIENT_ASSERTION);

	@Override
	public @Nullable Authentication convert(HttpServletRequest request) {
		if (request.getHeader(HttpHeaders.AUTHORIZATION) != null
				|| SECRETS.stream().anyMatch((name) -> request.getParameter(name) != null)
				|| AuthorizationGrantType.AUTHORIZATION_CODE.getValue()
					.equals(request.getParameter(OAuth2ParameterNames.GRANT_TYPE))) {
			return null;
		}
		String[] clientIds = request.getParameterValues(OAuth2ParameterNames.CLIENT_ID);
		if (clientIds == null || clientIds.length != 1) {
			throw Errors.invalidClient();
		}
		return new OAuth2ClientAuthenticationToken(clientIds[0], ClientAuthenticationMethod.NONE, null, Map.of());
	}

}
