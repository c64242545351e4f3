package io.github.oauth2pkce.token;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/** A client secret, or none (RFC 6749 sections 2.3.1 and 3.2.1). */
enum SharedSecret implements ClientAuthentication {

	NONE(ClientAuthenticationMethod.NONE) {
		@Override
		void authenticate(String clientId, @Nullable String secret, HttpHeaders headers,
				MultiValueMap<String, String> form) {
			form.set(OAuth2ParameterNames.CLIENT_ID, clientId);
		}
	},

	BASIC(ClientAuthenticationMethod.CLIENT_SECRET_BASIC) {
		@Override
		void authenticate(String clientId, @Nullable String secret, HttpHeaders headers,
				MultiValueMap<String, String> form) {
			// Section 2.3.1: both are form-encoded before they are joined.
			headers.setBasicAuth(encode(clientId), encode(String.valueOf(secret)));
		}
	},

	POST(ClientAuthenticationMethod.CLIENT_SECRET_POST) {
		@Override
		void authenticate(String clientId, @Nullable String secret, HttpHeaders headers,
				MultiValueMap<String, String> form) {
			form.set(OAuth2ParameterNames.CLIENT_ID, clientId);
			form.add(OAuth2ParameterNames.CLIENT_SECRET, secret);
		}
	};

	private final ClientAuthenticationMethod method;

	SharedSecret(ClientAuthenticationMethod method) {
		this.method = method;
	}

	@Override
	public ClientAuthenticationMethod method() {
		return this.method;
	}

	@Override
	public void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form) {
		authenticate(provider.client().id(), provider.client().secret(), headers, form);
	}

	abstract void authenticate(String clientId, @Nullable String secret, HttpHeaders headers,
			MultiValueMap<String, String> form);

	private static String encode(String value) {
		return URLEncoder.encode(value, StandardCharsets.UTF_8);
	}

}
