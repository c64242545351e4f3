package io.github.oauth2pkce.bearer.jdk;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the body of a request can be sent a second time. Only those that the JDK makes
 * of values and files: a stream may be the same one when it is asked for again, and a
 * publisher does not tell whether it can be subscribed to again.
 */
final class ReplayableBody {

	private static final Set<Class<?>> VALUES = Stream
		.of(BodyPublishers.noBody(), BodyPublishers.ofString("text"), BodyPublishers.ofByteArray(new byte[] { 1 }))
		.map(BodyPublisher::getClass)
		.collect(Collectors.toSet());

	/** Without a file there is no example. */
	private static final String FILE = "jdk.internal.net.http.RequestPublishers$FilePublisher";

	private ReplayableBody() {
	}

	static boolean isReplayable(HttpRequest request) {
		return request.bodyPublisher()
			.map((body) -> VALUES.contains(body.getClass()) || FILE.equals(body.getClass().getName()))
			.orElse(true);
	}

}
