package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Text files that change on purpose only, in the same commit as what they describe.
 * {@code -Dgolden.update=true} writes them anew.
 */
public final class Golden {

	private static final boolean UPDATE = Boolean.getBoolean("golden.update");

	private Golden() {
	}

	public static void assertSame(String file, String actual) {
		Path golden = Path.of("src/test/resources/golden", file);
		try {
			if (UPDATE) {
				Files.createDirectories(golden.getParent());
				Files.writeString(golden, actual);
			}
			assertThat(actual).as("%s (update with -Dgolden.update=true)", golden).isEqualTo(Files.readString(golden));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Compares what a page has between its markers. */
	static void assertSameInPage(String page, String marker, String actual) {
		Path file = Path.of("..", "docs", page);
		String begin = "<!-- begin " + marker + " -->\n";
		String end = "<!-- end " + marker + " -->";
		try {
			String text = Files.readString(file);
			int from = text.indexOf(begin) + begin.length();
			int to = text.indexOf(end);
			assertThat(text).contains(begin, end);
			if (UPDATE) {
				text = text.substring(0, from) + actual + text.substring(to);
				to = from + actual.length();
				Files.writeString(file, text);
			}
			assertThat(text.substring(from, to)).as("%s (update with -Dgolden.update=true)", file).isEqualTo(actual);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
