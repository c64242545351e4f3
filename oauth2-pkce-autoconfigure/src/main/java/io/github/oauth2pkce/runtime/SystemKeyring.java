package io.github.oauth2pkce.runtime;

import java.nio.file.Path;
import java.util.Base64;

import com.github.javakeyring.BackendNotSupportedException;
import com.github.javakeyring.Keyring;
import com.github.javakeyring.PasswordAccessException;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.KeyPlace;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * Keeps encryption keys in the key store of the system: that of the desktop session on
 * Linux (Secret Service), the Keychain of macOS, the Credential Manager of Windows.
 * Nothing but keys goes there, one for each directory of logins. Needs the library
 * {@code com.github.javakeyring:java-keyring}.
 */
public final class SystemKeyring implements KeyPlace {

	private static final String SERVICE = "oauth2-pkce";

	@Override
	public byte @Nullable [] read(Path directory) {
		String encoded = with((keyring) -> find(keyring, directory));
		if (encoded == null) {
			return null;
		}
		try {
			byte[] key = Base64.getDecoder().decode(encoded.strip());
			if (key.length == 32) {
				return key;
			}
		}
		catch (IllegalArgumentException ex) {
			// Told below, without the content.
		}
		throw new TokenStoreException("What the key store of the system has for '" + directory + "' in '" + SERVICE
				+ "' is no base64 AES-256 key", null);
	}

	private static @Nullable String find(Keyring keyring, Path directory) {
		try {
			return keyring.getPassword(SERVICE, directory.toString());
		}
		catch (PasswordAccessException ex) {
			// Locked stores fail otherwise.
			return null;
		}
	}

	@Override
	public void write(Path directory, byte[] key) {
		with((keyring) -> {
			keyring.setPassword(SERVICE, directory.toString(), Base64.getEncoder().encodeToString(key));
			return "";
		});
	}

	/** Of a store that is locked the library knows no more than that nothing came. */
	private static @Nullable String with(Use use) {
		try (Keyring keyring = Keyring.create()) {
			return use.of(keyring);
		}
		catch (BackendNotSupportedException | PasswordAccessException ex) {
			throw unusable(String.valueOf(ex.getMessage()), ex);
		}
		catch (Exception | LinkageError ex) {
			throw unusable("it is locked, or does not answer", ex);
		}
	}

	private static TokenStoreException unusable(String why, Throwable ex) {
		return new TokenStoreException("The key store of the system cannot be used: " + why, ex);
	}

	/** What is done with a key store. */
	private interface Use {

		@Nullable String of(Keyring keyring) throws Exception;

	}

}
