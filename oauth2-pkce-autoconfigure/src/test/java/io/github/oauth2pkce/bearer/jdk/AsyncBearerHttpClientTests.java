package io.github.oauth2pkce.bearer.jdk;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletionException;

/** {@link BearerHttpClient} by {@code sendAsync}. */
class AsyncBearerHttpClientTests extends BearerHttpClientTests {

	@Override
	HttpResponse<String> exchange(HttpClient client, HttpRequest request) {
		try {
			return client.sendAsync(request, BodyHandlers.ofString()).join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			throw ex;
		}
	}

}
