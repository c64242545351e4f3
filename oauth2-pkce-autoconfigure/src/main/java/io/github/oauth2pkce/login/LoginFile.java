package io.github.oauth2pkce.login;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The file of a login that travels. Under its own name it is whole, and it is the one
 * place where the login is. Only its owner can read it, from the moment that it exists.
 */
final class LoginFile {

	/** No login is larger. */
	private static final long LARGEST = 1 << 20;

	private final Path path;

	LoginFile(Path path) {
		this.path = path.toAbsolutePath().normalize();
	}

	Path path() {
		return this.path;
	}

	boolean exists() {
		return Files.exists(this.path, LinkOption.NOFOLLOW_LINKS);
	}

	/** The same file under a name that no import takes. */
	LoginFile named(String suffix) {
		return new LoginFile(this.path.resolveSibling(this.path.getFileName() + suffix));
	}

	String read() {
		try {
			if (Files.size(this.path) > LARGEST) {
				throw new TransferException(this.path + " is too large for a sealed login");
			}
			return Files.readString(this.path, StandardCharsets.UTF_8);
		}
		catch (IOException | UncheckedIOException ex) {
			throw new TransferException(this.path + " cannot be read: " + reason(ex));
		}
	}

	/** Writes it whole, forced to disk. */
	void write(String text) {
		boolean posix = this.path.getFileSystem().supportedFileAttributeViews().contains("posix");
		FileAttribute<?>[] mode = posix
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")) }
				: new FileAttribute<?>[0];
		try (FileChannel channel = FileChannel.open(this.path,
				Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode)) {
			ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
			while (bytes.hasRemaining()) {
				channel.write(bytes);
			}
			channel.force(true);
		}
		catch (IOException ex) {
			throw new TransferException(this.path + " cannot be written: " + reason(ex)
					+ ". Set oauth2.pkce.command-file to a file in a directory that may be written");
		}
		force();
	}

	/** Gives it another name, at once; nothing has that name. */
	void renameTo(LoginFile other) throws IOException {
		if (other.exists()) {
			throw new IOException(other.path + " is there already");
		}
		Files.move(this.path, other.path, StandardCopyOption.ATOMIC_MOVE);
		force();
	}

	void delete() throws IOException {
		Files.deleteIfExists(this.path);
		force();
	}

	/** Renames last when their directory is forced; some file systems cannot. */
	private void force() {
		Path directory = this.path.getParent();
		if (directory == null) {
			return;
		}
		try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
			channel.force(true);
		}
		catch (IOException ex) {
			// As on Windows, which keeps renames anyway.
		}
	}

	static String reason(Exception ex) {
		String message = ex.getMessage();
		return ex.getClass().getSimpleName().replace("Exception", "") + ((message != null) ? " (" + message + ")" : "");
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

}
