package io.github.oauth2pkce.bearer;

import java.io.InputStream;
import java.io.Reader;
import java.nio.Buffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.BaseStream;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Fuseable;

import org.springframework.core.io.Resource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpEntity;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserter;

/**
 * Whether the body of a request can be sent a second time. A publisher does not tell
 * whether it can be subscribed to again, so only bodies that were given as a value can:
 * {@code bodyValue}, forms, resources that can be reopened, multipart of those, and no
 * body. Whatever is not known to be replayable is not.
 */
final class ReplayableBody {

	private ReplayableBody() {
	}

	static boolean isReplayable(BodyInserter<?, ? super ClientHttpRequest> body) {
		BodyProbe probe = new BodyProbe();
		try {
			// Not subscribed to: what an inserter would write is seen, and not written.
			body.insert(probe, probe);
			return probe.isEmpty() || (probe.body() != null && isReplayable(probe.body()));
		}
		catch (Exception ex) {
			// An inserter that cannot do with the probe.
			return false;
		}
	}

	private static boolean isReplayable(Publisher<?> body) throws Exception {
		// Mono.just(..) and Mono.empty(): what a value is wrapped in, never deferred.
		return body instanceof Fuseable.ScalarCallable<?> scalar && isValue(scalar.call());
	}

	private static boolean isValue(@Nullable Object value) {
		if (value instanceof HttpEntity<?> part) {
			return isValue(part.getBody());
		}
		if (value instanceof Collection<?> several) {
			return areValues(several);
		}
		if (value instanceof Map<?, ?> map) {
			return areValues(map.values());
		}
		if (value instanceof Resource resource) {
			return !resource.isOpen();
		}
		return !isOneShot(value);
	}

	private static boolean areValues(Collection<?> values) {
		for (Object value : values) {
			if (!isValue(value)) {
				return false;
			}
		}
		return true;
	}

	private static boolean isOneShot(@Nullable Object value) {
		return value instanceof Publisher || value instanceof DataBuffer || value instanceof Buffer
				|| value instanceof InputStream || value instanceof Reader || value instanceof Iterator
				|| value instanceof BaseStream
				// Netty need not be there.
				|| (value != null && value.getClass().getName().startsWith("io.netty.buffer."));
	}

}
