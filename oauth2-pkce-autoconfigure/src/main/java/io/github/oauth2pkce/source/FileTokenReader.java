package io.github.oauth2pkce.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

/** A file that holds a token and nothing else, such as one that a platform mounts. */
public final class FileTokenReader implements ForeignTokenReader {

	/**
	 * The kubelet swaps a symbolic link and removes what it pointed to: who has followed
	 * the old one finds nothing there, once.
	 */
	private static final int ATTEMPTS = 10;

	private final Source source;

	/** Creates the reader of files whose path is configured. */
	public FileTokenReader() {
		this(Source.FILE);
	}

	private FileTokenReader(Source source) {
		this.source = source;
	}

	/**
	 * The projected token of a Kubernetes service account.
	 * @return its reader
	 */
	public static FileTokenReader ofKubernetes() {
		return new FileTokenReader(Source.KUBERNETES);
	}

	@Override
	public Source source() {
		return this.source;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		for (int attempt = 1;; attempt++) {
			try {
				return content(token, Path.of(token.value()));
			}
			catch (NoSuchFileException ex) {
				if (attempt == ATTEMPTS) {
					throw ForeignTokenException.missing(token, "there is no such file");
				}
			}
			catch (AccessDeniedException ex) {
				throw ForeignTokenException.missing(token, "this application may not read it");
			}
			catch (InvalidPathException ex) {
				throw ForeignTokenException.missing(token, "that is not a path");
			}
			catch (IOException ex) {
				throw ForeignTokenException.unavailable(token,
						"it cannot be read (" + ex.getClass().getSimpleName() + ")", ex);
			}
		}
	}

	private static String content(ForeignToken token, Path path) throws IOException {
		// Asked once: between two questions the file may be swapped.
		if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
			// A pipe without a writer would keep this thread for ever.
			throw ForeignTokenException.missing(token, "it is not a file");
		}
		try (InputStream stream = Files.newInputStream(path)) {
			return new String(stream.readNBytes(ForeignTokens.LARGEST * 2), StandardCharsets.UTF_8);
		}
	}

}
