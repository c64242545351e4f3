package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * OpenID Connect Discovery and RFC 8414.
 */
final class DiscoveryBehavior implements Behavior {

	private final DiscoverySettings settings;

	private final AuthorizationSettings authorizationSettings;

	private final RegistrationSettings registration;

	private final Supplier<String> origin;

	private final String issuerPath;

	DiscoveryBehavior(DiscoverySettings settings, AuthorizationSettings authorizationSettings,
			RegistrationSettings registration, Supplier<String> origin, String issuerPath) {
		this.settings = settings;
		this.authorizationSettings = authorizationSettings;
		this.registration = registration;
		this.origin = origin;
		this.issuerPath = issuerPath;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		if (!this.settings.serves(request.path(), this.issuerPath)) {
			return Answer.status(404);
		}
		return Answer.json(200, this.settings.document().applyTo(document()));
	}

	private Map<String, Object> document() {
		String base = this.origin.get();
		Map<String, Object> document = new LinkedHashMap<>();
		document.put("issuer", base + this.issuerPath);
		document.put("authorization_endpoint", base + Endpoint.AUTHORIZATION.path());
		document.put("token_endpoint", base + Endpoint.TOKEN.path());
		document.put("device_authorization_endpoint", base + Endpoint.DEVICE_AUTHORIZATION.path());
		document.put("revocation_endpoint", base + Endpoint.REVOCATION.path());
		// Never served, but OpenID Connect documents without it are not valid.
		document.put("jwks_uri", base + "/jwks");
		document.put("response_types_supported", List.of("code"));
		document.put("subject_types_supported", List.of("public"));
		document.put("id_token_signing_alg_values_supported", List.of("RS256"));
		document.put("grant_types_supported", this.settings.grantTypes());
		document.put("token_endpoint_auth_methods_supported", this.settings.authenticationMethods());
		document.put("code_challenge_methods_supported", List.of("plain", "S256"));
		document.put("authorization_response_iss_parameter_supported", this.authorizationSettings.isIssSent());
		document.put("pushed_authorization_request_endpoint", base + Endpoint.PUSHED_AUTHORIZATION_REQUEST.path());
		if (this.authorizationSettings.isPushDemanded()) {
			document.put("require_pushed_authorization_requests", true);
		}
		if (this.registration.isOpen()) {
			document.put("registration_endpoint", base + Endpoint.REGISTRATION.path());
		}
		if (this.registration.isMetadataDocumentAccepted()) {
			document.put("client_id_metadata_document_supported", true);
		}
		return document;
	}

}
