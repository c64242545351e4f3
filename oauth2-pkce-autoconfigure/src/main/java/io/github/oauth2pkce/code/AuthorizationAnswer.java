package io.github.oauth2pkce.code;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;

/**
 * An authorization response (RFC 6749 section 4.1.2) as it came in; anybody on this
 * machine can have sent it. Its text shows no value.
 */
final class AuthorizationAnswer {

	private static final Set<String> KNOWN = Set.of(OAuth2ParameterNames.STATE, OAuth2ParameterNames.CODE,
			OAuth2ParameterNames.ERROR, OAuth2ParameterNames.ERROR_DESCRIPTION, OAuth2ParameterNames.ERROR_URI,
			IssuerCheck.PARAMETER);

	private final Map<String, String> parameters;

	private AuthorizationAnswer(Map<String, String> parameters) {
		this.parameters = parameters;
	}

	/**
	 * Reads a query.
	 * @param query the raw query
	 * @return the answer, or {@code null} when the query is none
	 */
	static @Nullable AuthorizationAnswer parse(@Nullable String query) {
		Map<String, String> parameters = new HashMap<>();
		try {
			for (String pair : (query != null) ? query.split("&") : new String[0]) {
				int equals = pair.indexOf('=');
				String name = decode((equals >= 0) ? pair.substring(0, equals) : pair);
				String value = decode((equals >= 0) ? pair.substring(equals + 1) : "");
				// RFC 6749 section 3.1: parameters without a value MUST be treated as
				// omitted, and response parameters MUST NOT be included more than once.
				if (KNOWN.contains(name) && !value.isEmpty() && parameters.put(name, value) != null) {
					return null;
				}
			}
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
		return new AuthorizationAnswer(parameters);
	}

	private static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

	@Nullable String get(String name) {
		return this.parameters.get(name);
	}

	@Override
	public String toString() {
		return "AuthorizationAnswer" + this.parameters.keySet();
	}

}
