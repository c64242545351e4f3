package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * Files that only their owner can read (0600 in 0700), from the moment that they exist,
 * and writes that are either there or not.
 */
final class PrivateFiles {

	private static final boolean POSIX = Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");

	private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwx------");

	private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-------");

	/** Permissions of a new file. */
	static final FileAttribute<?>[] FILE = POSIX
			? new FileAttribute<?>[] { PosixFilePermissions.asFileAttribute(FILE_MODE) } : new FileAttribute<?>[0];

	private PrivateFiles() {
	}

	static Set<OpenOption> openOptions(OpenOption... options) {
		Set<OpenOption> set = new java.util.HashSet<>(Set.of(options));
		set.add(StandardOpenOption.CREATE);
		// A link planted in the directory must not lead our write elsewhere.
		set.add(LinkOption.NOFOLLOW_LINKS);
		return set;
	}

	static void createDirectory(Path directory) throws IOException {
		if (!POSIX) {
			Files.createDirectories(directory);
			return;
		}
		if (!Files.isDirectory(directory)) {
			Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(DIRECTORY_MODE));
		}
		restrict(directory, DIRECTORY_MODE);
	}

	private static void restrict(Path path, Set<PosixFilePermission> mode) throws IOException {
		PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
		if (view == null) {
			return;
		}
		// A directory that may only be read (0500, or a read-only mount) is somebody's
		// choice: only take rights away.
		Set<PosixFilePermission> permissions = view.readAttributes().permissions();
		if (permissions.retainAll(mode)) {
			view.setPermissions(permissions);
		}
	}

	/**
	 * Replaces a file: written under another name, forced to disk, renamed, and the
	 * directory forced, so that a crash leaves the old or the new file and never half.
	 * @param file the file
	 * @param bytes its content
	 * @throws IOException when it could not be written; the old file stays
	 */
	static void write(Path file, byte[] bytes) throws IOException {
		Path directory = parent(file);
		// Unique for each write: processes that share a temporary name lose writes.
		Path temporary = directory.resolve(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
		try {
			try (FileChannel channel = FileChannel.open(temporary,
					Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), FILE)) {
				ByteBuffer buffer = ByteBuffer.wrap(bytes);
				while (buffer.hasRemaining()) {
					channel.write(buffer);
				}
				channel.force(true);
			}
			Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
			force(directory);
		}
		finally {
			Files.deleteIfExists(temporary);
		}
	}

	static void delete(Path file) throws IOException {
		Files.deleteIfExists(file);
		force(parent(file));
	}

	private static Path parent(Path file) {
		Path parent = file.getParent();
		if (parent == null) {
			throw new IllegalArgumentException(file + " has no directory");
		}
		return parent;
	}

	private static void force(Path directory) throws IOException {
		if (POSIX) {
			try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
				channel.force(true);
			}
		}
	}

}
