package io.github.oauth2pkce.terminal;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode.Ecc;
import io.nayuki.qrcodegen.QrSegment;
import org.jspecify.annotations.Nullable;

/** Makes QR codes by the library {@code io.nayuki:qrcodegen}, which is optional. */
public final class NayukiQrEncoder implements QrCode.Encoder {

	/** 57 modules a side, 271 bytes: more does not fit on a terminal. */
	private static final int LARGEST_VERSION = 10;

	/** Creates the encoder. */
	public NayukiQrEncoder() {
	}

	@Override
	public @Nullable QrCode encode(String text) {
		try {
			// It picks a higher level of error correction where that costs no space.
			io.nayuki.qrcodegen.QrCode code = io.nayuki.qrcodegen.QrCode.encodeSegments(QrSegment.makeSegments(text),
					Ecc.LOW, 1, LARGEST_VERSION, -1, true);
			return new QrCode(code.size, code::getModule);
		}
		catch (DataTooLongException ex) {
			return null;
		}
	}

}
