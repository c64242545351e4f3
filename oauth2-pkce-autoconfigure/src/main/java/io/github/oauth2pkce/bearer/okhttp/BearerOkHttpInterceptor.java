package io.github.oauth2pkce.bearer.okhttp;

import java.io.IOException;
import java.util.Map;

import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerAttempts;
import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.SkipReason;

import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;

/**
 * {@link BearerTokenFilter} for OkHttp: an application interceptor, the last one, beside
 * {@link BearerOkHttpAuthenticator}. Waits for a refresh, within the bounds of the
 * source, when there is no usable token, and no longer than the call. A request without a
 * bearer has the {@link SkipReason} as a tag. OkHttp follows redirects below this
 * interceptor, and takes no {@code Authorization} to another host with them. Thread-safe;
 * never prompts.
 * <p>
 * For {@code principal: current-user} the user is the request's tag of type
 * {@link Authentication}, else that of the thread: calls that are enqueued have threads
 * that belong to nobody.
 */
public final class BearerOkHttpInterceptor implements Interceptor {

	private final BearerExchanges exchanges;

	private final @Nullable String providerId;

	/**
	 * Creates an interceptor.
	 * @param exchanges the rules for bearers
	 */
	public BearerOkHttpInterceptor(BearerExchanges exchanges) {
		this(exchanges.blocking(), null);
	}

	private BearerOkHttpInterceptor(BearerExchanges exchanges, @Nullable String providerId) {
		this.exchanges = exchanges;
		this.providerId = providerId;
	}

	/**
	 * An interceptor for one provider, which need not have {@code base-urls}.
	 * @param providerId the provider that all requests of a client name
	 * @return the interceptor
	 */
	public BearerOkHttpInterceptor of(String providerId) {
		return new BearerOkHttpInterceptor(this.exchanges, providerId);
	}

	/**
	 * Sends a request with a bearer, if it should have one.
	 * @throws IOException as the client does; with an
	 * {@link AuthenticationRequiredException} as its cause when the request must not be
	 * sent without a bearer: OkHttp lets no other exception through
	 */
	@Override
	public Response intercept(Chain chain) throws IOException {
		Request request = chain.request();
		SentRequest earlier = request.tag(SentRequest.class);
		if (earlier != null) {
			if (earlier.isOf(chain.call())) {
				// Of this interceptor's twin.
				return chain.proceed(request);
			}
			// Made of response.request(), perhaps for another target.
			request = earlier.withoutBearer(request);
		}
		BearerExchange exchange = this.exchanges.begin(this.providerId, request.url().uri(),
				request.header(HttpHeaders.AUTHORIZATION) != null, user(request));
		if (exchange == null) {
			return chain.proceed(request);
		}
		SentRequest sent = new SentRequest(new BearerAttempts(exchange), chain.call());
		Response response = chain.proceed(sent.first(request));
		while (true) {
			Request next = next(sent, response);
			if (next == null) {
				return sent.withoutBearers(response);
			}
			response.close();
			response = chain.proceed(next);
		}
	}

	/** What no authenticator was asked about: answers that are no 401, above all. */
	private static @Nullable Request next(SentRequest sent, Response response) throws IOException {
		try {
			return sent.next(response);
		}
		catch (IOException ex) {
			response.close();
			throw ex;
		}
	}

	private static Map<String, Object> user(Request request) {
		Authentication user = request.tag(Authentication.class);
		return (user != null) ? Map.of(Authentication.class.getName(), user) : Map.of();
	}

}
