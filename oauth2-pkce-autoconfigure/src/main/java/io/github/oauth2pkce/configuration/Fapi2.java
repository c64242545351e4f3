package io.github.oauth2pkce.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PushedRequests;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/**
 * What the FAPI 2.0 Security Profile demands of a client (section 5.3.3), as far as
 * configuration decides about it.
 */
final class Fapi2 {

	private static final Set<ClientAuthenticationMethod> MUTUAL_TLS = Set.of(ClientAuthenticationMethod.TLS_CLIENT_AUTH,
			ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	private final List<String> problems = new ArrayList<>();

	private final List<String> actions = new ArrayList<>();

	private Fapi2() {
	}

	/**
	 * Checks a provider of that profile.
	 * @param provider the provider
	 * @throws InvalidPropertyException with one sentence for each thing that is missing
	 */
	static void check(Provider provider) {
		Fapi2 profile = new Fapi2();
		if (provider.grant().needsPerson()) {
			profile.checkLogin(provider);
		}
		ClientAuthenticationMethod method = provider.client().authenticationMethod();
		boolean mutualTls = MUTUAL_TLS.contains(method);
		if (!mutualTls && !ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(method)) {
			profile.missing("clients that authenticate by a key, and this one uses " + method.getValue(), "Set "
					+ provider.property("client-authentication-method") + " to private_key_jwt or tls_client_auth.");
		}
		if (!provider.tokens().dpop() && !mutualTls) {
			profile.missing("tokens that are bound to a key or to a certificate",
					"Set " + provider.property("dpop") + "=true, or authenticate by mutual TLS.");
		}
		if (!profile.problems.isEmpty()) {
			throw new InvalidPropertyException(provider.property("profile"), "fapi2",
					"demands " + String.join("; ", profile.problems), String.join(" ", profile.actions));
		}
	}

	private void checkLogin(Provider provider) {
		if (provider.grant() != Grant.AUTHORIZATION_CODE) {
			missing("logins in a browser, and this one is by " + provider.grant().tag(),
					"Set " + provider.property("authorization-grant-type") + " to authorization_code.");
		}
		if (!provider.login().pkce()) {
			missing("proof keys (S256)", "Remove " + provider.property("pkce") + "=false.");
		}
		if (provider.login().pushedRequests() != PushedRequests.ALWAYS) {
			missing("pushed authorization requests",
					"Remove " + provider.property("pushed-authorization-requests") + "=never.");
		}
		if (provider.issuerUri() == null && provider.resourceUri() == null) {
			missing("answers that name their issuer, and no issuer is configured",
					"Set " + provider.property("issuer-uri") + ".");
		}
	}

	private void missing(String problem, String action) {
		this.problems.add(problem);
		this.actions.add(action);
	}

}
