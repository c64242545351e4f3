package io.github.oauth2pkce.token;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

import org.springframework.util.StringUtils;

/**
 * What a server was sent and must not be able to reflect into our logs, messages and
 * pages. Immutable; its text shows no secret.
 */
public final class SentSecrets {

	private static final int WHOLE = Integer.MAX_VALUE;

	private final List<String> secrets;

	private SentSecrets(List<String> secrets) {
		this.secrets = secrets;
	}

	/**
	 * The secrets of one exchange.
	 * @param provider the client, whose secret is one of them
	 * @param secrets the others; {@code null} and blank ones are none
	 * @return the secrets
	 */
	public static SentSecrets of(Provider provider, @Nullable String... secrets) {
		return new SentSecrets(Stream.concat(Stream.of(secrets), Stream.ofNullable(provider.clientSecret()))
			.filter(StringUtils::hasText)
			.map((secret) -> ServerText.printable(secret, WHOLE))
			.filter(StringUtils::hasText)
			// The longest first: the rest of one that begins like another would stay.
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList());
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
		return "SentSecrets[" + this.secrets.size() + "]";
	}

}
