package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/** The network of a test: remembers requests as they are written, answers as told. */
public final class StubTransport {

	public final List<Received> received = new ArrayList<>();

	private final Deque<Scripted> answers = new ArrayDeque<>();

	private Runnable beforeAnswering = () -> {
	};

	public void beforeAnswering(Runnable action) {
		this.beforeAnswering = action;
	}

	public StubTransport answer(int status, String... challenges) {
		HttpHeaders headers = new HttpHeaders();
		for (String challenge : challenges) {
			headers.add(HttpHeaders.WWW_AUTHENTICATE, challenge);
		}
		this.answers.add(new Scripted(status, headers));
		return this;
	}

	/** The next answer, 200 when there is none. */
	public Scripted receive(URI uri, HttpHeaders headers, Map<String, Object> attributes, String body) {
		this.received.add(new Received(uri, HttpHeaders.copyOf(headers), Map.copyOf(attributes), body));
		this.beforeAnswering.run();
		Scripted next = this.answers.poll();
		return (next != null) ? next : new Scripted(200, new HttpHeaders());
	}

	public Received only() {
		if (this.received.size() != 1) {
			throw new AssertionError("Not one request, but " + this.received);
		}
		return this.received.get(0);
	}

	public List<String> authorizations() {
		return this.received.stream().map((request) -> String.valueOf(request.authorization())).toList();
	}

	public record Scripted(int status, HttpHeaders headers) {

	}

	public record Received(URI uri, HttpHeaders headers, Map<String, Object> attributes, String body) {

		public @Nullable String authorization() {
			List<String> values = this.headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
			return values.isEmpty() ? null : String.join(" AND ", values);
		}

		public @Nullable Object skipReason() {
			return this.attributes.get(BearerTokenFilter.SKIP_REASON_ATTRIBUTE);
		}

	}

}
