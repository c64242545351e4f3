package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a shared store gets to see of a credential: a digest as its key, sealed bytes. */
record SealedRecords(CredentialCipher cipher) {

	/**
	 * A key of bounded length, whatever the names are; equal for equal ids only.
	 * @param id whose
	 * @return 64 hexadecimal digits
	 */
	static String key(CredentialId id) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest((id.providerId() + '\0' + id.principalName()).getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	byte[] seal(Credential credential) {
		return this.cipher.seal(credential);
	}

	/**
	 * Reads a record back.
	 * @param id whose it must be
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
