package io.github.oauth2pkce.discovery;

import java.util.List;
import java.util.Set;

/**
 * What a protected resource says about itself (RFC 9728 section 2). Immutable.
 *
 * @param resource what it calls itself, byte for byte
 * @param authorizationServers the issuers that it trusts, at least one
 * @param scopesSupported the scopes that it knows, possibly none
 * @param boundTokensRequired whether it takes no token that is not bound to a key
 * @param proofAlgorithms those that proofs may be signed by, possibly none
 */
record ProtectedResource(String resource, List<String> authorizationServers, Set<String> scopesSupported,
		boolean boundTokensRequired, List<String> proofAlgorithms) {

}
