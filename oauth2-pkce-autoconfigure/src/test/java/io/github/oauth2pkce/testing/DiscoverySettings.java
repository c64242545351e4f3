package io.github.oauth2pkce.testing;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which discovery documents are served, and what they claim.
 */
public final class DiscoverySettings {

	private final Set<WellKnown> served = EnumSet.allOf(WellKnown.class);

	private final JsonMembers document = new JsonMembers();

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
	 * Members to add, change or leave out.
	 */
	public JsonMembers document() {
		return this.document;
	}

	synchronized boolean serves(String path, String issuerPath) {
		return this.served.stream().anyMatch((form) -> form.path(issuerPath).equals(path));
	}

}
