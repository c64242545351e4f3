package io.github.oauth2pkce.sample.client.page;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.GlobalHistogramBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a phone reads off the page.
 */
class QrCodeTests {

	private static final Pattern RUN = Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-(\\d+)z");

	private static final int SCALE = 4;

	@Test
	void canBeReadBack() throws Exception {
		String link = "http://127.0.0.1:9000/activate?user_code=WDJB-MJHT";
		assertThat(read(QrCode.of(link))).isEqualTo(link);
	}

	@Test
	void isNotDrawnForATextThatFitsInNone() {
		assertThat(QrCode.of("https://login.example.com/" + "x".repeat(5000))).isNull();
	}

	/** Draws the path, and reads the drawing. */
	private static String read(QrCode code) throws Exception {
		int width = code.size() * SCALE;
		int[] pixels = new int[width * width];
		Arrays.fill(pixels, 0xFFFFFF);
		for (MatchResult run : RUN.matcher(code.path()).results().toList()) {
			int left = number(run, 1) * SCALE;
			int top = number(run, 2) * SCALE;
			assertThat(run.group(4)).isEqualTo(run.group(3));
			for (int y = top; y < top + SCALE; y++) {
				Arrays.fill(pixels, y * width + left, y * width + left + number(run, 3) * SCALE, 0);
			}
		}
		return new QRCodeReader()
			.decode(new BinaryBitmap(new GlobalHistogramBinarizer(new RGBLuminanceSource(width, width, pixels))),
					Map.of(DecodeHintType.TRY_HARDER, true))
			.getText();
	}

	private static int number(MatchResult run, int group) {
		return Integer.parseInt(run.group(group));
	}

}
