package io.github.oauth2pkce.token;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The one way out to an authorization server, for every kind of request: here the client
 * authenticates and the request is observed. Blocking; call it on a worker thread. It
 * never follows redirects, so that a form with a refresh token or a client secret stays
 * with the endpoint that it was meant for. Thread-safe.
 */
public final class AuthorizationServerClient {

	private static final int FACTOR_OF_TOKENS = 16;

	private final Function<Provider, WebClient> webClients;

	private final Map<ClientAuthenticationMethod, ClientAuthentication> authentications = new HashMap<>();

	private final Duration timeout;

	private final int maxResponseSize;

	private final Supplier<DpopProofs> proofs = SingletonSupplier.of(() -> new DpopProofs(InstantSource.system()));

	/**
	 * Creates the client with a limit of 1 MB for answers.
	 * @param webClients gives the client with the provider's TLS settings
	 * @param timeout the longest that one exchange may take
	 */
	public AuthorizationServerClient(Function<Provider, WebClient> webClients, Duration timeout) {
		this(webClients, List.of(), timeout, DataSize.ofMegabytes(1));
	}

	/**
	 * Creates the client.
	 * @param webClients gives the client with the provider's TLS settings
	 * @param authentications ways to authenticate the client besides a secret, or none
	 * @param timeout the longest that one call may take, from the first byte sent to the
	 * last byte read: a server that trickles bytes never trips a read timeout
	 * @param maxResponseSize the size above which a document is not read on. Issued
	 * tokens are looked for in sixteen times as much: not to find them can end a login
	 */
	public AuthorizationServerClient(Function<Provider, WebClient> webClients,
			List<ClientAuthentication> authentications, Duration timeout, DataSize maxResponseSize) {
		for (ClientAuthentication secret : SharedSecret.values()) {
			this.authentications.put(secret.method(), secret);
		}
		authentications.forEach((authentication) -> this.authentications.put(authentication.method(), authentication));
		this.webClients = webClients;
		this.timeout = timeout;
		this.maxResponseSize = (int) Math.min(Integer.MAX_VALUE / FACTOR_OF_TOKENS, maxResponseSize.toBytes());
	}

	/**
	 * {@return what makes proofs of possession, for requests to resources, too}
	 */
	public DpopProofs proofs() {
		return this.proofs.get();
	}

	/**
	 * Reads a document.
	 * @param provider the provider
	 * @param uri where it is
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer get(Provider provider, URI uri) {
		return exchange(new Reception(HttpMethod.GET, uri, false), false, this.timeout,
				this.webClients.apply(provider)
					.get()
					.uri(uri)
					.attribute(AuthorizationServerCall.ATTRIBUTE, AuthorizationServerCall.discovery(provider.id()))
					.accept(MediaType.APPLICATION_JSON));
	}

	/**
	 * Reads what a client is authenticated by, and the certificates of its connections.
	 * @param provider the client
	 * @return the client to post as while a lock is held
	 */
	public Provider prepared(Provider provider) {
		this.webClients.apply(provider);
		ClientAuthentication authentication = this.authentications.get(provider.client().authenticationMethod());
		return (authentication != null) ? authentication.prepared(provider) : provider;
	}

	/**
	 * Posts a form as this client. A token request of a login that is bound to a key has
	 * a proof (RFC 9449 section 5), and is sent once more if the server wants another
	 * one: nothing was spent then. What others have signed for the client is read anew
	 * for that; where it cannot be, the first answer stands.
	 * @param provider the client
	 * @param uri the endpoint
	 * @param call what for
	 * @param parameters the parameters; client authentication is added
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer post(Provider provider, URI uri, AuthorizationServerCall call,
			MultiValueMap<String, String> parameters) {
		DpopKey key = call.isTokenRequest() ? provider.tokens().key() : null;
		URI address = authentication(provider).address(provider, uri);
		long start = System.nanoTime();
		Answer answer = attempt(provider, uri, address, call, parameters, key, this.timeout);
		if (key != null && proofs().isWorthAnother(address, errorOf(answer), answer.headers())) {
			Duration left = this.timeout.minusNanos(System.nanoTime() - start);
			Provider again = isEnough(left, call) ? preparedAgain(provider) : null;
			if (again != null) {
				return attempt(again, uri, address, call, parameters, key, left);
			}
		}
		return answer;
	}

	/**
	 * Both attempts have the time of one. A server that was slow once may be slow again.
	 * If we gave up after it has spent a refresh token, the login would be lost: such a
	 * request needs half of the time.
	 */
	private boolean isEnough(Duration left, AuthorizationServerCall call) {
		return left.compareTo(call.spendsRefreshToken() ? this.timeout.dividedBy(2) : Duration.ZERO) > 0;
	}

	/** The server has seen what was read before, and need not take it twice. */
	private @Nullable Provider preparedAgain(Provider provider) {
		try {
			return prepared(provider);
		}
		catch (RuntimeException ex) {
			// The answer that is there says more, and the next request has the nonce.
			return null;
		}
	}

	private static @Nullable String errorOf(Answer answer) {
		JsonAnswer json = (answer.status() / 100 == 4) ? JsonAnswer.parse(answer.body()) : null;
		return (json != null) ? json.text(OAuth2ParameterNames.ERROR) : null;
	}

	/** All that must not be there twice is made anew. */
	private Answer attempt(Provider provider, URI uri, URI address, AuthorizationServerCall call,
			MultiValueMap<String, String> parameters, @Nullable DpopKey key, Duration timeout) {
		HttpHeaders headers = new HttpHeaders();
		String proof = (key != null) ? proofs().proof(key, HttpMethod.POST.name(), address, null) : null;
		if (proof != null) {
			headers.set(DpopProofs.HEADER, proof);
		}
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>(parameters);
		authentication(provider).authenticate(provider, uri, headers, form);
		Answer answer = exchange(new Reception(HttpMethod.POST, address, call.isTokenRequest()),
				call.spendsRefreshToken(), timeout,
				this.webClients.apply(provider)
					.post()
					.uri(address)
					.attribute(AuthorizationServerCall.ATTRIBUTE, call)
					.accept(MediaType.APPLICATION_JSON)
					.headers((target) -> target.addAll(headers))
					.body(BodyInserters.fromFormData(form)));
		if (proof != null) {
			proofs().learn(address, proof, answer.status(), answer.headers());
		}
		return new Answer(answer.status(), answer.headers(), answer.body(),
				form.getFirst(OAuth2ParameterNames.CLIENT_ASSERTION));
	}

	/**
	 * Asks an endpoint that knows the caller by a bearer, or not at all: those of client
	 * registration (RFC 7591 section 3, RFC 7592 section 2).
	 * @param provider the provider
	 * @param method {@code POST}, {@code GET} or {@code DELETE}
	 * @param uri the endpoint
	 * @param call what for
	 * @param bearer the token of the endpoint, {@code null} for none
	 * @param json the body, {@code null} for none
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer send(Provider provider, HttpMethod method, URI uri, AuthorizationServerCall call,
			@Nullable String bearer, @Nullable String json) {
		WebClient.RequestBodySpec request = this.webClients.apply(provider)
			.method(method)
			.uri(uri)
			.attribute(AuthorizationServerCall.ATTRIBUTE, call)
			.accept(MediaType.APPLICATION_JSON);
		if (bearer != null) {
			request.headers((headers) -> headers.setBearerAuth(bearer));
		}
		if (json != null) {
			// As bytes: Spring's encoders write what they encode to their log.
			request.contentType(MediaType.APPLICATION_JSON).bodyValue(json.getBytes(StandardCharsets.UTF_8));
		}
		return exchange(new Reception(method, uri, false), false, this.timeout, request);
	}

	private ClientAuthentication authentication(Provider provider) {
		ClientAuthentication authentication = this.authentications.get(provider.client().authenticationMethod());
		if (authentication == null) {
			throw new IllegalStateException("Provider '" + provider.id() + "' authenticates by "
					+ provider.client().authenticationMethod().getValue() + ", which nothing implements");
		}
		return authentication;
	}

	private Answer exchange(Reception reception, boolean patiently, Duration timeout,
			WebClient.RequestHeadersSpec<?> request) {
		try {
			Mono<Boolean> reading = request.exchangeToMono(reception::read).timeout(timeout);
			if (patiently) {
				Patience.await(reading);
			}
			else {
				reading.block();
			}
			return reception.answer();
		}
		catch (RuntimeException ex) {
			return reception.answerDespite(Exceptions.unwrap(ex));
		}
	}

	/**
	 * What has come of one answer. A server that sends tokens has made them, and may have
	 * spent the old ones: whatever goes wrong afterwards does not take them away.
	 */
	private final class Reception {

		private final HttpMethod method;

		private final URI uri;

		private final boolean tokens;

		private final ByteArrayOutputStream body = new ByteArrayOutputStream();

		private int status;

		private HttpHeaders headers = HttpHeaders.EMPTY;

		private boolean tooLarge;

		Reception(HttpMethod method, URI uri, boolean tokens) {
			this.method = method;
			this.uri = uri;
			this.tokens = tokens;
		}

		/**
		 * As bytes: Spring's decoders write what they decode, tokens too, to their log.
		 */
		Mono<Boolean> read(ClientResponse response) {
			synchronized (this) {
				this.status = response.statusCode().value();
				this.headers = response.headers().asHttpHeaders();
			}
			return response.body(BodyExtractors.toDataBuffers()).takeUntil(this::isEnough).then(Mono.just(true));
		}

		private synchronized boolean isEnough(DataBuffer buffer) {
			try {
				byte[] bytes = new byte[Math.min(buffer.readableByteCount(), limit() - this.body.size())];
				this.tooLarge = bytes.length < buffer.readableByteCount();
				buffer.read(bytes);
				this.body.writeBytes(bytes);
				return this.tooLarge;
			}
			finally {
				DataBufferUtils.release(buffer);
			}
		}

		private int limit() {
			return AuthorizationServerClient.this.maxResponseSize
					* ((this.tokens && isSuccess()) ? FACTOR_OF_TOKENS : 1);
		}

		private boolean isSuccess() {
			return this.status / 100 == 2;
		}

		private String text() {
			return AnswerBody.text(this.body.toByteArray(), this.headers, limit());
		}

		synchronized Answer answer() {
			if (this.tooLarge) {
				return answerDespite(new IOException());
			}
			return new Answer(this.status, this.headers, text());
		}

		/** A refusal is one without its last words, too. */
		synchronized Answer answerDespite(Throwable failure) {
			if (this.status > 0) {
				String text = text();
				if (!isSuccess() || (this.tokens ? JsonAnswer.isUsable(text) : JsonAnswer.parse(text) != null)) {
					return new Answer(this.status, this.headers, text);
				}
			}
			boolean processed = HttpMethod.POST.equals(this.method)
					&& (this.status > 0 || !TransportProblem.isBeforeRequest(failure));
			throw new AuthorizationServerUnreachableException(this.method, this.uri, problem(failure), processed,
					failure);
		}

		private String problem(Throwable failure) {
			if (this.tooLarge) {
				return "its answer is larger than " + limit() + " bytes (oauth2.pkce.http.max-response-size)";
			}
			return (failure instanceof TimeoutException)
					? "no complete answer within " + AuthorizationServerClient.this.timeout.toSeconds() + " s"
					: TransportProblem.of(failure, this.status > 0);
		}

	}

	/**
	 * An answer, not yet understood. The body may hold tokens: its text never shows.
	 *
	 * @param status the HTTP status
	 * @param headers the headers
	 * @param body the body, possibly empty
	 * @param assertion what the client was authenticated by and the server must not be
	 * able to reflect into our logs, {@code null} when there is nothing
	 */
	public record Answer(int status, HttpHeaders headers, String body, @Nullable String assertion) {

		/**
		 * Creates the answer to a request without an assertion.
		 * @param status the HTTP status
		 * @param headers the headers
		 * @param body the body, possibly empty
		 */
		public Answer(int status, HttpHeaders headers, String body) {
			this(status, headers, body, null);
		}

		/**
		 * Describes an answer that is not what was asked for, for a person.
		 * @return its status and what it is, printable
		 */
		public String describe() {
			String what = ServerText.printable(Refusal.foreign(this), 200);
			return this.body.isBlank() && this.status / 100 != 3 ? String.valueOf(this.status)
					: this.status + " with " + what;
		}

		@Override
		public String toString() {
			return "Answer[status=" + this.status + ", length=" + this.body.length() + "]";
		}

	}

}
