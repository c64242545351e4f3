package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.mock.http.client.reactive.MockClientHttpResponse;

/** {@link StubTransport} for WebClient: requests are written for real. */
final class StubConnector implements ClientHttpConnector {

	/** One line per response body that was read or released, the number of its answer. */
	final List<Integer> consumed = new ArrayList<>();

	/** What follows the first part of a body. */
	Flux<DataBuffer> rest = Flux.empty();

	private final StubTransport transport;

	StubConnector(StubTransport transport) {
		this.transport = transport;
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
		return Mono.defer(() -> {
			MockClientHttpRequest request = new MockClientHttpRequest(method, uri);
			return requestCallback.apply(request)
				.then(Mono.defer(() -> request.getBodyAsString().defaultIfEmpty("").onErrorReturn("")))
				.map((body) -> respond(request, body));
		});
	}

	private ClientHttpResponse respond(MockClientHttpRequest request, String body) {
		StubTransport.Scripted answer = this.transport.receive(request.getURI(), request.getHeaders(),
				request.getAttributes(), body);
		int number = this.transport.received.size();
		MockClientHttpResponse response = new MockClientHttpResponse(HttpStatusCode.valueOf(answer.status()));
		response.getHeaders().putAll(answer.headers());
		DataBuffer buffer = DefaultDataBufferFactory.sharedInstance.wrap(("answer " + number).getBytes());
		response.setBody(Flux.just(buffer)
			.concatWith((number == 1) ? this.rest : Flux.empty())
			.doOnSubscribe((subscription) -> this.consumed.add(number)));
		return response;
	}

}
