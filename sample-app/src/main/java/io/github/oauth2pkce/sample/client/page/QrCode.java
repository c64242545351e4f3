package io.github.oauth2pkce.sample.client.page;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode.Ecc;
import org.jspecify.annotations.Nullable;

/**
 * A QR code as one SVG path, a module being one unit wide.
 *
 * @param size width and height, with the four modules of silence around it
 * @param path the dark modules
 */
record QrCode(int size, String path) {

	private static final int SILENCE = 4;

	/**
	 * Draws a text.
	 * @param text the text
	 * @return the code; {@code null} if the text is too long for one
	 */
	static @Nullable QrCode of(String text) {
		try {
			return of(io.nayuki.qrcodegen.QrCode.encodeText(text, Ecc.LOW));
		}
		catch (DataTooLongException ex) {
			return null;
		}
	}

	private static QrCode of(io.nayuki.qrcodegen.QrCode modules) {
		StringBuilder path = new StringBuilder();
		for (int y = 0; y < modules.size; y++) {
			int x = 0;
			while (x < modules.size) {
				int start = x;
				while (modules.getModule(x, y)) {
					x++;
				}
				if (x > start) {
					path.append("M%d %dh%dv1h-%dz".formatted(start + SILENCE, y + SILENCE, x - start, x - start));
				}
				x++;
			}
		}
		return new QrCode(modules.size + 2 * SILENCE, path.toString());
	}

}
