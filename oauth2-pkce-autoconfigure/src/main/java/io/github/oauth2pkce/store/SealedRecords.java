package io.github.oauth2pkce.store;

/** What a shared store gets to see of a credential: a digest as its key, sealed bytes. */
record SealedRecords(CredentialCipher cipher) {

	byte[] seal(Credential credential) {
		return this.cipher.seal(credential);
	}

	/**
	 * Reads a record back.
	 * @param id the id that the record must have
	 * @param generation the generation beside it, which writers compare
	 * @param bytes the record
	 * @return the credential
	 * @throws TokenStoreException when it is something else
	 */
	Credential open(CredentialId id, long generation, byte[] bytes) {
		Credential credential = this.cipher.open(id, bytes);
		if (credential.generation() != generation) {
			throw CredentialCipher.damaged(id, null);
		}
		return credential;
	}

	boolean isReadable(CredentialId id, long generation, byte[] bytes) {
		try {
			open(id, generation, bytes);
			return true;
		}
		catch (TokenStoreException ex) {
			return false;
		}
	}

}
