package io.github.oauth2pkce.code;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.core.codec.Hints;
import org.springframework.http.ReactiveHttpInputMessage;
import org.springframework.http.codec.HttpMessageReader;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.BodyExtractor;

/**
 * Reads an answer as another extractor does, and keeps its text out of the log.
 *
 * @param <T> what is read
 */
record QuietExtractor<T>(
		BodyExtractor<T, ReactiveHttpInputMessage> extractor) implements BodyExtractor<T, ReactiveHttpInputMessage> {

	@Override
	public T extract(ReactiveHttpInputMessage answer, Context context) {
		return this.extractor.extract(answer, new Context() {
			@Override
			public List<HttpMessageReader<?>> messageReaders() {
				return context.messageReaders();
			}

			@Override
			public Optional<ServerHttpResponse> serverResponse() {
				return context.serverResponse();
			}

			@Override
			public Map<String, Object> hints() {
				return Hints.merge(context.hints(), Hints.SUPPRESS_LOGGING_HINT, true);
			}
		});
	}

}
