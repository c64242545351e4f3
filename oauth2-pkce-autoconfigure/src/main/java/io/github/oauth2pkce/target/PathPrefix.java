package io.github.oauth2pkce.target;

/** Path comparison by whole segments, without being led out of them. */
public final class PathPrefix {

	/**
	 * Some servers, or the proxies before them, decode twice; nobody decodes so often.
	 */
	private static final int DECODINGS = 4;

	private PathPrefix() {
	}

	/**
	 * Whether a path lies below a prefix, for every server that will read it.
	 * @param prefix without a slash at its end, empty for all paths
	 * @param path the raw path of a request
	 * @return {@code false} as well for paths that can be read as leaving the prefix
	 */
	static boolean contains(String prefix, String path) {
		if (prefix.isEmpty()) {
			return true;
		}
		return startsWith(path, prefix) && endsSegment(path, prefix.length()) && !mayClimb(path, prefix.length());
	}

	/** Looks at the end first: prefixes of one gateway begin alike. */
	private static boolean startsWith(String path, String prefix) {
		int last = prefix.length() - 1;
		return last < path.length() && path.charAt(last) == prefix.charAt(last) && path.startsWith(prefix);
	}

	/**
	 * Whether a prefix of a path is made of whole segments: /api does not contain
	 * /apievil.
	 * @param path the raw path
	 * @param length of the prefix, no longer than the path
	 */
	static boolean endsSegment(String path, int length) {
		return length == 0 || length == path.length() || path.charAt(length) == '/';
	}

	/**
	 * Whether a path has a dot segment, plainly or in any encoding. An encoded slash
	 * alone is a part of a name, as in {@code /projects/group%2Fproject}.
	 * @param path the raw path
	 * @return whether some server would read it as another path
	 */
	static boolean mayClimb(String path) {
		return mayClimb(path, 0);
	}

	/** The same for the segments after a prefix that has none. */
	private static boolean mayClimb(String path, int start) {
		if (path.indexOf('%', start) >= 0) {
			return mayClimbDecoded(path.substring(start));
		}
		for (int i = path.indexOf('.', start); i >= 0; i = path.indexOf('.', i + 1)) {
			if ((i == start || isSeparator(path.charAt(i - 1))) && isDots(path, i, segmentEnd(path, i))) {
				return true;
			}
		}
		return false;
	}

	private static boolean mayClimbDecoded(String path) {
		String decoded = path;
		for (int i = 0; i < DECODINGS; i++) {
			String before = decoded;
			decoded = decode(before);
			if (decoded.equals(before)) {
				return hasDotSegment(decoded) || hasOverlongForm(decoded);
			}
		}
		return true;
	}

	/** Byte by byte; what is no escape stays. */
	private static String decode(String path) {
		StringBuilder decoded = new StringBuilder(path.length());
		for (int i = 0; i < path.length(); i++) {
			char c = path.charAt(i);
			int high = (c == '%' && i + 2 < path.length()) ? Character.digit(path.charAt(i + 1), 16) : -1;
			int low = (high >= 0) ? Character.digit(path.charAt(i + 2), 16) : -1;
			decoded.append((low >= 0) ? (char) (high * 16 + low) : c);
			i += (low >= 0) ? 2 : 0;
		}
		return decoded.toString();
	}

	/**
	 * Longer than UTF-8 allows (RFC 3629 section 3), but %c0%ae and %e0%80%ae have been
	 * dots to some servers.
	 */
	private static boolean hasOverlongForm(String decoded) {
		for (int i = 0; i < decoded.length(); i++) {
			char next = (i + 1 < decoded.length()) ? decoded.charAt(i + 1) : 0;
			boolean overlong = switch (decoded.charAt(i)) {
				case '\u00c0', '\u00c1' -> true;
				case '\u00e0' -> next >= '\u0080' && next <= '\u009f';
				case '\u00f0' -> next >= '\u0080' && next <= '\u008f';
				default -> false;
			};
			if (overlong) {
				return true;
			}
		}
		return false;
	}

	private static boolean hasDotSegment(String path) {
		int start = 0;
		while (start <= path.length()) {
			int end = segmentEnd(path, start);
			if (isDots(path, start, end)) {
				return true;
			}
			start = end + 1;
		}
		return false;
	}

	private static int segmentEnd(String path, int start) {
		int end = start;
		while (end < path.length() && !isSeparator(path.charAt(end))) {
			end++;
		}
		return end;
	}

	/** Windows servers take the other one, too. */
	private static boolean isSeparator(char c) {
		return c == '/' || c == '\\';
	}

	private static boolean isDots(String path, int start, int end) {
		int i = start;
		while (i < end && path.charAt(i) == '.') {
			i++;
		}
		int dots = i - start;
		// "..;x" is ".." to servlet containers.
		return (dots == 1 || dots == 2) && (i == end || path.charAt(i) == ';');
	}

}
