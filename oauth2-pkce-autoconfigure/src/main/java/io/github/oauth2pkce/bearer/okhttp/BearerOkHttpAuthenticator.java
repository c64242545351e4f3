package io.github.oauth2pkce.bearer.okhttp;

import java.io.IOException;

import okhttp3.Authenticator;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.Route;
import org.jspecify.annotations.Nullable;

/**
 * Recovers requests that have had a bearer of {@link BearerOkHttpInterceptor} from a 401
 * that blames it: a newer or a refreshed one, and the request once more, unless its body
 * is {@code isOneShot()}. Every other 401 is the caller's. Thread-safe; never prompts.
 */
public final class BearerOkHttpAuthenticator implements Authenticator {

	private final Authenticator others;

	/**
	 * Creates an authenticator.
	 */
	public BearerOkHttpAuthenticator() {
		this(Authenticator.NONE);
	}

	private BearerOkHttpAuthenticator(Authenticator others) {
		this.others = others;
	}

	/**
	 * A client has one authenticator.
	 * @param others asked about each request that is not to be sent once more for a new
	 * bearer
	 * @return an authenticator that asks both
	 */
	public BearerOkHttpAuthenticator beside(Authenticator others) {
		return new BearerOkHttpAuthenticator(others);
	}

	@Override
	public @Nullable Request authenticate(@Nullable Route route, Response response) throws IOException {
		SentRequest sent = response.request().tag(SentRequest.class);
		Request next = (sent != null && response.code() == 401) ? sent.next(response) : null;
		return (next != null) ? next : this.others.authenticate(route, response);
	}

}
