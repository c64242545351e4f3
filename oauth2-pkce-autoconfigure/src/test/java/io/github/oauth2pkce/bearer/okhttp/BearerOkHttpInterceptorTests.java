package io.github.oauth2pkce.bearer.okhttp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

import okhttp3.Authenticator;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.AbstractBearerClientTests;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.Call;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StubTransport;

/** The interceptor alone, and with its authenticator in a subclass. */
class BearerOkHttpInterceptorTests extends AbstractBearerClientTests {

	/** What OkHttp asks about a 401. */
	@Nullable Authenticator authenticator() {
		return null;
	}

	@Override
	protected int send(Call call) {
		BearerOkHttpInterceptor bearers = new BearerOkHttpInterceptor(
				new BearerExchanges(this.policies, this.source, this.listener));
		OkHttpClient.Builder client = new OkHttpClient.Builder();
		String named = call.named();
		for (int i = 0; i < this.times; i++) {
			client.addInterceptor((named != null) ? bearers.of(named) : bearers);
		}
		try (Response response = client.addInterceptor(this::follow).build().newCall(request(call)).execute()) {
			return response.code();
		}
		catch (IOException ex) {
			if (ex.getCause() instanceof AuthenticationRequiredException cause) {
				throw cause;
			}
			throw new UncheckedIOException(ex);
		}
	}

	private static Request request(Call call) {
		Request.Builder request = new Request.Builder().url(call.uri.toString());
		call.headers.forEach((name, values) -> values.forEach((value) -> request.addHeader(name, value)));
		if (call.body != null) {
			request.post(RequestBody.create(call.body, null));
		}
		return request.build();
	}

	/** As OkHttp does below all interceptors of an application. */
	private Response follow(Interceptor.Chain chain) throws IOException {
		Response response = respond(chain.request());
		Authenticator authenticator = authenticator();
		while (authenticator != null && response.code() == 401) {
			Request next = authenticator.authenticate(null, response);
			if (next == null) {
				break;
			}
			response.close();
			response = respond(next);
		}
		return response;
	}

	private Response respond(Request request) throws IOException {
		org.springframework.http.HttpHeaders headers = new org.springframework.http.HttpHeaders();
		request.headers().toMultimap().forEach(headers::addAll);
		Map<String, Object> attributes = new HashMap<>();
		SkipReason skipped = request.tag(SkipReason.class);
		if (skipped != null) {
			attributes.put(BearerTokenFilter.SKIP_REASON_ATTRIBUTE, skipped);
		}
		Buffer body = new Buffer();
		if (request.body() != null) {
			request.body().writeTo(body);
		}
		StubTransport.Scripted answer = this.transport.receive(request.url().uri(), headers, attributes,
				body.readUtf8());
		Response.Builder response = new Response.Builder().request(request)
			.protocol(Protocol.HTTP_1_1)
			.code(answer.status())
			.message("")
			.body(ResponseBody.create("", null));
		answer.headers().forEach((name, values) -> values.forEach((value) -> response.addHeader(name, value)));
		return response.build();
	}

}
