package io.github.oauth2pkce.store;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the encryption keys of file stores somewhere else than beside the records.
 * Blocking; thread-safe.
 */
public interface KeyPlace {

	/**
	 * Reads a key.
	 * @param directory the store's directory
	 * @return 32 bytes, {@code null} when there is none
	 * @throws TokenStoreException when nobody knows
	 */
	byte @Nullable [] read(Path directory);

	/**
	 * Writes a key.
	 * @param directory the store's directory
	 * @param key 32 bytes
	 * @throws TokenStoreException when it could not be written
	 */
	void write(Path directory, byte[] key);

}
