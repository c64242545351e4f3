package io.github.oauth2pkce.store;

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
