package io.github.oauth2pkce;

import org.jspecify.annotations.Nullable;

/**
 * Text that a server wrote and a person will read. It is hostile until it went through
 * here: a terminal obeys escape sequences, a log believes line breaks, and bidirectional
 * overrides make one address look like another.
 */
public final class ServerText {

	private static final int MAX_LENGTH = 200;

	private ServerText() {
	}

	/**
	 * Drops control, format and separator characters and caps the length.
	 * @param text what the server sent
	 * @return at most 200 printable characters on one line, or {@code null} for
	 * {@code null}
	 */
	public static @Nullable String printable(@Nullable String text) {
		return (text != null) ? printable(text, MAX_LENGTH) : null;
	}

	/**
	 * Drops control, format and separator characters and caps the length.
	 * @param text what the server sent
	 * @param maxLength the most characters to keep
	 * @return printable characters on one line
	 */
	public static String printable(String text, int maxLength) {
		StringBuilder printable = new StringBuilder(Math.min(text.length(), maxLength));
		text.codePoints().filter(ServerText::isPrintable).limit(maxLength).forEach(printable::appendCodePoint);
		return printable.toString();
	}

	private static boolean isPrintable(int codePoint) {
		return switch (Character.getType(codePoint)) {
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
					Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED ->
				false;
			default -> true;
		};
	}

}
