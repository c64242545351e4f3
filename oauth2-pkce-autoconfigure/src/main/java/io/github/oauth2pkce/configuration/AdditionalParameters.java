package io.github.oauth2pkce.configuration;

import java.util.Map;
import java.util.Set;

/**
 * Parameters that a configuration adds to requests: anything but those that the protocol
 * itself has a meaning for.
 */
final class AdditionalParameters {

	/** Configured by another property, which sends them wherever they belong. */
	private static final Map<String, String> PROPERTIES = Map.ofEntries(Map.entry("client_id", "client-id"),
			Map.entry("client_secret", "client-secret"), Map.entry("scope", "scope"), Map.entry("resource", "resource"),
			Map.entry("code_challenge", "pkce"), Map.entry("code_challenge_method", "pkce"),
			Map.entry("code_verifier", "pkce"), Map.entry("grant_type", "authorization-grant-type"),
			Map.entry("assertion", "subject-token"), Map.entry("subject_token", "subject-token"),
			Map.entry("subject_token_type", "subject-token.type"), Map.entry("actor_token", "actor-token"),
			Map.entry("actor_token_type", "actor-token.type"),
			Map.entry("requested_token_type", "token-exchange.requested-token-type"));

	/** Made anew for each request, or not ours to choose. */
	private static final Set<String> OF_THE_PROTOCOL = Set.of("client_assertion", "client_assertion_type",
			"response_type", "response_mode", "redirect_uri", "state", "nonce", "device_code", "code", "refresh_token",
			"request", "request_uri");

	private AdditionalParameters() {
	}

	/**
	 * Checks them; values stay out of the sentences, since one may have come here that is
	 * secret.
	 * @param provider the path of the provider
	 * @param parameters what is configured
	 * @return the same
	 */
	static Map<String, String> check(String provider, Map<String, String> parameters) {
		parameters.forEach((name, value) -> check(provider, name, value));
		return parameters;
	}

	private static void check(String provider, String name, String value) {
		String path = provider + ".additional-parameters"
				+ (name.matches("[A-Za-z0-9_.-]+") ? "." + name : "[" + name + "]");
		if (name.isBlank()) {
			throw new InvalidPropertyException(path, null, "has no name", "Name the parameter, or remove it.");
		}
		if (PROPERTIES.containsKey(name)) {
			throw new InvalidPropertyException(path, null, "is a parameter of the protocol",
					"Use " + provider + "." + PROPERTIES.get(name) + " instead.");
		}
		if (OF_THE_PROTOCOL.contains(name)) {
			throw new InvalidPropertyException(path, null, "is a parameter of the protocol",
					"Remove it: the starter sets it where a request needs it.");
		}
		PropertyText.checkPlaceholder(path, value, true);
		if (value.isBlank()) {
			throw new InvalidPropertyException(path, null, "is empty", "Give it a value, or remove it.");
		}
	}

}
