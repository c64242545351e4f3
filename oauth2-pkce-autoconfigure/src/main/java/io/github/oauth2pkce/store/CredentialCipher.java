package io.github.oauth2pkce.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM with the record's identity as associated data, so that a record copied over
 * another one does not open. The first byte is the format, the next four name the key,
 * which is how an old key can still be found after a rotation. Immutable; thread-safe.
 */
public final class CredentialCipher {

	private static final byte FORMAT = 1;

	private static final int KEY_NAME_LENGTH = 4;

	private static final int NONCE_LENGTH = 12;

	private static final int TAG_BITS = 128;

	private final ByteBuffer current;

	private final Map<ByteBuffer, SecretKey> keys = new LinkedHashMap<>();

	/** What the identity of a record ends with. */
	private final String namespace;

	/**
	 * Creates a cipher.
	 * @param key the key to write with, 32 bytes
	 * @param previousKeys keys to read with as well, 32 bytes each
	 */
	public CredentialCipher(byte[] key, List<byte[]> previousKeys) {
		this.namespace = "";
		previousKeys.forEach((previous) -> this.keys.put(name(previous), new SecretKeySpec(previous, "AES")));
		this.current = name(key);
		this.keys.put(this.current, new SecretKeySpec(key, "AES"));
	}

	private CredentialCipher(CredentialCipher cipher, String namespace) {
		this.current = cipher.current;
		this.keys.putAll(cipher.keys);
		this.namespace = '\0' + namespace;
	}

	/**
	 * The same for the records of a namespace, which open in no other.
	 * @param namespace the namespace
	 * @return a cipher
	 */
	CredentialCipher within(Namespace namespace) {
		return namespace.isNone() ? this : new CredentialCipher(this, namespace.name());
	}

	/**
	 * Makes a key.
	 * @return 32 random bytes
	 */
	public static byte[] generateKey() {
		byte[] key = new byte[32];
		Random.SECURE.nextBytes(key);
		return key;
	}

	/**
	 * The same, with another key to write with.
	 * @param key 32 bytes
	 * @return a cipher that still reads what this one reads
	 */
	CredentialCipher rotatedTo(byte[] key) {
		CredentialCipher rotated = new CredentialCipher(key, List.of());
		this.keys.forEach(rotated.keys::putIfAbsent);
		return rotated;
	}

	boolean writesWith(byte[] key) {
		return MessageDigest.isEqual(key(), key);
	}

	byte[] key() {
		return Objects.requireNonNull(this.keys.get(this.current)).getEncoded();
	}

	/**
	 * Encrypts a credential, for a store.
	 * @param credential the credential
	 * @return its record, which {@link #open} reads
	 */
	public byte[] seal(Credential credential) {
		return encrypt(credential.id(), CredentialCodec.encode(credential));
	}

	/**
	 * Reads a record back.
	 * @param id the id that the record must have
	 * @param record what {@link #seal} made
	 * @return the credential
	 * @throws TokenStoreException when it is damaged, belongs to somebody else, was
	 * encrypted with a key that is not known here, or was written by a later version: the
	 * message says which
	 */
	public Credential open(CredentialId id, byte[] record) {
		return CredentialCodec.decode(id, decrypt(id, record));
	}

	byte[] encrypt(CredentialId id, byte[] plain) {
		try {
			byte[] nonce = new byte[NONCE_LENGTH];
			Random.SECURE.nextBytes(nonce);
			byte[] sealed = cipher(Cipher.ENCRYPT_MODE, this.current, nonce, id).doFinal(plain);
			return ByteBuffer.allocate(1 + KEY_NAME_LENGTH + NONCE_LENGTH + sealed.length)
				.put(FORMAT)
				.put(this.current.duplicate())
				.put(nonce)
				.put(sealed)
				.array();
		}
		catch (GeneralSecurityException ex) {
			throw new TokenStoreException("The credential of " + id + " cannot be encrypted", ex);
		}
	}

	byte[] decrypt(CredentialId id, byte[] bytes) {
		if (bytes.length > 0 && bytes[0] > FORMAT) {
			throw new TokenStoreException("The credential of " + id + " has the format " + bytes[0]
					+ ": a later version of this library has written it, and can read it again; or it is damaged",
					null);
		}
		if (bytes.length < 1 + KEY_NAME_LENGTH + NONCE_LENGTH || bytes[0] != FORMAT) {
			throw damaged(id, null);
		}
		ByteBuffer keyName = ByteBuffer.wrap(Arrays.copyOfRange(bytes, 1, 1 + KEY_NAME_LENGTH));
		if (!this.keys.containsKey(keyName)) {
			throw new TokenStoreException("The credential of " + id + " was encrypted with another key: add that key"
					+ " to oauth2.pkce.store.previous-encryption-keys, or log in again", null);
		}
		int start = 1 + KEY_NAME_LENGTH + NONCE_LENGTH;
		byte[] nonce = Arrays.copyOfRange(bytes, 1 + KEY_NAME_LENGTH, start);
		try {
			return cipher(Cipher.DECRYPT_MODE, keyName, nonce, id).doFinal(bytes, start, bytes.length - start);
		}
		catch (GeneralSecurityException ex) {
			throw damaged(id, ex);
		}
	}

	static TokenStoreException damaged(CredentialId id, @Nullable Exception cause) {
		return new TokenStoreException("The credential of " + id + " is damaged: restore it, or log in again", cause);
	}

	private Cipher cipher(int mode, ByteBuffer keyName, byte[] nonce, CredentialId id) throws GeneralSecurityException {
		Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
		cipher.init(mode, this.keys.get(keyName), new GCMParameterSpec(TAG_BITS, nonce));
		// A zero byte cannot occur in any part of a sane id, so the whole is unique.
		cipher
			.updateAAD((id.providerId() + '\0' + id.principalName() + this.namespace).getBytes(StandardCharsets.UTF_8));
		return cipher;
	}

	private static ByteBuffer name(byte[] key) {
		if (key.length != 32) {
			throw new IllegalArgumentException("An AES-256 key has 32 bytes, not " + key.length);
		}
		try {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			digest.update("oauth2-pkce key name".getBytes(StandardCharsets.US_ASCII));
			return ByteBuffer.wrap(Arrays.copyOf(digest.digest(key), KEY_NAME_LENGTH));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	@Override
	public String toString() {
		return "CredentialCipher[keys=" + this.keys.size() + "]";
	}

	/** Made when something is encrypted: reading needs none. */
	private static final class Random {

		static final SecureRandom SECURE = new SecureRandom();

	}

}
