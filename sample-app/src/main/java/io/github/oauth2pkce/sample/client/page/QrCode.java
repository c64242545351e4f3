package io.github.oauth2pkce.sample.client.page;

import java.util.Map;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.EncodeHintType;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
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
			return of(new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 0, 0,
					Map.of(EncodeHintType.MARGIN, SILENCE, EncodeHintType.CHARACTER_SET, "UTF-8")));
		}
		catch (WriterException ex) {
			return null;
		}
	}

	private static QrCode of(BitMatrix modules) {
		StringBuilder path = new StringBuilder();
		for (int y = 0; y < modules.getHeight(); y++) {
			int x = 0;
			while (x < modules.getWidth()) {
				int start = x;
				while (x < modules.getWidth() && modules.get(x, y)) {
					x++;
				}
				if (x > start) {
					path.append("M%d %dh%dv1h-%dz".formatted(start, y, x - start, x - start));
				}
				x++;
			}
		}
		return new QrCode(modules.getWidth(), path.toString());
	}

}
