package io.github.oauth2pkce.bearer.feign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import feign.Client;
import feign.Request;
import feign.RequestInterceptor;
import feign.RequestTemplate;
import feign.Response;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerAttempts;
import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.Waiting;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;

/**
 * {@link BearerTokenFilter} for OpenFeign: the last interceptor. It waits for a refresh,
 * within the bounds of the source, when there is no usable token. An interceptor sees no
 * answers: what happens after a 401 needs {@link #recovering} too. The HTTP client below
 * follows redirects, or not. Thread-safe; never prompts.
 */
public final class BearerFeignInterceptor implements RequestInterceptor, Ordered {

	private final BearerExchanges exchanges;

	private final @Nullable String providerId;

	/**
	 * By their templates: each attempt of Feign's has the same one, and so has its
	 * request.
	 */
	private final Cache<RequestTemplate, Sent> sent;

	/**
	 * Creates an interceptor.
	 * @param exchanges the rules for bearers
	 */
	public BearerFeignInterceptor(BearerExchanges exchanges) {
		this(exchanges.blocking(), null, Caffeine.newBuilder().weakKeys().build());
	}

	private BearerFeignInterceptor(BearerExchanges exchanges, @Nullable String providerId,
			Cache<RequestTemplate, Sent> sent) {
		this.exchanges = exchanges;
		this.providerId = providerId;
		this.sent = sent;
	}

	/**
	 * An interceptor for one provider, which need not have {@code base-urls}.
	 * @param providerId the provider that all requests of a client name
	 * @return the interceptor
	 */
	public BearerFeignInterceptor of(String providerId) {
		return new BearerFeignInterceptor(this.exchanges, providerId, this.sent);
	}

	/** An {@code Authorization} that another interceptor sets is the caller's. */
	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	/**
	 * A client that recovers requests which have had a bearer of this interceptor: from a
	 * 401 that blames it, by a newer or a refreshed one and the request once more, and
	 * from one that asks for another proof of possession.
	 * @param client sends the requests
	 * @return the client, for {@code Feign.builder().client(..)}
	 */
	public Client recovering(Client client) {
		return (request, options) -> execute(client, request, options);
	}

	/**
	 * Puts a bearer on a request, if it should have one.
	 * @throws AuthenticationRequiredException when the request must not be sent without
	 * @throws IllegalStateException when a refresh would have to be waited for on a
	 * thread that must not wait, such as an event loop
	 */
	@Override
	public void apply(RequestTemplate template) {
		String present = first(template.headers(), HttpHeaders.AUTHORIZATION);
		if (present != null && sent(template, present) != null) {
			// Feign tries again, with what the last attempt had.
			template.removeHeader(HttpHeaders.AUTHORIZATION).removeHeader(DpopProofs.HEADER);
			present = null;
		}
		URI uri = target(template);
		if (uri == null) {
			return;
		}
		BearerExchange exchange = begin(uri, present);
		if (exchange == null) {
			return;
		}
		try {
			if (await(exchange.bearer()) instanceof BearerToken.Available bearer) {
				this.sent.put(template, new Sent(exchange, bearer));
				bearer.authorize(template.method(), uri, template::headerLiteral);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static @Nullable URI target(RequestTemplate template) {
		String url = template.url();
		if (!url.toLowerCase(Locale.ROOT).startsWith("http") && template.feignTarget() != null) {
			url = template.feignTarget().url() + url;
		}
		return uri(url);
	}

	private static @Nullable URI uri(String url) {
		try {
			return URI.create(url);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private @Nullable BearerExchange begin(URI uri, @Nullable String authorization) {
		return this.exchanges.begin(this.providerId, uri, authorization != null, Map.of());
	}

	private static <T> T await(Mono<T> answer) throws IOException {
		return Waiting.await(answer, "call Feign on another thread", () -> false);
	}

	private Response execute(Client client, Request request, Request.Options options) throws IOException {
		Response response = client.execute(request, options);
		URI uri = uri(request.url());
		String authorization = first(request.headers(), HttpHeaders.AUTHORIZATION);
		if (uri == null) {
			return response;
		}
		BearerAttempts attempts = attempts(uri, request.requestTemplate(), authorization);
		if (attempts == null) {
			return response;
		}
		Request attempt = request;
		while (true) {
			Optional<BearerToken.Available> newer;
			try {
				newer = await(attempts.next(authorization, first(attempt.headers(), DpopProofs.HEADER), uri,
						response.status(), headers(response), () -> true));
			}
			catch (IOException | RuntimeException ex) {
				close(response);
				throw ex;
			}
			if (newer.isEmpty()) {
				return response;
			}
			close(response);
			authorization = newer.get().headerValue();
			attempt = with(newer.get(), request, uri);
			response = client.execute(attempt, options);
		}
	}

	private @Nullable BearerAttempts attempts(URI uri, @Nullable RequestTemplate template,
			@Nullable String authorization) {
		if (authorization == null) {
			BearerExchange without = begin(uri, null);
			return (without != null) ? new BearerAttempts(without) : null;
		}
		Sent sent = (template != null) ? sent(template, authorization) : null;
		return (sent != null) ? new BearerAttempts(sent.exchange(), sent.bearer()) : null;
	}

	private @Nullable Sent sent(RequestTemplate template, String authorization) {
		Sent sent = this.sent.getIfPresent(template);
		return (sent != null && sent.bearer().headerValue().equals(authorization)) ? sent : null;
	}

	private static Request with(BearerToken.Available bearer, Request request, URI uri) {
		Map<String, Collection<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		headers.putAll(request.headers());
		bearer.authorize(request.httpMethod().name(), uri, (name, value) -> headers.put(name, List.of(value)));
		return Request.create(request.httpMethod(), request.url(), new LinkedHashMap<>(headers), request.body(),
				request.charset(), request.requestTemplate());
	}

	private static @Nullable String first(Map<String, Collection<String>> headers, String name) {
		for (Map.Entry<String, Collection<String>> header : headers.entrySet()) {
			if (name.equalsIgnoreCase(header.getKey()) && !header.getValue().isEmpty()) {
				return header.getValue().iterator().next();
			}
		}
		return null;
	}

	private static HttpHeaders headers(Response response) {
		HttpHeaders headers = new HttpHeaders();
		response.headers().forEach((name, values) -> headers.addAll(name, List.copyOf(values)));
		return headers;
	}

	/** What is left of an answer that is given up does not matter, errors included. */
	private static void close(Response response) {
		try {
			response.close();
		}
		catch (RuntimeException ex) {
			// Some clients read the rest first, and it may be cut off.
		}
	}

	/**
	 * A request that has a bearer.
	 *
	 * @param exchange the request
	 * @param bearer what it has
	 */
	private record Sent(BearerExchange exchange, BearerToken.Available bearer) {

	}

}
