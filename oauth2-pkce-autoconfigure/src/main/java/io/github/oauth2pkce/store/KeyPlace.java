package io.github.oauth2pkce.store;

import java.nio.file.Path;

/**
 * Keeps the encryption keys of file stores somewhere else than beside the records.
 * Blocking; thread-safe.
 */
public interface KeyPlace {

	/**
	 * Reads a key.
	 * @param directory the store's directory
	 * @return 32 bytes
	 * @throws TokenStoreException when there is none, or nobody knows
	 */
	byte[] read(Path directory);

	/**
	 * Writes a key.
	 * @param directory the store's directory
	 * @param key 32 bytes
	 * @throws TokenStoreException when it could not be written
	 */
	void write(Path directory, byte[] key);

}
