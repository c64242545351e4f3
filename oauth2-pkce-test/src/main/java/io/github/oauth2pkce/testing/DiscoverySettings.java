package io.github.oauth2pkce.testing;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which discovery documents are served, and what they claim.
 */
public final class DiscoverySettings {

	private final Set<WellKnown> served = EnumSet.allOf(WellKnown.class);

	private final JsonMembers document = new JsonMembers();

	DiscoverySettings() {
	}

	private List<String> authenticationMethods = List.of("none", "client_secret_basic", "client_secret_post");

	private List<String> grantTypes = List.of("authorization_code", "client_credentials", "refresh_token",
			TokenBehavior.DEVICE_CODE);

	/**
	 * Answer 404 at all other forms; at every form when none is given.
	 */
	public synchronized DiscoverySettings serveOnly(WellKnown... forms) {
		this.served.clear();
		this.served.addAll(Set.of(forms));
		return this;
	}

	/**
	 * Claim another issuer than the one that the document was asked of.
	 */
	public DiscoverySettings issuer(String issuer) {
		this.document.put("issuer", issuer);
		return this;
	}

	/**
	 * Announce these; none leaves the member out. Challenges by other methods are
	 * accepted all the same.
	 */
	public DiscoverySettings codeChallengeMethods(String... methods) {
		return list("code_challenge_methods_supported", methods);
	}

	/**
	 * Announce these; none leaves the member out.
	 */
	public DiscoverySettings scopesSupported(String... scopes) {
		return list("scopes_supported", scopes);
	}

	/**
	 * Announce these, and register clients for them only.
	 */
	public synchronized DiscoverySettings authenticationMethods(String... methods) {
		this.authenticationMethods = List.of(methods);
		return this;
	}

	/**
	 * Announce these, and register clients for them only.
	 */
	public synchronized DiscoverySettings grantTypes(String... grantTypes) {
		this.grantTypes = List.of(grantTypes);
		return this;
	}

	private DiscoverySettings list(String member, String... values) {
		if (values.length > 0) {
			this.document.put(member, List.of(values));
		}
		else {
			this.document.remove(member);
		}
		return this;
	}

	/**
	 * Members to add, change or leave out.
	 */
	public JsonMembers document() {
		return this.document;
	}

	synchronized List<String> authenticationMethods() {
		return this.authenticationMethods;
	}

	synchronized List<String> grantTypes() {
		return this.grantTypes;
	}

	synchronized boolean serves(String path, String issuerPath) {
		return this.served.stream().anyMatch((form) -> form.path(issuerPath).equals(path));
	}

}
