package io.github.oauth2pkce.sample.store;

import java.util.List;

import io.github.oauth2pkce.store.CredentialCipher;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.store.TokenStoreContractTests;

/** A store of one's own, held to the published contract from outside the library. */
class OwnTokenStoreContractTests extends TokenStoreContractTests {

	private final OwnTokenStore store = new OwnTokenStore(
			new CredentialCipher(CredentialCipher.generateKey(), List.of()));

	@Override
	protected TokenStore store() {
		return this.store;
	}

	@Override
	protected TokenStore storeOfAnotherProcess() {
		return this.store;
	}

}
