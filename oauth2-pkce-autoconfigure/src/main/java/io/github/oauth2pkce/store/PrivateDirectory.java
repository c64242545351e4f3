package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory whose files only their owner can read (0600 in 0700), from the moment that
 * they exist, with writes that are either there or not. What another account owns, or
 * others may write, is refused: whoever planted a key could plant a login. Rights that
 * others merely have for reading are taken away.
 */
final class PrivateDirectory {

	private static final Logger logger = LoggerFactory.getLogger(PrivateDirectory.class);

	/** Has the numbers of owners, and their rights as bits. */
	private static final boolean UNIX = Path.of("").getFileSystem().supportedFileAttributeViews().contains("unix");

	private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwx------");

	private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-------");

	private static final FileAttribute<?>[] NEW_FILE = UNIX
			? new FileAttribute<?>[] { PosixFilePermissions.asFileAttribute(FILE_MODE) } : new FileAttribute<?>[0];

	private static final int ROOT = 0;

	private static final int MAY_WRITE = 0022;

	private static final int OTHERS = 0077;

	private static final int KIND = 0170000;

	private static final int REGULAR = 0100000;

	/** No server sends tokens of that size, and no memory should have to hold more. */
	private static final long LARGEST = 16 << 20;

	private static final Pattern TEMPORARY = Pattern.compile(".+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

	private final Path path;

	private final Disk disk;

	/** Who we are, as this file system sees it; {@code null} when it cannot be known. */
	private final @Nullable Integer user;

	/** Whether a forced directory has worked: failures are failures from then on. */
	private volatile boolean forced;

	private volatile boolean warned;

	private PrivateDirectory(Path path, Disk disk) {
		this.path = path;
		this.disk = disk;
		this.user = UNIX ? user(path) : null;
	}

	/**
	 * Opens a directory.
	 * @param directory where; made with mode 0700 when missing
	 * @param disk the disk
	 * @throws IOException when it cannot be used
	 */
	static PrivateDirectory open(Path directory, Disk disk) throws IOException {
		if (!Files.isDirectory(directory)) {
			Files.createDirectories(directory,
					UNIX ? new FileAttribute<?>[] { PosixFilePermissions.asFileAttribute(DIRECTORY_MODE) }
							: new FileAttribute<?>[0]);
		}
		// Locks are known by their path, which a link must not double.
		PrivateDirectory opened = new PrivateDirectory(directory.toRealPath(), disk);
		if (UNIX) {
			// A link may lead into what is ours, such as a home directory.
			opened.checkOwner(directory, LinkOption.NOFOLLOW_LINKS);
		}
		opened.close();
		return opened;
	}

	/** Closes the directory to others. */
	void close() throws IOException {
		if (!UNIX) {
			return;
		}
		checkOwner(this.path);
		// A directory that may only be read (0500, or a read-only mount) is somebody's
		// choice: only take rights away.
		try {
			restrict(this.path, DIRECTORY_MODE);
		}
		catch (FileSystemException ex) {
			if (this.user == null || owner(this.path) == this.user) {
				throw ex;
			}
			throw new ForeignFileException(this.path, "others may use it, and only the user " + owner(this.path)
					+ " can change that. Name a directory below it that the application can make itself");
		}
		if ((mode(this.path) & MAY_WRITE) != 0) {
			throw new ForeignFileException(this.path,
					"its file system keeps no permissions, so that others may write to it. Choose a directory elsewhere.");
		}
	}

	Path path() {
		return this.path;
	}

	Path resolve(String name) {
		return this.path.resolve(name);
	}

	/** Options for a file that is opened for its lock alone. */
	static Set<OpenOption> lockOptions() {
		// A link planted in the directory must not lead elsewhere.
		return Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS);
	}

	static FileAttribute<?>[] newFile() {
		return NEW_FILE;
	}

	/**
	 * Reads a file.
	 * @param file the file
	 * @return its content
	 * @throws ForeignFileException when it is not one of ours
	 * @throws IOException when it cannot be read
	 */
	byte[] read(Path file) throws IOException {
		check(file);
		if (Files.size(file) > LARGEST) {
			throw new ForeignFileException(file, "it is too large for a login");
		}
		return Files.readAllBytes(file);
	}

	private void check(Path file) throws IOException {
		if (!UNIX) {
			return;
		}
		checkOwner(file, LinkOption.NOFOLLOW_LINKS);
		checkOwner(file);
		int mode = mode(file);
		if ((mode & KIND) != REGULAR) {
			throw new ForeignFileException(file, "it is no regular file");
		}
		if ((mode & MAY_WRITE) != 0) {
			throw new ForeignFileException(file,
					"others may write to it. Make sure that it is what you expect, then: chmod 600 " + file);
		}
		if ((mode & OTHERS) != 0) {
			restrictIfOurs(file);
		}
	}

	/** Like the server of SSH: what root owns is as good as ours. */
	private void checkOwner(Path file, LinkOption... options) throws IOException {
		int owner = owner(file, options);
		if (this.user != null && owner != this.user && owner != ROOT) {
			throw new ForeignFileException(file,
					"it belongs to the user " + owner + ", and this application runs as the user " + this.user
							+ ". Name a directory that it can make" + " itself, or, if this is what you expect: chown "
							+ this.user + " " + file);
		}
	}

	private static int owner(Path file, LinkOption... options) throws IOException {
		return (Integer) Files.getAttribute(file, "unix:uid", options);
	}

	private static int mode(Path file, LinkOption... options) throws IOException {
		return (Integer) Files.getAttribute(file, "unix:mode", options);
	}

	/** By a file of our own: shares and containers may show other numbers than ours. */
	private static @Nullable Integer user(Path directory) {
		Path probe = temporary(directory.resolve("probe"));
		try {
			Files.createFile(probe, NEW_FILE);
			try {
				return owner(probe, LinkOption.NOFOLLOW_LINKS);
			}
			finally {
				Files.deleteIfExists(probe);
			}
		}
		catch (IOException ex) {
			try {
				// A directory that may only be read.
				return owner(Path.of("/proc/self"));
			}
			catch (IOException unknown) {
				return null;
			}
		}
	}

	private static void restrict(Path file, Set<PosixFilePermission> mode) throws IOException {
		Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(file));
		if (permissions.retainAll(mode)) {
			Files.setPosixFilePermissions(file, permissions);
		}
	}

	/** The directory is closed: these rights are nobody's, but easily copied. */
	private static void restrictIfOurs(Path file) {
		try {
			restrict(file, FILE_MODE);
		}
		catch (IOException ex) {
			logger.debug("The rights of {} cannot be changed: {}", file, Reasons.of(ex));
		}
	}

	/**
	 * Replaces a file: written under another name, forced to disk, renamed, and the
	 * directory forced, so that a crash leaves the old or the new file and never half.
	 * @param file the file
	 * @param bytes its content
	 * @throws IOException when it could not be written; the old file stays, or the new
	 * one is there but may not outlive a power cut
	 */
	void write(Path file, byte[] bytes) throws IOException {
		// Unique for each write: processes that share a temporary name lose writes.
		Path temporary = temporary(file);
		try {
			create(temporary, bytes);
			Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException | RuntimeException ex) {
			discard(temporary);
			throw ex;
		}
		force();
	}

	/** Writes and removes a file, to see whether that works. */
	void probe() throws IOException {
		Path probe = temporary(this.path.resolve("probe"));
		try {
			create(probe, new byte[1]);
		}
		finally {
			discard(probe);
		}
		force();
	}

	private void create(Path file, byte[] bytes) throws IOException {
		try (FileChannel channel = FileChannel.open(file,
				Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), NEW_FILE)) {
			ByteBuffer buffer = ByteBuffer.wrap(bytes);
			while (buffer.hasRemaining()) {
				channel.write(buffer);
			}
			this.disk.force(channel);
		}
	}

	private static Path temporary(Path file) {
		// Nobody else can put a file here, so that it need not be hard to guess.
		ThreadLocalRandom random = ThreadLocalRandom.current();
		return file.resolveSibling(file.getFileName() + "." + new UUID(random.nextLong(), random.nextLong()) + ".tmp");
	}

	/** What failed says more than that its remains are still there. */
	private static void discard(Path file) {
		try {
			Files.deleteIfExists(file);
		}
		catch (IOException ex) {
			logger.debug("{} stays until the next start: {}", file, Reasons.of(ex));
		}
	}

	void delete(Path file) throws IOException {
		Files.deleteIfExists(file);
		force();
	}

	/**
	 * Forces the directory itself, which makes renames durable. Some file systems cannot
	 * (CIFS, FUSE): there it has never worked, though their files can be forced.
	 */
	void force() throws IOException {
		if (!UNIX) {
			return;
		}
		try (FileChannel channel = FileChannel.open(this.path, StandardOpenOption.READ)) {
			this.disk.force(channel);
			this.forced = true;
		}
		catch (FileSystemException ex) {
			throw ex;
		}
		catch (IOException ex) {
			if (this.forced) {
				throw ex;
			}
			if (!this.warned) {
				this.warned = true;
				logger.warn("The file system of {} cannot force a directory to disk ({}): a power cut may undo the last"
						+ " login or refresh there", this.path, Reasons.of(ex));
			}
		}
	}

	/**
	 * Removes what writers left that were killed, and takes rights of others away. Only
	 * while no other process writes.
	 * @param ours the names of files that are ours
	 * @throws IOException when the directory cannot be read
	 */
	void tidy(Pattern ours) throws IOException {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.path)) {
			for (Path file : files) {
				String name = file.getFileName().toString();
				if (TEMPORARY.matcher(name).matches()
						&& ours.matcher(name.substring(0, name.length() - 41)).matches()) {
					discard(file);
				}
				else if (UNIX && ours.matcher(name).matches()) {
					tighten(file);
				}
			}
		}
	}

	/** What others may write stays as it is: readers refuse it. */
	private static void tighten(Path file) throws IOException {
		int mode = mode(file, LinkOption.NOFOLLOW_LINKS);
		if ((mode & KIND) == REGULAR && (mode & MAY_WRITE) == 0 && (mode & OTHERS) != 0) {
			restrictIfOurs(file);
		}
	}

}
