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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The file of a login that travels. Under its own name it is whole, and it is the one
 * place where the login is. Only its owner can read it, from the moment that it exists.
 */
record LoginFile(Path path) implements Comparable<LoginFile> {

	private static final String UNFINISHED = ".part";

	private static final String CLAIMED = ".importing";

	private static final int DIGEST_LENGTH = 6;

	private static final Pattern CLAIMED_NAME = Pattern
		.compile("(.+)\\.[0-9a-f]{" + DIGEST_LENGTH * 2 + "}" + Pattern.quote(CLAIMED));

	/** No login is larger. */
	private static final long LARGEST = 1 << 20;

	LoginFile {
		path = path.toAbsolutePath().normalize();
	}

	boolean exists() {
		return Files.exists(this.path, LinkOption.NOFOLLOW_LINKS);
	}

	String name() {
		return String.valueOf(this.path.getFileName());
	}

	/** The name of an export that is not finished, which no import takes. */
	LoginFile unfinished(String export) {
		return beside(name() + "." + export + UNFINISHED);
	}

	boolean isUnfinished() {
		return name().endsWith(UNFINISHED);
	}

	/**
	 * The name while it is imported, which only the store takes that gives it. Another
	 * login has another one: by then it may have come under the same name as this.
	 * @param sealed what is in it
	 */
	LoginFile claimed(String sealed) {
		return beside(name() + "." + digest(sealed) + CLAIMED);
	}

	/**
	 * {@return the name that it had before it was claimed, {@code null} if it is not}
	 */
	@Nullable LoginFile unclaimed() {
		Matcher claimed = CLAIMED_NAME.matcher(name());
		return claimed.matches() ? beside(claimed.group(1)) : null;
	}

	/** All that have had this name and are claimed. */
	List<LoginFile> allClaimed() {
		Path directory = this.path.getParent();
		if (directory == null) {
			return List.of();
		}
		try (Stream<Path> files = Files.list(directory)) {
			return files.map(LoginFile::new).filter((file) -> equals(file.unclaimed())).sorted().toList();
		}
		catch (IOException | UncheckedIOException ex) {
			return List.of();
		}
	}

	LoginFile beside(String name) {
		return new LoginFile(this.path.resolveSibling(name));
	}

	private static String digest(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, DIGEST_LENGTH);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
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

	/**
	 * {@return whether it is away now, which a directory that may only be read prevents}
	 */
	boolean delete() {
		try {
			Files.deleteIfExists(this.path);
			force();
			return true;
		}
		catch (IOException ex) {
			return false;
		}
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
	public int compareTo(LoginFile other) {
		return this.path.compareTo(other.path);
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

}
