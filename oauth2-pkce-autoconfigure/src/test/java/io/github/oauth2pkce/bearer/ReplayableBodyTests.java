package io.github.oauth2pkce.bearer;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.client.MultipartBodyBuilder;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.BodyInserters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ReplayableBodyTests {

	static Stream<Arguments> replayable() {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add("a", "b");
		form.add("empty", null);
		return Stream.of(arguments("none", BodyInserters.empty()), arguments("text", BodyInserters.fromValue("x")),
				arguments("bytes", BodyInserters.fromValue(new byte[1])),
				arguments("object", BodyInserters.fromValue(new Pojo("x"))),
				arguments("list", BodyInserters.fromValue(List.of("x", new Pojo("y")))),
				arguments("map", BodyInserters.fromValue(Map.of("x", List.of(1, 2)))),
				arguments("form", BodyInserters.fromFormData(form).with("c", "d")),
				arguments("form as value", BodyInserters.fromValue(form)),
				arguments("resource", BodyInserters.fromResource(new ByteArrayResource(new byte[1]))),
				arguments("file", BodyInserters.fromValue(new FileSystemResource(new File("x")))),
				arguments("multipart of values", BodyInserters.fromMultipartData("a", "b").with("c", new Pojo("d"))),
				arguments("multipart of a file",
						BodyInserters.fromMultipartData("a", new FileSystemResource(new File("x")))),
				arguments("just", BodyInserters.fromPublisher(Mono.just("x"), String.class)),
				arguments("nothing", BodyInserters.fromPublisher(Mono.empty(), String.class)),
				arguments("wrapped", (BodyInserter<Object, ClientHttpRequest>) (request,
						context) -> BodyInserters.fromValue("x").insert(request, context)));
	}

	static Stream<Arguments> notReplayable() {
		DataBuffer buffer = DefaultDataBufferFactory.sharedInstance.wrap(new byte[1]);
		MultipartBodyBuilder parts = new MultipartBodyBuilder();
		parts.part("a", "b");
		parts.asyncPart("c", Flux.just("d"), String.class);
		BodyInserter<Object, ClientHttpRequest> lazy = (request, context) -> Mono
			.defer(() -> BodyInserters.fromValue("x").insert(request, context));
		BodyInserter<Object, ClientHttpRequest> failing = (request, context) -> {
			throw new IllegalStateException("knows its own request only");
		};
		BodyInserter<Object, ClientHttpRequest> twice = (request, context) -> BodyInserters.fromValue("x")
			.insert(request, context)
			.then(BodyInserters.fromValue("y").insert(request, context));
		BodyInserter<Object, ClientHttpRequest> flushing = (request, context) -> request
			.writeAndFlushWith(Flux.just(Mono.just(buffer)));
		return Stream.of(arguments("flux", BodyInserters.fromPublisher(Flux.just("a", "b"), String.class)),
				arguments("supplier", BodyInserters.fromPublisher(Mono.fromSupplier(() -> "a"), String.class)),
				arguments("failure",
						BodyInserters.fromPublisher(Mono.error(new IllegalStateException()), String.class)),
				arguments("future", BodyInserters.fromProducer(CompletableFuture.completedFuture("a"), String.class)),
				arguments("buffers", BodyInserters.fromDataBuffers(Mono.just(buffer))),
				arguments("buffer", BodyInserters.fromValue(buffer)),
				arguments("just a buffer", BodyInserters.fromPublisher(Mono.just(buffer), DataBuffer.class)),
				arguments("byte buffer", BodyInserters.fromValue(ByteBuffer.allocate(1))),
				arguments("netty buffer", BodyInserters.fromValue(Unpooled.EMPTY_BUFFER)),
				arguments("output stream", BodyInserters.fromOutputStream((out) -> {
				}, Runnable::run)), arguments("stream resource", BodyInserters.fromResource(stream())),
				arguments("stream resource as value", BodyInserters.fromValue(stream())),
				arguments("reader", BodyInserters.fromValue(new StringReader("x"))),
				arguments("stream", BodyInserters.fromValue(Map.of("x", Stream.of(1)))),
				arguments("multipart with a stream", BodyInserters.fromMultipartData("a", stream())),
				arguments("multipart with a publisher",
						BodyInserters.fromMultipartAsyncData("a", Flux.just("b"), String.class)),
				arguments("multipart builder", BodyInserters.fromMultipartData(parts.build())), arguments("lazy", lazy),
				arguments("failing", failing), arguments("twice", twice), arguments("flushing", flushing));
	}

	private static InputStreamResource stream() {
		return new InputStreamResource(new ByteArrayInputStream(new byte[1]));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void replayable(String name, BodyInserter<?, ? super ClientHttpRequest> body) {
		assertThat(ReplayableBody.isReplayable(body)).isTrue();
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void notReplayable(String name, BodyInserter<?, ? super ClientHttpRequest> body) {
		assertThat(ReplayableBody.isReplayable(body)).isFalse();
	}

	@Test
	void doesNotSubscribeToFindOut() {
		AtomicInteger subscriptions = new AtomicInteger();
		Flux<String> body = Flux.just("a").doOnSubscribe((subscription) -> subscriptions.incrementAndGet());
		ReplayableBody.isReplayable(BodyInserters.fromPublisher(body, String.class));
		ReplayableBody.isReplayable(BodyInserters.fromMultipartAsyncData("a", body, String.class));
		assertThat(subscriptions).hasValue(0);
	}

	private record Pojo(String name) {

	}

}
