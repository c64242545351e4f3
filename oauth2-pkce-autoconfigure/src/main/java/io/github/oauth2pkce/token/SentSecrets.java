package io.github.oauth2pkce.token;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

import org.springframework.util.StringUtils;
import org.springframework.web.util.HtmlUtils;
import org.springframework.web.util.UriUtils;

/**
 * What a server was sent and must not be able to reflect into our logs, messages and
 * pages. Immutable; its text shows no secret.
 */
public final class SentSecrets {

	private static final int WHOLE = Integer.MAX_VALUE;

	private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

	private final List<String> secrets;

	private SentSecrets(List<String> secrets) {
		this.secrets = secrets;
	}

	/**
	 * The secrets of one exchange, in the forms in which they are sent and those in which
	 * servers repeat them.
	 * @param provider the client, whose secret is one of them
	 * @param secrets the others; {@code null} and blank ones are none
	 * @return the secrets
	 */
	public static SentSecrets of(Provider provider, @Nullable String... secrets) {
		return new SentSecrets(Stream.concat(Stream.of(secrets), ofClient(provider))
			.filter(StringUtils::hasText)
			.flatMap(SentSecrets::forms)
			.map((secret) -> ServerText.printable(secret, WHOLE))
			.filter(StringUtils::hasText)
			.distinct()
			// The longest first: the rest of one that begins like another would stay.
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList());
	}

	/**
	 * With the credential of RFC 7617, made of both as they are and as they should be.
	 */
	private static Stream<String> ofClient(Provider provider) {
		String secret = provider.client().secret();
		if (!StringUtils.hasText(secret)) {
			return Stream.empty();
		}
		return Stream.of(secret, base64(provider.client().id() + ":" + secret),
				base64(encode(provider.client().id()) + ":" + encode(secret)));
	}

	private static Stream<String> forms(String secret) {
		String encoded = encode(secret);
		String base64 = base64(secret);
		return Stream.of(secret, encoded, lowerCaseEscapes(encoded), encoded.replace("+", "%20"),
				lowerCaseEscapes(encoded.replace("+", "%20")), UriUtils.encode(secret, StandardCharsets.UTF_8),
				UriUtils.encodeQueryParam(secret, StandardCharsets.UTF_8), encode(encoded), base64,
				base64.replace('+', '-').replace('/', '_'), HtmlUtils.htmlEscape(secret), escaped(secret, false),
				escaped(secret, true));
	}

	private static String encode(String value) {
		return URLEncoder.encode(value, StandardCharsets.UTF_8);
	}

	private static String lowerCaseEscapes(String encoded) {
		return ESCAPE.matcher(encoded).replaceAll((escape) -> escape.group().toLowerCase(Locale.ROOT));
	}

	/** Without the padding, which shows nothing. */
	private static String base64(String value) {
		return Base64.getEncoder().withoutPadding().encodeToString(value.getBytes(StandardCharsets.UTF_8));
	}

	/** As in a JSON string, of which some escape more than they must. */
	private static String escaped(String value, boolean all) {
		StringBuilder escaped = new StringBuilder();
		for (char c : value.toCharArray()) {
			if (c == '"' || c == '\\' || (c == '/' && !all)) {
				escaped.append('\\').append(c);
			}
			else if (all && !Character.isLetterOrDigit(c) && "-._~".indexOf(c) < 0) {
				escaped.append(String.format("\\u%04x", (int) c));
			}
			else {
				escaped.append(c);
			}
		}
		return escaped.toString();
	}

	/**
	 * Takes the secrets out of a text.
	 * @param serverText what the server wrote, whole: of a secret at the edge of a cut
	 * one part would stay
	 * @return printable characters on one line, of any number
	 */
	public String hideIn(String serverText) {
		// Printable first: a secret with something invisible in it is a secret still.
		String text = ServerText.printable(serverText, WHOLE);
		for (String secret : this.secrets) {
			text = text.replace(secret, "***");
		}
		return text;
	}

	@Override
	public String toString() {
		return "SentSecrets";
	}

}
