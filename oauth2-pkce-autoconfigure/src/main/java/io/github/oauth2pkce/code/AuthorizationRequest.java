package io.github.oauth2pkce.code;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.CodeChallenge;
import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.SentSecrets;

import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * One authorization request (RFC 6749 section 4.1.1), with a state and a verifier that no
 * other request has. Immutable; its text shows neither.
 */
final class AuthorizationRequest {

	private static final String NONCE = "nonce";

	private static final String PROMPT = "prompt";

	private final Provider provider;

	private final URI redirectUri;

	private final String state;

	private final @Nullable CodeVerifier codeVerifier;

	private final @Nullable String nonce;

	AuthorizationRequest(Provider provider, URI redirectUri) {
		this.provider = provider;
		this.redirectUri = redirectUri;
		this.state = Random.value();
		this.codeVerifier = provider.login().pkce() ? CodeVerifier.generate() : null;
		// OpenID Connect Core section 3.1.2.1: OPTIONAL, and some servers want it.
		this.nonce = provider.request().scopes().contains("openid") ? Random.value() : null;
	}

	/**
	 * The request as a browser carries it.
	 * @param endpoint the authorization endpoint
	 * @return where to send the browser
	 */
	URI uri(URI endpoint) {
		MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
		parameters.add(OAuth2ParameterNames.RESPONSE_TYPE, OAuth2ParameterNames.CODE);
		parameters.add(OAuth2ParameterNames.CLIENT_ID, this.provider.client().id());
		parameters.add(OAuth2ParameterNames.REDIRECT_URI, this.redirectUri.toString());
		if (!this.provider.request().scopes().isEmpty()) {
			parameters.add(OAuth2ParameterNames.SCOPE, String.join(" ", this.provider.request().scopes()));
		}
		parameters.add(OAuth2ParameterNames.STATE, this.state);
		if (this.codeVerifier != null) {
			parameters.add(PkceParameterNames.CODE_CHALLENGE, this.codeVerifier.challenge().value());
			parameters.add(PkceParameterNames.CODE_CHALLENGE_METHOD, CodeChallenge.METHOD);
		}
		if (this.nonce != null) {
			parameters.add(NONCE, this.nonce);
		}
		DpopKey key = this.provider.tokens().key();
		if (key != null) {
			// RFC 9449 section 10: whoever steals the code cannot redeem it either.
			parameters.add("dpop_jkt", key.thumbprint());
		}
		this.provider.request().resources().forEach((resource) -> parameters.add("resource", resource));
		this.provider.request().additionalParameters().forEach(parameters::add);
		if (needsConsent() && !parameters.containsKey(PROMPT)) {
			parameters.add(PROMPT, "consent");
		}
		return PushedAuthorizationRequests.at(endpoint, parameters);
	}

	/**
	 * OpenID Connect Core section 11: a server MUST ignore {@code offline_access} without
	 * consent to it. Nobody has consented to a client that nobody has configured; to a
	 * configured one an administrator may have, and the question may have no other
	 * answer.
	 */
	private boolean needsConsent() {
		boolean isConfigured = this.provider.client().registered() == null && !this.provider.client()
			.id()
			.equals(String.valueOf(this.provider.registration().clientMetadataUri()));
		return !isConfigured && this.provider.request().scopes().contains("offline_access");
	}

	/**
	 * Whether an answer is to this request (RFC 6749 section 10.12).
	 * @param state the state of the answer
	 * @return compared in constant time
	 */
	boolean isState(@Nullable String state) {
		return state != null && Random.isSame(this.state, state);
	}

	/**
	 * Compares the nonce of an ID token (OpenID Connect Core section 3.1.3.7). No other
	 * claim is looked at, nor the signature: the token came over TLS from the endpoint
	 * itself (item 6), and nobody is logged in by it.
	 * @param idToken the ID token, {@code null} when none came
	 * @throws CodeLoginException when it has another nonce, or none that can be read
	 */
	void checkNonce(@Nullable String idToken) {
		if (this.nonce == null || idToken == null) {
			return;
		}
		String actual = null;
		try {
			String[] parts = idToken.split("\\.");
			JsonAnswer claims = (parts.length == 3)
					? JsonAnswer.parse(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
					: null;
			actual = (claims != null) ? claims.text(NONCE) : null;
		}
		catch (IllegalArgumentException ex) {
			// No Base64: the same as no nonce.
		}
		if (actual == null || !Random.isSame(this.nonce, actual)) {
			throw CodeLoginException.otherNonce(actual != null);
		}
	}

	/**
	 * What a server may not reflect into our messages.
	 * @param code the code that it sent, if any
	 * @return the secrets of this login
	 */
	SentSecrets secrets(@Nullable String code) {
		String verifier = (this.codeVerifier != null) ? this.codeVerifier.value() : null;
		return SentSecrets.of(this.provider, this.state, verifier, this.nonce, code);
	}

	/** The token request (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
	MultiValueMap<String, String> exchange(String code) {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add(OAuth2ParameterNames.CODE, code);
		form.add(OAuth2ParameterNames.REDIRECT_URI, this.redirectUri.toString());
		if (this.codeVerifier != null) {
			form.add(PkceParameterNames.CODE_VERIFIER, this.codeVerifier.value());
		}
		return form;
	}

	@Override
	public String toString() {
		return "AuthorizationRequest[provider=" + this.provider.id() + ", redirectUri=" + this.redirectUri + "]";
	}

}
