package io.github.oauth2pkce.token;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The one way to an authorization server: discovery, device and token traffic. Blocking;
 * call it on a worker thread. It never follows redirects, so that a form with a refresh
 * token or a client secret stays with the endpoint that it was meant for. Thread-safe.
 */
public final class AuthorizationServerClient {

	private static final int FACTOR_OF_TOKENS = 16;

	private final Function<Provider, WebClient> webClients;

	private final Duration timeout;

	private final int maxResponseSize;

	/**
	 * Creates the client with a limit of 1 MB for answers.
	 * @param webClients gives the client with the provider's TLS settings
	 * @param timeout the longest that one exchange may take
	 */
	public AuthorizationServerClient(Function<Provider, WebClient> webClients, Duration timeout) {
		this(webClients, timeout, DataSize.ofMegabytes(1));
	}

	/**
	 * Creates the client.
	 * @param webClients gives the client with the provider's TLS settings
	 * @param timeout the longest that one exchange may take, from the first byte sent to
	 * the last byte read: a server that trickles bytes never trips a read timeout
	 * @param maxResponseSize the size above which a document is not read on. Issued
	 * tokens are looked for in sixteen times as much: not to find them can end a login
	 */
	public AuthorizationServerClient(Function<Provider, WebClient> webClients, Duration timeout,
			DataSize maxResponseSize) {
		this.webClients = webClients;
		this.timeout = timeout;
		this.maxResponseSize = (int) Math.min(Integer.MAX_VALUE / FACTOR_OF_TOKENS, maxResponseSize.toBytes());
	}

	/**
	 * Reads a document.
	 * @param provider whose document
	 * @param uri where it is
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer get(Provider provider, URI uri) {
		return exchange(new Reception(HttpMethod.GET, uri, false), false,
				this.webClients.apply(provider)
					.get()
					.uri(uri)
					.attribute(AuthorizationServerCall.ATTRIBUTE, AuthorizationServerCall.discovery(provider.id()))
					.accept(MediaType.APPLICATION_JSON));
	}

	/**
	 * Posts a form.
	 * @param provider whose endpoint
	 * @param uri the endpoint
	 * @param headers headers to add, such as client authentication
	 * @param form the parameters
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer post(Provider provider, URI uri, HttpHeaders headers, MultiValueMap<String, String> form) {
		AuthorizationServerCall call = AuthorizationServerCall.of(provider.id(), form);
		boolean spends = form.containsKey(OAuth2ParameterNames.REFRESH_TOKEN);
		return exchange(new Reception(HttpMethod.POST, uri, call.isTokenRequest()), spends,
				this.webClients.apply(provider)
					.post()
					.uri(uri)
					.attribute(AuthorizationServerCall.ATTRIBUTE, call)
					.accept(MediaType.APPLICATION_JSON)
					.headers((target) -> target.addAll(headers))
					.body(BodyInserters.fromFormData(form)));
	}

	private Answer exchange(Reception reception, boolean patiently, WebClient.RequestHeadersSpec<?> request) {
		try {
			Mono<Boolean> reading = request.exchangeToMono(reception::read).timeout(this.timeout);
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
	 */
	public record Answer(int status, HttpHeaders headers, String body) {

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
