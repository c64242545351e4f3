package io.github.oauth2pkce.store;

import io.github.oauth2pkce.testing.store.TokenStoreContractTests;

class MemoryTokenStoreTests extends TokenStoreContractTests {

	private final MemoryTokenStore store = new MemoryTokenStore();

	@Override
	protected TokenStore store() {
		return this.store;
	}

	@Override
	protected TokenStore storeOfAnotherProcess() {
		return this.store;
	}

}
