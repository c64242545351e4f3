package io.github.oauth2pkce.source;

import java.time.Duration;
import java.util.function.Supplier;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Recent;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

import org.springframework.util.function.SingletonSupplier;

/**
 * The bearers with which signed-in users have called this application, for as long as it
 * takes to make other tokens from them: whoever asks for one has its own at hand, and the
 * request to the server is made on another thread. Thread-safe.
 */
public final class InboundTokens implements ForeignTokenReader {

	private static final Duration KEPT = Duration.ofMinutes(5);

	private static final int MOST = 10_000;

	/** Most applications never need any. */
	private final Supplier<Recent<String, Kept>> tokens = SingletonSupplier.of(() -> new Recent<>(MOST, KEPT));

	/** Creates an empty set. */
	public InboundTokens() {
	}

	/**
	 * Keeps a token for a while.
	 * @param principalName who it is of: a name that no other token has
	 * @param token the token
	 */
	public void keep(String principalName, String token) {
		this.tokens.get().put(principalName, new Kept(token));
	}

	@Override
	public Source source() {
		return Source.CURRENT_USER;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		Kept inbound = this.tokens.get().get(context.principalName());
		if (inbound == null) {
			throw ForeignTokenException.missing(token, "nobody is signed in with a bearer");
		}
		return inbound.token;
	}

	/** Of one call: a later one is not taken for it, though its bearer is the same. */
	private static final class Kept {

		private final String token;

		Kept(String token) {
			this.token = token;
		}

	}

	/**
	 * A signed-in user, and the bearer that they came with. Its text shows neither.
	 *
	 * @param name the name of the user
	 * @param token the bearer
	 */
	public record Inbound(String name, String token) {

		@Override
		public String toString() {
			return "Inbound";
		}

	}

}
