package io.github.oauth2pkce.bearer.feign;

import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import feign.Feign;
import feign.HeaderMap;
import feign.Request;
import feign.RequestLine;
import feign.Response;
import feign.Target;

import io.github.oauth2pkce.bearer.AbstractBearerClientTests;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.Call;
import io.github.oauth2pkce.bearer.StubTransport;

import org.springframework.http.HttpHeaders;

/** {@link BearerFeignInterceptor} with the client that recovers its requests. */
class RecoveringFeignClientTests extends AbstractBearerClientTests {

	RecoveringFeignClientTests() {
		this.showsSkips = false;
	}

	/**
	 * Never twice: Feign shows an interceptor the same template in each of its attempts,
	 * so that one which is there twice cannot be told from a second attempt.
	 */
	@Override
	protected int send(Call call) {
		BearerFeignInterceptor bearers = new BearerFeignInterceptor(
				new BearerExchanges(this.policies, this.source, this.listener));
		if (call.named() != null) {
			bearers = bearers.of(call.named());
		}
		Api api = Feign.builder()
			.client(bearers.recovering(this::respond))
			.requestInterceptor(bearers)
			.target(Target.EmptyTarget.create(Api.class));
		Map<String, Object> headers = new LinkedHashMap<>();
		call.headers.forEach(headers::put);
		try (Response response = (call.body != null) ? api.post(call.uri, headers, call.body)
				: api.get(call.uri, headers)) {
			return response.status();
		}
	}

	private Response respond(Request request, Request.Options options) {
		HttpHeaders headers = new HttpHeaders();
		request.headers().forEach((name, values) -> values.forEach((value) -> headers.add(name, value)));
		StubTransport.Scripted answer = this.transport.receive(URI.create(request.url()), headers, Map.of(),
				(request.body() != null) ? new String(request.body()) : "");
		Map<String, Collection<String>> answered = new HashMap<>();
		answer.headers().forEach(answered::put);
		return Response.builder().request(request).status(answer.status()).headers(answered).build();
	}

	/** Any request. */
	interface Api {

		@RequestLine("GET")
		Response get(URI uri, @HeaderMap Map<String, Object> headers);

		@RequestLine("POST")
		Response post(URI uri, @HeaderMap Map<String, Object> headers, String body);

	}

}
