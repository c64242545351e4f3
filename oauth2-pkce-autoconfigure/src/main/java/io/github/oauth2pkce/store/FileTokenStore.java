package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;

/**
 * Keeps each credential in an encrypted file of its own, for one machine: safe between
 * threads and processes, not meant for network file systems, whose locks are wishes.
 * Readers take no lock and need no writable directory. A record that cannot be read is
 * set aside under another name, never overwritten.
 */
public final class FileTokenStore implements TokenStore {

	private static final Logger logger = LoggerFactory.getLogger(FileTokenStore.class);

	private static final String RECORD = ".credential";

	private static final String SET_ASIDE = ".unreadable";

	private static final Duration WRITE_LOCK_TIMEOUT = Duration.ofSeconds(10);

	private final Path directory;

	private final CredentialCipher cipher;

	private final FileLocks locks = new FileLocks();

	/**
	 * Opens a store.
	 * @param directory where; created with mode 0700 when missing
	 * @param key the key to write with, 32 bytes, or {@code null} for a key file in the
	 * directory, made when missing
	 * @param previousKeys keys to read with as well
	 * @throws TokenStoreException when the directory cannot be used
	 */
	public FileTokenStore(Path directory, byte @Nullable [] key, List<byte[]> previousKeys) {
		Path absolute = directory.toAbsolutePath();
		try {
			PrivateFiles.createDirectory(absolute);
			// Locks are known by their path, which a link must not double.
			this.directory = absolute.toRealPath();
			this.cipher = new CredentialCipher((key != null) ? key : keyFile(), previousKeys);
		}
		catch (IOException ex) {
			throw new TokenStoreException(
					"The directory " + absolute + " cannot be used: " + ex.getClass().getSimpleName(), ex);
		}
	}

	private byte[] keyFile() throws IOException {
		Path file = this.directory.resolve("encryption.key");
		if (!Files.exists(file)) {
			try (Lock lock = writeLock()) {
				// Another process may have made it while this one waited.
				if (!Files.exists(file)) {
					String encoded = Base64.getEncoder().encodeToString(CredentialCipher.generateKey());
					PrivateFiles.write(file, (encoded + "\n").getBytes(StandardCharsets.US_ASCII));
				}
			}
		}
		try {
			byte[] key = Base64.getDecoder().decode(Files.readString(file).strip());
			if (key.length == 32) {
				return key;
			}
		}
		catch (IllegalArgumentException ex) {
			// Told below, without the content.
		}
		throw new TokenStoreException("The key file " + file + " holds no base64 AES-256 key: restore it, or move it"
				+ " away to start anew; the logins encrypted with it are then lost", null);
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		Path record = path(id, RECORD);
		byte[] bytes;
		try {
			bytes = Files.readAllBytes(record);
		}
		catch (NoSuchFileException ex) {
			return loadSetAside(id);
		}
		catch (IOException ex) {
			throw new TokenStoreException("The file " + record + " cannot be read: " + ex.getClass().getSimpleName(),
					ex);
		}
		try {
			return decode(id, bytes);
		}
		catch (TokenStoreException ex) {
			setAside(id, bytes, ex);
			throw ex;
		}
	}

	/**
	 * A record that was set aside comes back when its key does. Until then nothing is
	 * known: "no login" would be a guess.
	 */
	private @Nullable Credential loadSetAside(CredentialId id) {
		Path aside = path(id, SET_ASIDE);
		try {
			return bringBack(id, aside, decode(id, Files.readAllBytes(aside)));
		}
		catch (NoSuchFileException ex) {
			// Somebody may have brought it back just now.
			return Files.exists(path(id, RECORD)) ? load(id) : null;
		}
		catch (IOException | TokenStoreException ex) {
			throw new TokenStoreException("The login of " + id + " was set aside as " + aside + " (" + ex.getMessage()
					+ "): restore its key, or delete that file and log in again", ex);
		}
	}

	private Credential bringBack(CredentialId id, Path aside, Credential credential) throws NoSuchFileException {
		Path record = path(id, RECORD);
		try (Lock lock = writeLock()) {
			if (Files.exists(record)) {
				// A login came first.
				return decode(id, Files.readAllBytes(record));
			}
			Files.move(aside, record, StandardCopyOption.ATOMIC_MOVE);
			return credential;
		}
		catch (NoSuchFileException ex) {
			throw ex;
		}
		catch (IOException ex) {
			// Reading must not need a writable directory.
			return credential;
		}
	}

	/**
	 * Keeps what was set aside for a person to look at, but no longer for us: a later
	 * logout must not bring it back.
	 */
	private void retireSetAside(CredentialId id) throws IOException {
		Path aside = path(id, SET_ASIDE);
		if (Files.exists(aside)) {
			Files.move(aside, path(id, SET_ASIDE + "." + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE);
		}
	}

	private void setAside(CredentialId id, byte[] unreadable, TokenStoreException reason) {
		Path record = path(id, RECORD);
		Path aside = path(id, SET_ASIDE);
		try (Lock lock = writeLock()) {
			// A new login may have replaced the record since it was read.
			if (Files.exists(record) && Arrays.equals(Files.readAllBytes(record), unreadable)) {
				retireSetAside(id);
				Files.move(record, aside, StandardCopyOption.ATOMIC_MOVE);
				EventLog.at(Level.WARN, "oauth2_credential_set_aside", id.providerId())
					.log("{}; it is set aside as {}", reason.getMessage(), aside);
			}
		}
		catch (IOException | TokenStoreException ex) {
			logger.warn("{} and cannot be moved to {}", reason.getMessage(), aside);
		}
	}

	private Credential decode(CredentialId id, byte[] bytes) {
		return CredentialCodec.decode(id, this.cipher.decrypt(id, bytes));
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		CredentialId id = credential.id();
		try (Lock lock = writeLock()) {
			if (storedGeneration(id) != expectedGeneration) {
				return false;
			}
			byte[] record = this.cipher.encrypt(id, CredentialCodec.encode(credential));
			retireSetAside(id);
			PrivateFiles.write(path(id, RECORD), record);
			return true;
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		try (Lock lock = writeLock()) {
			if (storedGeneration(id) != expectedGeneration) {
				return false;
			}
			PrivateFiles.delete(path(id, RECORD));
			return true;
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private long storedGeneration(CredentialId id) throws IOException {
		Path record = path(id, RECORD);
		Path aside = path(id, SET_ASIDE);
		if (!Files.exists(record) && isReadable(id, aside)) {
			// A process without our key has moved it since it was loaded.
			Files.move(aside, record, StandardCopyOption.ATOMIC_MOVE);
		}
		return Files.exists(record) ? decode(id, Files.readAllBytes(record)).generation() : Credential.NONE;
	}

	private boolean isReadable(CredentialId id, Path file) throws IOException {
		try {
			decode(id, Files.readAllBytes(file));
			return true;
		}
		catch (NoSuchFileException | TokenStoreException ex) {
			return false;
		}
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		try {
			Lock lock = this.locks.lock(path(id, ".lock"), timeout);
			if (lock == null) {
				throw new LockTimeoutException(id, timeout);
			}
			return lock;
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private Lock writeLock() throws IOException {
		Lock lock = this.locks.lock(this.directory.resolve("write.lock"), WRITE_LOCK_TIMEOUT);
		if (lock == null) {
			throw new TokenStoreException("Another process keeps " + this.directory + " locked", null);
		}
		return lock;
	}

	@Override
	public void checkWritable() {
		Path probe = this.directory.resolve("probe." + ProcessHandle.current().pid());
		try {
			PrivateFiles.write(probe, new byte[1]);
			Files.deleteIfExists(probe);
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private TokenStoreException notWritable(IOException ex) {
		return new TokenStoreException(
				"The directory " + this.directory + " cannot be written: " + ex.getClass().getSimpleName(), ex);
	}

	/** Ids come from configuration and from people: they never become a file name. */
	private Path path(CredentialId id, String suffix) {
		String name = id.providerId().replaceAll("[^A-Za-z0-9_-]", "_");
		return this.directory.resolve(name.substring(0, Math.min(name.length(), 40)) + "-" + digest(id) + suffix);
	}

	private static String digest(CredentialId id) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest((id.providerId() + '\0' + id.principalName()).getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(Arrays.copyOf(digest, 16));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	@Override
	public String name() {
		return "file";
	}

	@Override
	public String toString() {
		return "FileTokenStore[" + this.directory + "]";
	}

}
