package io.github.oauth2pkce.sample.authserver;

import java.io.IOException;
import java.util.Objects;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.endpoint.OAuth2DeviceAuthorizationResponse;
import org.springframework.security.oauth2.core.http.converter.OAuth2DeviceAuthorizationResponseHttpMessageConverter;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2DeviceAuthorizationRequestAuthenticationToken;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;

/**
 * The device authorization response (RFC 8628 section 3.2) with an {@code interval},
 * which Spring Authorization Server leaves out.
 */
final class DeviceAuthorizationAnswer implements AuthenticationSuccessHandler {

	private final OAuth2DeviceAuthorizationResponseHttpMessageConverter converter = new OAuth2DeviceAuthorizationResponseHttpMessageConverter();

	private final String verificationUri;

	private final PollPace pace;

	DeviceAuthorizationAnswer(String verificationUri, PollPace pace) {
		this.verificationUri = verificationUri;
		this.pace = pace;
	}

	@Override
	public void onAuthenticationSuccess(HttpServletRequest request, HttpServletResponse response,
			Authentication authentication) throws IOException {
		OAuth2DeviceAuthorizationRequestAuthenticationToken granted = (OAuth2DeviceAuthorizationRequestAuthenticationToken) authentication;
		String userCode = Objects.requireNonNull(granted.getUserCode()).getTokenValue();
		OAuth2DeviceAuthorizationResponse answer = OAuth2DeviceAuthorizationResponse
			.with(Objects.requireNonNull(granted.getDeviceCode()), granted.getUserCode())
			.verificationUri(this.verificationUri)
			.verificationUriComplete(this.verificationUri + "?user_code=" + userCode)
			.interval(this.pace.interval().toSeconds())
			.build();
		this.converter.write(answer, null, new ServletServerHttpResponse(response));
	}

}
