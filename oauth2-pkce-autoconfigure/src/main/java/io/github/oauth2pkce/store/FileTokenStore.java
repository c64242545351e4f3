package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;

/**
 * Keeps each credential in an encrypted file of its own, for one machine: safe between
 * threads and processes, not meant for network file systems, whose locks cannot be relied
 * on. Readers take no lock, move nothing and need no writable directory. A record that
 * cannot be read is never overwritten: the next login sets it aside under another name.
 * <p>
 * The directory and the key file may change while the store is open. A directory that is
 * gone or empty where logins were is a failure, never "nobody has logged in".
 */
public final class FileTokenStore implements TokenStore {

	private static final Logger logger = LoggerFactory.getLogger(FileTokenStore.class);

	private static final String KEY_FILE = "encryption.key";

	/** Is there as long as the key is somewhere else. */
	private static final String KEY_ELSEWHERE = "encryption.key-elsewhere";

	/** Is there as long as anything ever was. */
	private static final String WRITE_LOCK = "write.lock";

	private static final String RECORD = ".credential";

	private static final String SET_ASIDE = ".unreadable";

	private static final Pattern OURS = Pattern.compile(
			"encryption\\.key(-elsewhere)?|write\\.lock|probe|.+-[0-9a-f]{32}(\\.credential|\\.lock|(\\..+)?\\.unreadable)");

	private static final Duration WRITE_LOCK_TIMEOUT = Duration.ofSeconds(30);

	private final PrivateDirectory directory;

	private final FileLocks locks;

	private final Duration longestLock;

	private final boolean hasKeyFile;

	private volatile CredentialCipher cipher;

	/** Whether there was a lock file, which nobody removes. */
	private volatile boolean used;

	/**
	 * Opens a store.
	 * @param directory where; created with mode 0700 when missing
	 * @param key the key to write with, 32 bytes, or {@code null} for a key file in the
	 * directory, made when missing
	 * @param previousKeys keys to read with as well
	 * @throws TokenStoreException when the directory cannot be used
	 */
	public FileTokenStore(Path directory, byte @Nullable [] key, List<byte[]> previousKeys) {
		this(directory, key, previousKeys, LeaseLocks.LONGEST);
	}

	/**
	 * Opens a store.
	 * @param directory where; created with mode 0700 when missing
	 * @param key the key to write with, 32 bytes, or {@code null} for a key file in the
	 * directory, made when missing
	 * @param previousKeys keys to read with as well
	 * @param longestLock how long a lock keeps other processes out, even if its holder
	 * hangs
	 * @throws TokenStoreException when the directory cannot be used
	 */
	public FileTokenStore(Path directory, byte @Nullable [] key, List<byte[]> previousKeys, Duration longestLock) {
		this(directory, key, previousKeys, longestLock, Disk.LOCAL);
	}

	/**
	 * Opens a store whose key is kept somewhere else. A key file that is there is moved.
	 * @param directory where; created with mode 0700 when missing
	 * @param keyPlace where the key is kept, made when missing
	 * @param previousKeys keys to read with as well
	 * @param longestLock how long a lock keeps other processes out, even if its holder
	 * hangs
	 * @throws TokenStoreException when the directory or the place cannot be used
	 */
	public FileTokenStore(Path directory, KeyPlace keyPlace, List<byte[]> previousKeys, Duration longestLock) {
		this(directory, null, keyPlace, previousKeys, longestLock, Disk.LOCAL);
	}

	FileTokenStore(Path directory, byte @Nullable [] key, List<byte[]> previousKeys, Duration longestLock, Disk disk) {
		this(directory, key, null, previousKeys, longestLock, disk);
	}

	private FileTokenStore(Path directory, byte @Nullable [] key, @Nullable KeyPlace keyPlace,
			List<byte[]> previousKeys, Duration longestLock, Disk disk) {
		Path absolute = directory.toAbsolutePath();
		this.locks = new FileLocks(disk);
		this.longestLock = longestLock;
		this.hasKeyFile = key == null && keyPlace == null;
		try {
			this.directory = PrivateDirectory.open(absolute, disk);
			this.used = Files.exists(this.directory.resolve(WRITE_LOCK));
			this.cipher = (keyPlace != null) ? openKeyPlace(keyPlace, previousKeys)
					: new CredentialCipher((key != null) ? key : openKeyFile(), previousKeys);
		}
		catch (IOException ex) {
			throw new TokenStoreException("The directory " + absolute + " cannot be used: " + Reasons.of(ex), ex);
		}
		tidy();
	}

	private void tidy() {
		// Whoever has the lock is writing: the next start will do.
		try (Lock lock = this.locks.lock(this.directory.resolve(WRITE_LOCK), Duration.ZERO)) {
			if (lock != null) {
				this.used = true;
				this.directory.tidy(OURS);
			}
		}
		catch (IOException ex) {
			logger.debug("{} was not tidied: {}", this.directory.path(), Reasons.of(ex));
		}
	}

	// The key.

	private byte[] openKeyFile() throws IOException {
		byte[] key = readKeyFile();
		if (key != null) {
			return key;
		}
		try (Lock lock = writeLock()) {
			// Another process may have made it while this one waited.
			key = readKeyFile();
			if (key == null && isKeyElsewhere()) {
				throw new TokenStoreException(
						"The encryption key of the logins there is in the key store of the system:"
								+ " set oauth2.pkce.store.key-location=keyring, or remove " + KEY_ELSEWHERE
								+ " to start anew; the logins are then lost",
						null);
			}
			return (key != null) ? key : writeKeyFile(CredentialCipher.generateKey());
		}
	}

	/** The key file goes when its key is known to be in the other place. */
	private CredentialCipher openKeyPlace(KeyPlace place, List<byte[]> previousKeys) throws IOException {
		// Without the lock: the place may wait for a person.
		byte[] key = isKeyElsewhere() ? readElsewhere(place) : null;
		List<byte[]> previous = new ArrayList<>(previousKeys);
		try (Lock lock = writeLock()) {
			byte[] file = readKeyFile();
			if (key == null) {
				key = isKeyElsewhere() ? readElsewhere(place) : moveKey(place, file);
			}
			if (MessageDigest.isEqual(key, file)) {
				Files.delete(this.directory.resolve(KEY_FILE));
			}
			else if (file != null) {
				// Of another time, and some records may still need it.
				previous.add(file);
			}
		}
		return new CredentialCipher(key, previous);
	}

	private boolean isKeyElsewhere() {
		return Files.exists(this.directory.resolve(KEY_ELSEWHERE));
	}

	private byte[] readElsewhere(KeyPlace place) {
		String why = "the key store has none";
		TokenStoreException cause = null;
		try {
			byte[] key = place.read(this.directory.path());
			if (key != null) {
				return key;
			}
		}
		catch (TokenStoreException ex) {
			why = ex.getMessage();
			cause = ex;
		}
		throw new TokenStoreException(
				"The encryption key of the logins there is not to be had: " + why + ". If it is lost, remove "
						+ this.directory.resolve(KEY_ELSEWHERE) + " to start anew; the logins are then lost, too",
				cause);
	}

	/**
	 * A key that is there stays: the directory may be a volume that is not mounted, and
	 * nothing else has the key of its logins.
	 */
	private byte[] moveKey(KeyPlace place, byte @Nullable [] file) throws IOException {
		byte[] key = place.read(this.directory.path());
		if (key == null) {
			key = (file != null) ? file : CredentialCipher.generateKey();
			place.write(this.directory.path(), key);
			if (!MessageDigest.isEqual(key, place.read(this.directory.path()))) {
				throw new TokenStoreException("The encryption key that was written is not the one that is read", null);
			}
		}
		this.directory.write(this.directory.resolve(KEY_ELSEWHERE),
				"The encryption key of these logins is in the key store of the system.\n"
					.getBytes(StandardCharsets.US_ASCII));
		return key;
	}

	private byte[] writeKeyFile(byte[] key) throws IOException {
		String encoded = Base64.getEncoder().encodeToString(key);
		this.directory.write(this.directory.resolve(KEY_FILE), (encoded + "\n").getBytes(StandardCharsets.US_ASCII));
		return key;
	}

	private byte @Nullable [] readKeyFile() {
		Path file = this.directory.resolve(KEY_FILE);
		try {
			String encoded = new String(this.directory.read(file), StandardCharsets.US_ASCII);
			byte[] key = Base64.getDecoder().decode(encoded.strip());
			if (key.length == 32) {
				return key;
			}
		}
		catch (NoSuchFileException ex) {
			return null;
		}
		catch (IOException ex) {
			throw new TokenStoreException("The key file " + file + " cannot be used: " + Reasons.of(ex), ex);
		}
		catch (IllegalArgumentException ex) {
			// Told below, without the content.
		}
		throw new TokenStoreException("The key file " + file + " holds no base64 AES-256 key: restore it, or move it"
				+ " away to start anew; the logins encrypted with it are then lost", null);
	}

	/** The key file may have been replaced, or be gone together with the directory. */
	private CredentialCipher cipherForWriting() throws IOException {
		if (this.hasKeyFile) {
			byte[] key = readKeyFile();
			if (key != null) {
				takeOver(key);
			}
			else if (!isKeyElsewhere()) {
				// Or nobody could read the next record after a restart.
				writeKeyFile(this.cipher.key());
			}
		}
		return this.cipher;
	}

	/** What was read with the old key stays readable for as long as this process runs. */
	private synchronized boolean takeOver(byte @Nullable [] key) {
		if (key == null || this.cipher.writesWith(key)) {
			return false;
		}
		this.cipher = this.cipher.rotatedTo(key);
		return true;
	}

	// Reading.

	@Override
	public @Nullable Credential load(CredentialId id) {
		Path record = path(id, RECORD);
		try {
			return read(id, record);
		}
		catch (NoSuchFileException ex) {
			return loadSetAside(id);
		}
		catch (IOException ex) {
			throw notReadable(record, ex);
		}
	}

	/** Earlier versions set records aside as soon as they could not be read. */
	private @Nullable Credential loadSetAside(CredentialId id) {
		Path aside = path(id, SET_ASIDE);
		try {
			return read(id, aside);
		}
		catch (NoSuchFileException ex) {
			checkPresent();
			return null;
		}
		catch (IOException ex) {
			throw notReadable(aside, ex);
		}
	}

	private Credential read(CredentialId id, Path file) throws IOException {
		byte[] record = this.directory.read(file);
		try {
			return this.cipher.open(id, record);
		}
		catch (TokenStoreException ex) {
			if (this.hasKeyFile && takeOver(readKeyFile())) {
				return this.cipher.open(id, record);
			}
			throw ex;
		}
	}

	/**
	 * A volume that is not mounted has no logins either, but nobody has logged out.
	 */
	private void checkPresent() {
		Path path = this.directory.path();
		try {
			if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
				// From Java 25 on, a file below a file merely does not exist.
				throw new TokenStoreException("A file is in the place of the directory " + path
						+ ": restore the directory, or mount the volume that it belongs to", null);
			}
		}
		catch (NoSuchFileException ex) {
			throw gone(ex);
		}
		catch (IOException ex) {
			throw notReadable(path, ex);
		}
		if (isEmptied()) {
			throw new TokenStoreException("The directory " + path + " is empty, and logins were kept there: mount its"
					+ " volume again, or restore it; if it was emptied on purpose, log in again", null);
		}
	}

	/** Known to be: a directory that must not be read says neither. */
	private boolean isEmptied() {
		return this.used && Files.isDirectory(this.directory.path())
				&& Files.notExists(this.directory.resolve(WRITE_LOCK), LinkOption.NOFOLLOW_LINKS);
	}

	private TokenStoreException gone(IOException ex) {
		return new TokenStoreException("The directory " + this.directory.path()
				+ " is gone: restore it, or mount the volume that it belongs to", ex);
	}

	private static TokenStoreException notReadable(Path file, IOException ex) {
		return new TokenStoreException("The file " + file + " cannot be read: " + Reasons.of(ex), ex);
	}

	// Writing.

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		CredentialId id = credential.id();
		if (expectedGeneration != Credential.NONE) {
			checkPresent();
		}
		try {
			if (isEmptied()) {
				// A person has logged in: the directory was made anew.
				this.directory.close();
			}
			try (Lock lock = writeLock()) {
				Credential stored = replaceable(id, expectedGeneration);
				if (generation(stored) != expectedGeneration) {
					return isStoredAlready(stored, credential);
				}
				this.directory.write(path(id, RECORD), cipherForWriting().seal(credential));
				retire(id);
				return true;
			}
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	/** An earlier attempt may have failed after it was in place. */
	private boolean isStoredAlready(@Nullable Credential stored, Credential credential) throws IOException {
		if (!credential.equals(stored)) {
			return false;
		}
		this.directory.force();
		return true;
	}

	/** What is stored now; a login sets aside what cannot be read. */
	private @Nullable Credential replaceable(CredentialId id, long expectedGeneration) throws IOException {
		Path file = file(id);
		try {
			return (file != null) ? read(id, file) : null;
		}
		catch (TokenStoreException | ForeignFileException | AccessDeniedException ex) {
			if (file == null || expectedGeneration != Credential.NONE) {
				throw ex;
			}
			setAside(id, file, ex);
			return null;
		}
	}

	private static long generation(@Nullable Credential credential) {
		return (credential != null) ? credential.generation() : Credential.NONE;
	}

	/** Kept for a person to look at, and no longer for us: a logout must not undo it. */
	private Path moveAside(CredentialId id, Path file) throws IOException {
		Path aside = path(id, "." + UUID.randomUUID() + SET_ASIDE);
		return Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
	}

	/** What an earlier version had set aside, and was replaced now. */
	private void retire(CredentialId id) throws IOException {
		Path aside = path(id, SET_ASIDE);
		if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
			moveAside(id, aside);
		}
	}

	private void setAside(CredentialId id, Path file, Exception reason) throws IOException {
		Path aside = moveAside(id, file);
		EventLog.at(Level.WARN, "oauth2_credential_set_aside", id.providerId())
			.log("{}. A new login replaces it; it is set aside as {}",
					(reason instanceof IOException ex) ? notReadable(file, ex).getMessage() : reason.getMessage(),
					aside);
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		checkPresent();
		try (Lock lock = writeLock()) {
			Path file = file(id);
			if (file == null || read(id, file).generation() != expectedGeneration) {
				return false;
			}
			this.directory.delete(file);
			return true;
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private @Nullable Path file(CredentialId id) {
		for (String suffix : List.of(RECORD, SET_ASIDE)) {
			Path file = path(id, suffix);
			if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
				return file;
			}
		}
		return null;
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		try {
			FileLocks.Held lock = this.locks.lock(path(id, ".lock"), timeout);
			if (lock == null) {
				throw Thread.currentThread().isInterrupted() ? LockTimeoutException.interrupted(id)
						: new LockTimeoutException(id, timeout);
			}
			return lock.within(this.longestLock);
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private Lock writeLock() throws IOException {
		Lock lock = this.locks.lock(this.directory.resolve(WRITE_LOCK), WRITE_LOCK_TIMEOUT);
		if (lock == null && Thread.currentThread().isInterrupted()) {
			throw new TokenStoreException("Interrupted while waiting to write to " + this.directory.path(), null);
		}
		if (lock == null) {
			throw new TokenStoreException("Other processes have kept " + this.directory.path() + " locked for "
					+ WRITE_LOCK_TIMEOUT.toSeconds() + " s: too many of them write there, or one hangs", null);
		}
		this.used = true;
		return lock;
	}

	@Override
	public void checkWritable() {
		checkPresent();
		try {
			writeLock().close();
			this.directory.probe();
		}
		catch (IOException ex) {
			throw notWritable(ex);
		}
	}

	private TokenStoreException notWritable(IOException ex) {
		if (ex instanceof ForeignFileException foreign) {
			return notReadable(Path.of(foreign.getFile()), ex);
		}
		if (ex instanceof NoSuchFileException && !Files.exists(this.directory.path())) {
			return gone(ex);
		}
		return new TokenStoreException(
				"The directory " + this.directory.path() + " cannot be written: " + Reasons.of(ex), ex);
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
		return "FileTokenStore[" + this.directory.path() + "]";
	}

}
