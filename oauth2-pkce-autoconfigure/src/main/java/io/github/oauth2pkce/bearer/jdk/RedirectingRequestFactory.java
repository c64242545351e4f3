package io.github.oauth2pkce.bearer.jdk;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient.Redirect;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.FastByteArrayOutputStream;

/**
 * Follows the redirects of requests over the JDK's client, whose older versions would
 * take {@code Authorization} to another origin. Thread-safe.
 */
public final class RedirectingRequestFactory implements ClientHttpRequestFactory {

	private final ClientHttpRequestFactory requests;

	private final Redirect policy;

	/**
	 * Creates the factory.
	 * @param requests makes requests whose redirects are not followed
	 * @param policy which redirects are followed here
	 */
	public RedirectingRequestFactory(ClientHttpRequestFactory requests, Redirect policy) {
		this.requests = requests;
		this.policy = policy;
	}

	@Override
	public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
		return new Request(uri, method);
	}

	/** A request, and those that it is redirected to. */
	private final class Request extends AbstractClientHttpRequest implements StreamingHttpOutputMessage {

		private final URI uri;

		private final HttpMethod method;

		private @Nullable FastByteArrayOutputStream buffer;

		private @Nullable Body body;

		Request(URI uri, HttpMethod method) {
			this.uri = uri;
			this.method = method;
		}

		@Override
		public URI getURI() {
			return this.uri;
		}

		@Override
		public HttpMethod getMethod() {
			return this.method;
		}

		@Override
		protected OutputStream getBodyInternal(HttpHeaders headers) {
			FastByteArrayOutputStream written = (this.buffer != null) ? this.buffer : new FastByteArrayOutputStream();
			this.buffer = written;
			this.body = new Body() {

				@Override
				public void writeTo(OutputStream out) throws IOException {
					written.writeTo(out);
				}

				@Override
				public boolean repeatable() {
					return true;
				}

			};
			return written;
		}

		@Override
		public void setBody(Body body) {
			assertNotExecuted();
			this.body = body;
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
			HttpHeaders sent = new HttpHeaders();
			sent.putAll(headers);
			URI from = this.uri;
			HttpMethod verb = this.method;
			for (int redirects = 0;; redirects++) {
				ClientHttpResponse response = send(from, verb, sent);
				int status = response.getStatusCode().value();
				URI to = (redirects < Redirects.MOST) ? Redirects.target(RedirectingRequestFactory.this.policy, from,
						status, response.getHeaders().getFirst(HttpHeaders.LOCATION)) : null;
				boolean get = Redirects.becomesGet(verb.name(), status);
				if (to == null || (!get && this.body != null && !this.body.repeatable())) {
					return response;
				}
				response.close();
				Redirects.strip(sent, from, to, get);
				if (get) {
					verb = HttpMethod.GET;
					this.body = null;
				}
				from = to;
			}
		}

		private ClientHttpResponse send(URI target, HttpMethod verb, HttpHeaders headers) throws IOException {
			ClientHttpRequest request = RedirectingRequestFactory.this.requests.createRequest(target, verb);
			request.getHeaders().putAll(headers);
			request.getAttributes().putAll(getAttributes());
			if (this.body != null && request instanceof StreamingHttpOutputMessage streaming) {
				streaming.setBody(this.body);
			}
			else if (this.body != null) {
				this.body.writeTo(request.getBody());
			}
			return request.execute();
		}

	}

}
