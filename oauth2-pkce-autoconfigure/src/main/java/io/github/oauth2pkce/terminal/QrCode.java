package io.github.oauth2pkce.terminal;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** A QR code (ISO/IEC 18004) as text, two modules to a character. */
public final class QrCode {

	/** The clear space around it, which a scanner needs to find it. */
	private static final int QUIET_ZONE = 4;

	private static final char[] BLOCKS = { ' ', '▀', '▄', '█' };

	private final int size;

	private final Modules modules;

	/**
	 * Creates a code.
	 * @param size how many modules it has on each side
	 * @param modules which of them are dark
	 */
	public QrCode(int size, Modules modules) {
		this.size = size;
		this.modules = modules;
	}

	int columns() {
		return this.size + 2 * QUIET_ZONE;
	}

	/**
	 * Draws it.
	 * @param ink whether a block is a dark module, as on white paper; {@code false} draws
	 * the light modules, which is right where text is lighter than its background. (The
	 * standard has scanners read both.)
	 * @return lines, all equally long
	 */
	List<String> lines(boolean ink) {
		List<String> lines = new ArrayList<>();
		for (int y = -QUIET_ZONE; y < this.size + QUIET_ZONE; y += 2) {
			StringBuilder line = new StringBuilder();
			for (int x = -QUIET_ZONE; x < this.size + QUIET_ZONE; x++) {
				boolean upper = isDark(x, y) == ink;
				// The size is odd, so that the last line has an upper half only.
				boolean lower = (y + 1 < this.size + QUIET_ZONE) && isDark(x, y + 1) == ink;
				line.append(BLOCKS[(upper ? 1 : 0) + (lower ? 2 : 0)]);
			}
			lines.add(line.toString());
		}
		return lines;
	}

	private boolean isDark(int x, int y) {
		return x >= 0 && y >= 0 && x < this.size && y < this.size && this.modules.isDark(x, y);
	}

	/** Which modules are dark. */
	@FunctionalInterface
	public interface Modules {

		/**
		 * Whether a module is dark.
		 * @param x its column, from 0
		 * @param y its row, from 0
		 * @return {@code false} when it is light
		 */
		boolean isDark(int x, int y);

	}

	/** Makes QR codes. Thread-safe. */
	@FunctionalInterface
	public interface Encoder {

		/**
		 * Encodes a text.
		 * @param text the text
		 * @return the code, or {@code null} when it would be too large for a terminal
		 */
		@Nullable QrCode encode(String text);

	}

}
