package io.github.oauth2pkce.token;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Provider;

import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The one way to an authorization server: discovery, device and token traffic. Blocking;
 * call it on a worker thread. It never follows redirects, so that a form with a refresh
 * token or a client secret stays with the endpoint that it was meant for. Thread-safe.
 */
public final class AuthorizationServerClient {

	private final Function<Provider, WebClient> webClients;

	private final Duration timeout;

	/**
	 * Creates the client.
	 * @param webClients gives the client with the provider's TLS settings; its codecs cap
	 * the size of an answer
	 * @param timeout the longest that one exchange may take, from the first byte sent to
	 * the last byte read: a server that trickles bytes never trips a read timeout
	 */
	public AuthorizationServerClient(Function<Provider, WebClient> webClients, Duration timeout) {
		this.webClients = webClients;
		this.timeout = timeout;
	}

	/**
	 * Reads a document.
	 * @param provider whose document
	 * @param uri where it is
	 * @return the answer, whatever its status
	 * @throws AuthorizationServerUnreachableException when there was no complete answer
	 */
	public Answer get(Provider provider, URI uri) {
		return exchange(this.webClients.apply(provider)
			.get()
			.uri(uri)
			.attribute(AuthorizationServerCall.ATTRIBUTE, AuthorizationServerCall.discovery(provider.id()))
			.accept(MediaType.APPLICATION_JSON), uri);
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
		return exchange(this.webClients.apply(provider)
			.post()
			.uri(uri)
			.attribute(AuthorizationServerCall.ATTRIBUTE, AuthorizationServerCall.of(provider.id(), form))
			.accept(MediaType.APPLICATION_JSON)
			.headers((target) -> target.addAll(headers))
			.body(BodyInserters.fromFormData(form)), uri);
	}

	private Answer exchange(WebClient.RequestHeadersSpec<?> request, URI uri) {
		try {
			Answer answer = request.exchangeToMono(this::read).timeout(this.timeout).block();
			if (answer == null) {
				throw new AuthorizationServerUnreachableException(uri, "no answer", null);
			}
			return answer;
		}
		catch (AuthorizationServerUnreachableException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			Throwable cause = Exceptions.unwrap(ex);
			String problem = (cause instanceof TimeoutException)
					? "no complete answer within " + this.timeout.toSeconds() + " s" : TransportProblem.of(cause);
			throw new AuthorizationServerUnreachableException(uri, problem, cause);
		}
	}

	/**
	 * As bytes: Spring's string decoder writes what it decodes, tokens too, to its log.
	 */
	private Mono<Answer> read(ClientResponse response) {
		return readable(response).bodyToMono(byte[].class)
			.defaultIfEmpty(new byte[0])
			.map((body) -> new Answer(response.statusCode().value(), response.headers().asHttpHeaders(),
					new String(body, StandardCharsets.UTF_8)));
	}

	/** A content type that is none must not cost the token below it. */
	private static ClientResponse readable(ClientResponse response) {
		try {
			response.headers().contentType();
			return response;
		}
		catch (InvalidMediaTypeException ex) {
			return response.mutate().headers((headers) -> headers.setContentType(MediaType.APPLICATION_JSON)).build();
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

		@Override
		public String toString() {
			return "Answer[status=" + this.status + ", length=" + this.body.length() + "]";
		}

	}

}
