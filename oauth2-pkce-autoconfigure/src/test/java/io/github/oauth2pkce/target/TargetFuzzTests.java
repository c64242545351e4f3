package io.github.oauth2pkce.target;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Seeded, so that a failure can be repeated. */
class TargetFuzzTests {

	private static final int ROUNDS = 100_000;

	private static final List<String> URI_PARTS = List.of("https://", "http://", "HTTPS://", "api.example.com",
			"API.example.com", "evil.com", "b\u00fccher.de", "xn--bcher-kva.de", "@", ":", "/", "//", "\\", "?", "#",
			".", "..", "%2e", "%2E", "%2f", "%5c", "%40", "%25", "%c3%bc", "%00", ";", "443", "8443", "0", "-1", "/api",
			"/v1", "[::1]", "[", "]", "user", " ", "\u3002", "\uff0e", "\u00df", "\u200d", "\u212a",
			"api\u3002example\uff0ecom", "a", "_");

	private static final List<String> PATH_PARTS = List.of("/", "/", ".", "..", "a", "...", ".a", ";", "%2e", "%2E",
			"%252e", "%2f", "%5c", "%25", "%", "2", "e", "%c0%ae", "%2525252e", "%252525252e", "v1.0");

	@Test
	void aBaseUrlNeverMatchesAnotherHostAndNeverThrows() {
		Random random = new Random(3986);
		List<BaseUrl> baseUrls = List.of(BaseUrl.parse("https://api.example.com"),
				BaseUrl.parse("https://api.example.com/api"), BaseUrl.parse("https://b\u00fccher.de:8443/v1"));
		int matches = 0;
		for (int i = 0; i < ROUNDS; i++) {
			URI uri = uri(random);
			if (uri == null) {
				continue;
			}
			for (BaseUrl baseUrl : baseUrls) {
				if (baseUrl.contains(uri)) {
					matches++;
					assertAuthority(uri);
				}
			}
		}
		assertThat(matches).as("a fuzz test that finds nothing tests nothing").isGreaterThan(50);
	}

	/** What a client would connect to, read by a much narrower rule. */
	private static void assertAuthority(URI uri) {
		assertThat(uri.getScheme()).isEqualToIgnoringCase("https");
		assertThat(uri.getRawAuthority()).matches("(?iu)(api[.\u3002\uff0e]example[.\u3002\uff0e]com(:|:443|:0443)?"
				+ "|(b(\u00fc|%c3%bc)cher|xn--bcher-kva)[.\u3002\uff0e]de:8443)");
	}

	private static @Nullable URI uri(Random random) {
		String prefix = (random.nextInt(3) > 0) ? "https://" : "";
		try {
			return new URI(prefix + random(random, URI_PARTS, 8));
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	/**
	 * The prefix was looked through when it was configured: only the rest is, for each
	 * request.
	 */
	@Test
	void aPathIsBelowItsPrefixUnlessItClimbsReadAsAWhole() {
		Random random = new Random(2396);
		int below = 0;
		int climbing = 0;
		for (int i = 0; i < ROUNDS; i++) {
			String prefix = "/" + random(random, PATH_PARTS, 5);
			if (prefix.endsWith("/") || climbs(prefix)) {
				continue;
			}
			String path = prefix + "/" + random(random, PATH_PARTS, 6);
			boolean contained = PathPrefix.contains(prefix, path);
			assertThat(contained).as("%s below %s", path, prefix).isEqualTo(!climbs(path));
			below += contained ? 1 : 0;
			climbing += contained ? 0 : 1;
		}
		assertThat(below).isGreaterThan(1000);
		assertThat(climbing).isGreaterThan(1000);
	}

	/** Slowly, and by other means. */
	private static boolean climbs(String path) {
		String decoded = path;
		for (int i = 0; i < 4; i++) {
			String before = decoded;
			decoded = Pattern.compile("%([0-9a-fA-F]{2})")
				.matcher(before)
				.replaceAll((escape) -> Matcher
					.quoteReplacement(Character.toString(Integer.parseInt(escape.group(1), 16))));
			if (decoded.equals(before)) {
				return (i > 0 && decoded.matches("(?s).*[\\u00c0\\u00c1].*"))
						|| Pattern.compile("(^|[/\\\\])\\.\\.?([/\\\\;]|$)").matcher(decoded).find();
			}
		}
		return true;
	}

	@Test
	void aBaseUrlIsParsedOrRefusedAndContainsItself() {
		Random random = new Random(5891);
		int parsed = 0;
		for (int i = 0; i < ROUNDS; i++) {
			String text = "https://" + random(random, URI_PARTS, 6);
			BaseUrl baseUrl;
			try {
				baseUrl = BaseUrl.parse(text);
			}
			catch (IllegalArgumentException ex) {
				continue;
			}
			parsed++;
			assertThat(baseUrl.contains(URI.create(text.strip()))).as(text).isTrue();
		}
		assertThat(parsed).isGreaterThan(50);
	}

	private static String random(Random random, List<String> parts, int length) {
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(length) + 1; i > 0; i--) {
			text.append(parts.get(random.nextInt(parts.size())));
		}
		return text.toString();
	}

}
