package io.github.oauth2pkce.code;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A {@code GET} of one of the two addresses of a login. Its text shows neither the query
 * nor a header.
 *
 * @param query the raw query
 * @param headers the headers; names of any case
 */
record Hit(@Nullable String query, Map<String, List<String>> headers) {

	/** Whether there is a cookie of that name and value, which may be quoted. */
	boolean hasCookie(String name, String value) {
		return values("Cookie").flatMap((line) -> Stream.of(line.split(";")))
			.anyMatch((pair) -> Random.isSame(name + "=" + value, pair.replace("\"", "").strip()));
	}

	/**
	 * Whether a browser only looks ahead, and nobody has opened the page yet: Chromium
	 * and Safari say so in one header, Firefox and older ones in others.
	 */
	boolean isPrefetch() {
		return Stream.of("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
			.flatMap(this::values)
			.anyMatch((value) -> value.toLowerCase(Locale.ROOT).matches(".*(prefetch|prerender|preview).*"));
	}

	/**
	 * {@return the host that was typed, without a port, or {@code null}}
	 */
	@Nullable String host() {
		return values("Host").findFirst().map((host) -> host.replaceFirst(":\\d*$", "")).orElse(null);
	}

	private Stream<String> values(String name) {
		return this.headers.entrySet()
			.stream()
			.filter((header) -> name.equalsIgnoreCase(header.getKey()))
			.flatMap((header) -> header.getValue().stream());
	}

	@Override
	public String toString() {
		return "Hit";
	}

}
