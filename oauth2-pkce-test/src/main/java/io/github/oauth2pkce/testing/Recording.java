package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongFunction;

/**
 * All requests in order of arrival, and per endpoint those that no test has taken yet.
 */
final class Recording {

	private final List<RecordedRequest> requests = new ArrayList<>();

	private final Map<Endpoint, BlockingQueue<RecordedRequest>> untaken = new EnumMap<>(Endpoint.class);

	Recording() {
		for (Endpoint endpoint : Endpoint.values()) {
			this.untaken.put(endpoint, new LinkedBlockingQueue<>());
		}
	}

	synchronized RecordedRequest add(LongFunction<RecordedRequest> withOrder) {
		RecordedRequest request = withOrder.apply(this.requests.size() + 1L);
		this.requests.add(request);
		untaken(request.endpoint()).add(request);
		return request;
	}

	synchronized List<RecordedRequest> all() {
		return List.copyOf(this.requests);
	}

	RecordedRequest take(Endpoint endpoint, Duration timeout) {
		RecordedRequest request = Patience.poll(untaken(endpoint), timeout);
		if (request == null) {
			throw new AssertionError(
					"No request to %s within %s; all requests so far: %s".formatted(endpoint, timeout, all()));
		}
		return request;
	}

	private BlockingQueue<RecordedRequest> untaken(Endpoint endpoint) {
		return this.untaken.getOrDefault(endpoint, new LinkedBlockingQueue<>());
	}

}
