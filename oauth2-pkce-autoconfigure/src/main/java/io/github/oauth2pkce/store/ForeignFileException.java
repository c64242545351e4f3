package io.github.oauth2pkce.store;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A file is there that this application cannot have written. */
final class ForeignFileException extends FileSystemException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param path the file or directory
	 * @param reason what is wrong, and what to do
	 */
	ForeignFileException(Path path, String reason) {
		super(path.toString(), null, reason);
	}

}
