package io.github.oauth2pkce.bearer.jdk;

import java.net.http.HttpClient;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenFilter;

/**
 * Gives clients of {@code java.net.http} their bearers, by the rules of
 * {@link BearerTokenFilter}: {@code HttpClient client = bearers.of(plain)}. Thread-safe.
 */
public final class BearerHttpClient {

	private final BearerExchanges exchanges;

	/**
	 * Creates what makes clients.
	 * @param exchanges the rules for bearers
	 */
	public BearerHttpClient(BearerExchanges exchanges) {
		this.exchanges = exchanges;
	}

	/**
	 * A client whose requests carry the bearer of the provider whose {@code base-urls}
	 * match. All other requests, and WebSockets, are the given client's.
	 * <p>
	 * After a 401 that blames the token, a request is sent once more if it has no body or
	 * one of a string, of bytes or of a file; a body from a stream or a publisher is not
	 * sent twice. The caller's {@code BodyHandler} sees one answer only. Redirects are
	 * followed as the given client follows them, and the bearer does not go with one to
	 * another origin.
	 * @param client sends the requests
	 * @return a client with the settings of the given one, which it shuts down with
	 * itself. {@code send} throws an {@link IllegalStateException} when a refresh would
	 * have to be waited for on a thread that must not wait
	 */
	public HttpClient of(HttpClient client) {
		return create(client, null);
	}

	/**
	 * {@link #of(HttpClient)} for one provider, which need not have {@code base-urls}.
	 * @param client sends the requests
	 * @param providerId the provider that all requests of the client name
	 * @return the client
	 */
	public HttpClient of(HttpClient client, String providerId) {
		return create(client, providerId);
	}

	private HttpClient create(HttpClient client, @Nullable String providerId) {
		return new BearerClient((client instanceof BearerClient ours) ? ours.client() : client, this.exchanges,
				providerId);
	}

}
