package io.github.oauth2pkce.token;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * The bytes of an answer as text, whatever its headers call them: servers compress what
 * nobody asked them to, twice at times, or say that they do and do not.
 */
final class AnswerBody {

	private static final int MOST_ENCODINGS = 2;

	private AnswerBody() {
	}

	/**
	 * Reads a body.
	 * @param bytes what came, possibly cut
	 * @param headers the headers of the answer
	 * @param limit the most bytes to unpack
	 * @return the text, possibly cut
	 */
	static String text(byte[] bytes, HttpHeaders headers, int limit) {
		byte[] plain = bytes;
		for (int i = 0; i < MOST_ENCODINGS; i++) {
			InputStream packed = unpack(plain, headers.getFirst(HttpHeaders.CONTENT_ENCODING));
			if (packed == null) {
				break;
			}
			plain = read(packed, limit);
		}
		return new String(plain, charset(plain));
	}

	private static @Nullable InputStream unpack(byte[] bytes, @Nullable String encoding) {
		if (at(bytes, 0) == 0x1f && at(bytes, 1) == 0x8b) {
			try {
				return new GZIPInputStream(new ByteArrayInputStream(bytes));
			}
			catch (IOException ex) {
				return null;
			}
		}
		if (encoding == null || !encoding.toLowerCase(Locale.ROOT).contains("deflate") || at(bytes, 0) == '{') {
			return null;
		}
		// RFC 9110 section 8.4.1.2: some send it without the zlib wrapper.
		boolean wrapped = (at(bytes, 0) & 0xf) == 8 && (at(bytes, 0) * 256 + at(bytes, 1)) % 31 == 0;
		return new InflaterInputStream(new ByteArrayInputStream(bytes), new Inflater(!wrapped));
	}

	/** What comes before the fault, if there is one. */
	private static byte[] read(InputStream packed, int limit) {
		ByteArrayOutputStream plain = new ByteArrayOutputStream();
		byte[] buffer = new byte[8192];
		try (packed) {
			int length = packed.read(buffer);
			while (length >= 0 && plain.size() < limit) {
				plain.write(buffer, 0, length);
				length = packed.read(buffer);
			}
		}
		catch (IOException | StackOverflowError ex) {
			// Cut, its checksum is wrong, or many empty parts, for each of which the
			// JDK's stream calls itself.
		}
		return plain.toByteArray();
	}

	/**
	 * RFC 4627 section 3 tells them apart by their zeros, for JSON begins with ASCII. The
	 * header is not asked: where it differs it is mostly wrong.
	 */
	private static Charset charset(byte[] bytes) {
		int first = at(bytes, 0);
		int second = at(bytes, 1);
		if (first == 0xfe && second == 0xff || first == 0xff && second == 0xfe) {
			return StandardCharsets.UTF_16;
		}
		if (first == 0 && second > 0) {
			return StandardCharsets.UTF_16BE;
		}
		return (first > 0 && second == 0) ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
	}

	private static int at(byte[] bytes, int index) {
		return (index < bytes.length) ? bytes[index] & 0xff : -1;
	}

}
