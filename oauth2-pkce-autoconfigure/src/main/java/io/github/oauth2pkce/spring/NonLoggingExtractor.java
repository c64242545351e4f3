package io.github.oauth2pkce.spring;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import reactor.core.publisher.Mono;

import org.springframework.core.codec.Hints;
import org.springframework.http.ReactiveHttpInputMessage;
import org.springframework.http.codec.HttpMessageReader;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.web.reactive.function.OAuth2BodyExtractors;
import org.springframework.web.reactive.function.BodyExtractor;

/**
 * Reads an answer as another extractor does, and keeps its text out of the log: Spring's
 * decoder writes what it decodes, tokens too. Immutable.
 *
 * @param <T> what is read
 * @param extractor reads it
 */
public record NonLoggingExtractor<T>(
		BodyExtractor<T, ReactiveHttpInputMessage> extractor) implements BodyExtractor<T, ReactiveHttpInputMessage> {

	/**
	 * For token responses, as Spring Security's clients read them.
	 * @return reads a token response
	 */
	public static NonLoggingExtractor<Mono<OAuth2AccessTokenResponse>> ofTokenResponse() {
		return new NonLoggingExtractor<>(OAuth2BodyExtractors.oauth2AccessTokenResponse());
	}

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
