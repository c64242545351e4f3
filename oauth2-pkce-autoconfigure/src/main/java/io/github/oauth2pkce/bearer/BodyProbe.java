package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import org.springframework.core.ResolvableType;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ReactiveHttpOutputMessage;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;

/**
 * A request, and its one message writer, that write nothing and remember what they were
 * given: inserters hide their body in a lambda, but have to hand it over here.
 */
final class BodyProbe implements ClientHttpRequest, BodyInserter.Context, HttpMessageWriter<Object> {

	private static final URI NOWHERE = URI.create("http://localhost/");

	private final HttpHeaders headers = new HttpHeaders();

	private final MultiValueMap<String, HttpCookie> cookies = new LinkedMultiValueMap<>();

	private final Map<String, Object> attributes = new HashMap<>();

	private @Nullable Publisher<?> body;

	private int writes;

	private boolean completed;

	/** Whether the request was completed and nothing was written. */
	boolean isEmpty() {
		return this.completed && this.writes == 0;
	}

	/** The one body that a message writer got, as it was before encoding. */
	@Nullable Publisher<?> body() {
		return (this.writes == 1 && !this.completed) ? this.body : null;
	}

	@Override
	public Mono<Void> write(Publisher<? extends Object> body, ResolvableType elementType, @Nullable MediaType mediaType,
			ReactiveHttpOutputMessage message, Map<String, Object> hints) {
		this.writes++;
		this.body = body;
		return Mono.empty();
	}

	@Override
	public boolean canWrite(ResolvableType elementType, @Nullable MediaType mediaType) {
		return true;
	}

	@Override
	public List<MediaType> getWritableMediaTypes() {
		return List.of(MediaType.ALL);
	}

	@Override
	public List<HttpMessageWriter<?>> messageWriters() {
		return List.of(this);
	}

	@Override
	public Optional<ServerHttpRequest> serverRequest() {
		return Optional.empty();
	}

	@Override
	public Map<String, Object> hints() {
		return Map.of();
	}

	/** Bytes are released when they have been sent, so these were there only once. */
	@Override
	public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
		this.writes += 2;
		return Mono.empty();
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		this.writes += 2;
		return Mono.empty();
	}

	@Override
	public Mono<Void> setComplete() {
		this.completed = true;
		return Mono.empty();
	}

	@Override
	public HttpMethod getMethod() {
		return HttpMethod.POST;
	}

	@Override
	public URI getURI() {
		return NOWHERE;
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.headers;
	}

	@Override
	public MultiValueMap<String, HttpCookie> getCookies() {
		return this.cookies;
	}

	@Override
	public Map<String, Object> getAttributes() {
		return this.attributes;
	}

	@Override
	public <T> T getNativeRequest() {
		throw new UnsupportedOperationException("Nothing is sent");
	}

	@Override
	public DataBufferFactory bufferFactory() {
		return DefaultDataBufferFactory.sharedInstance;
	}

	@Override
	public void beforeCommit(Supplier<? extends Mono<Void>> action) {
	}

	@Override
	public boolean isCommitted() {
		return false;
	}

}
