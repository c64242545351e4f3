package io.github.oauth2pkce.terminal;

import java.util.List;
import java.util.Map;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;

/** A phone's camera, in front of a terminal. */
public final class QrReader {

	private static final int MODULE = 4;

	private static final int WHITE = 0xffffff;

	private static final int BLACK = 0;

	private QrReader() {
	}

	/**
	 * Reads the QR code in what was printed.
	 * @param printed the text, with other lines around the code
	 * @param dark whether text is lighter than its background
	 * @return what the code says
	 */
	public static String read(String printed, boolean dark) {
		List<String> lines = printed.lines()
			// What colours it is not what it shows.
			.map((line) -> line.replaceAll("\u001b\\[[0-9;]*m", ""))
			.filter((line) -> line.matches("  [ ▀▄█]{20,}"))
			.map((line) -> line.substring(2))
			.toList();
		int width = lines.get(0).length();
		int[] pixels = new int[width * MODULE * lines.size() * 2 * MODULE];
		for (int y = 0; y < lines.size() * 2 * MODULE; y++) {
			for (int x = 0; x < width * MODULE; x++) {
				char block = lines.get(y / MODULE / 2).charAt(x / MODULE);
				boolean text = block == '█' || block == ((y / MODULE % 2 == 0) ? '▀' : '▄');
				pixels[y * width * MODULE + x] = (text == dark) ? WHITE : BLACK;
			}
		}
		try {
			return new QRCodeReader()
				.decode(new BinaryBitmap(
						new HybridBinarizer(new RGBLuminanceSource(width * MODULE, lines.size() * 2 * MODULE, pixels))),
						Map.of(DecodeHintType.TRY_HARDER, true))
				.getText();
		}
		catch (ReaderException ex) {
			throw new AssertionError("No QR code in\n" + String.join("\n", lines), ex);
		}
	}

}
