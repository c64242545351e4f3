package io.github.oauth2pkce.device;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.CodeChallenge;
import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;

/**
 * The device authorization endpoint (RFC 8628 section 3.1), with a proof key: not in that
 * RFC, but Keycloak demands it of clients that must use PKCE, and others ignore
 * parameters that they do not know (RFC 6749 section 3.1).
 */
final class DeviceAuthorizationEndpoint {

	/** RFC 8628 section 3.2: if no value is provided, clients MUST use 5. */
	private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);

	/** {@code expires_in} is required; a server that forgets it gets a usual value. */
	private static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(10);

	private static final Duration LONGEST_LIFETIME = Duration.ofDays(1);

	private final AuthorizationServerClient client;

	private final PollingTime time;

	DeviceAuthorizationEndpoint(AuthorizationServerClient client, PollingTime time) {
		this.client = client;
		this.time = time;
	}

	DeviceAuthorization authorize(Provider provider, URI endpoint) {
		CodeVerifier codeVerifier = provider.login().pkce() ? CodeVerifier.generate() : null;
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		if (!provider.request().scopes().isEmpty()) {
			form.add(OAuth2ParameterNames.SCOPE, String.join(" ", provider.request().scopes()));
		}
		if (codeVerifier != null) {
			form.add(PkceParameterNames.CODE_CHALLENGE, codeVerifier.challenge().value());
			form.add(PkceParameterNames.CODE_CHALLENGE_METHOD, CodeChallenge.METHOD);
		}
		TokenEndpoint.addResources(provider, form);
		provider.request().additionalParameters().forEach(form::add);
		long requestedAt = this.time.nanoTime();
		Answer answer = this.client.post(provider, endpoint, AuthorizationServerCall.deviceAuthorization(provider.id()),
				form);
		JsonAnswer json = JsonAnswer.parse(answer.body());
		String deviceCode = (json != null) ? json.text(OAuth2ParameterNames.DEVICE_CODE) : null;
		// GitHub answers an unknown client with status 200: the body decides.
		if (answer.status() / 100 != 2 || json == null
				|| (!StringUtils.hasText(deviceCode) && json.error(Set.of()) != null)) {
			throw TokenEndpoint.failure(provider, form, answer);
		}
		if (deviceCode == null || deviceCode.isBlank()) {
			throw unusable("The device authorization response has no device_code");
		}
		return new DeviceAuthorization(deviceCode, userCode(provider, json), interval(json), codeVerifier, requestedAt);
	}

	private static UserCode userCode(Provider provider, JsonAnswer json) {
		String userCode = ServerText.printable(json.text(OAuth2ParameterNames.USER_CODE));
		if (!StringUtils.hasText(userCode)) {
			throw unusable("The device authorization response has no user_code");
		}
		String address = json.text(OAuth2ParameterNames.VERIFICATION_URI);
		// Google's name for it, older than the RFC.
		URI verificationUri = page((address != null) ? address : json.text("verification_url"));
		if (verificationUri == null) {
			throw unusable("The device authorization response has no verification_uri that is https or loopback");
		}
		return new UserCode(provider.id(), userCode, verificationUri,
				page(json.text(OAuth2ParameterNames.VERIFICATION_URI_COMPLETE)), lifetime(json));
	}

	/**
	 * A page that a person can be sent to; an address with control characters is none.
	 */
	private static @Nullable URI page(@Nullable String address) {
		if (address == null || address.length() > 2000 || !address.equals(ServerText.printable(address, 2000))) {
			return null;
		}
		try {
			URI uri = new URI(address);
			return (uri.getUserInfo() == null && SecureTransport.isSecure(uri)) ? uri : null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	private static Duration lifetime(JsonAnswer json) {
		Duration lifetime = json.seconds(OAuth2ParameterNames.EXPIRES_IN);
		if (lifetime == null) {
			return DEFAULT_LIFETIME;
		}
		return (lifetime.compareTo(LONGEST_LIFETIME) < 0) ? lifetime : LONGEST_LIFETIME;
	}

	/**
	 * Rounded up and never shortened, but an interval beyond the lifetime means never.
	 */
	private static Duration interval(JsonAnswer json) {
		Duration interval = json.seconds(OAuth2ParameterNames.INTERVAL);
		if (interval == null) {
			return DEFAULT_INTERVAL;
		}
		Duration lifetime = lifetime(json);
		return (interval.compareTo(lifetime) < 0) ? interval : lifetime;
	}

	private static TokenRequestException unusable(String problem) {
		return new TokenRequestException(FailureKind.MISCONFIGURED, 200,
				new OAuth2Error(Problem.INVALID_DEVICE_AUTHORIZATION_RESPONSE.code(), problem, null), null);
	}

}
