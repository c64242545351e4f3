package io.github.oauth2pkce.refresh;

import reactor.core.publisher.Mono;

import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.source.InboundTokens.Inbound;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Whose token is made on behalf of the signed-in user: that of the very bearer with which
 * they have called this application. Two bearers never share one, whoever they are of.
 *
 * @param inbound the bearer of the subscription, empty without one
 * @param tokens where it is kept until the server is asked
 */
public record OnBehalfOf(Mono<Inbound> inbound, InboundTokens tokens) {

	/** Nobody is ever signed in. */
	static final OnBehalfOf NOBODY = new OnBehalfOf(Mono.empty(), new InboundTokens());

	/**
	 * The credential of the bearer at hand; empty without one. Nobody is called as what
	 * is not a person: their actor token would be the application's.
	 */
	Mono<CredentialId> credential(String providerId) {
		return this.inbound.filter((user) -> !CredentialId.isReserved(user.name())).map((user) -> {
			CredentialId id = CredentialId.onBehalfOf(providerId, user.name(), Credential.digest(user.token()));
			this.tokens.keep(id.principalName(), user.token());
			return id;
		});
	}

}
