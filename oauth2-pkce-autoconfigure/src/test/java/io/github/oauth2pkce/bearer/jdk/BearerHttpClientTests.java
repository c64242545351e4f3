package io.github.oauth2pkce.bearer.jdk;

import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.bearer.AbstractBearerClientTests;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.Call;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.StubTransport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/** The JDK's client by {@code send}, and by {@code sendAsync} in a subclass. */
class BearerHttpClientTests extends AbstractBearerClientTests {

	BearerHttpClientTests() {
		this.showsSkips = false;
	}

	@Override
	protected int send(Call call) {
		HttpRequest.Builder request = HttpRequest.newBuilder(call.uri);
		call.headers.forEach((name, values) -> values.forEach((value) -> request.header(name, value)));
		if (call.body != null) {
			request.POST(BodyPublishers.ofString(call.body));
		}
		HttpClient client = client(call.named());
		for (int i = 1; i < this.times; i++) {
			client = bearers().of(client);
		}
		return exchange(client, request.build()).statusCode();
	}

	private HttpClient client(String named) {
		HttpClient stub = new StubHttpClient(this.transport);
		return (named != null) ? bearers().of(stub, named) : bearers().of(stub);
	}

	private BearerHttpClient bearers() {
		return new BearerHttpClient(new BearerExchanges(this.policies, this.source, this.listener));
	}

	HttpResponse<String> exchange(HttpClient client, HttpRequest request) {
		try {
			return client.send(request, BodyHandlers.ofString());
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static HttpRequest posting(BodyPublisher body) {
		return HttpRequest.newBuilder(Call.to(API).uri).POST(body).build();
	}

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@Test
	void sendsAFileTwice() throws Exception {
		Path file = Files.writeString(this.directory.resolve("body"), "text");
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(exchange(client(null), posting(BodyPublishers.ofFile(file))).statusCode()).isEqualTo(200);
		assertThat(this.transport.received).extracting(StubTransport.Received::body).containsExactly("text", "text");
	}

	static Stream<BodyPublisher> bodiesThatMayBeGone() {
		byte[] body = "text".getBytes(StandardCharsets.UTF_8);
		ByteArrayInputStream stream = new ByteArrayInputStream(body);
		return Stream.of(BodyPublishers.ofInputStream(() -> stream),
				BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body)));
	}

	@ParameterizedTest
	@MethodSource("bodiesThatMayBeGone")
	void sendsABodyOnceThatMayBeGone(BodyPublisher body) {
		this.source.refreshingTo("two");
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(exchange(client(null), posting(body)).statusCode()).isEqualTo(401);
		assertThat(this.transport.received).extracting(StubTransport.Received::body).containsExactly("text");
		assertThat(this.listener.events).containsExactly("propagated github", "unauthorized github not_replayable");
	}

	/** Of the request, and not of its sending. */
	@Test
	void waitsNoLongerThanTheRequestAllows() {
		this.source = new StubTokenSource();
		this.source.before = Mono.never();
		HttpRequest request = HttpRequest.newBuilder(Call.to(API).uri).timeout(Duration.ofMillis(10)).build();
		assertThat(catchThrowable(() -> exchange(client(null), request)))
			.hasRootCauseInstanceOf(HttpTimeoutException.class);
		assertThat(this.transport.received).isEmpty();
	}

	@Test
	void leavesTheRequestOfTheCallerWithoutTheBearer() {
		HttpRequest request = posting(BodyPublishers.noBody());
		exchange(client(null), request);
		assertThat(this.transport.authorizations()).containsExactly("Bearer one");
		assertThat(request.headers().map()).isEmpty();
	}

	@Test
	void aFailingSourceIsAFailureAfterA401() {
		this.source.afterRejection = Mono.error(new IllegalArgumentException("theirs"));
		this.transport.answer(401, INVALID_TOKEN);
		assertThat(catchThrowable(() -> send(Call.to(API)))).rootCause().hasMessage("theirs");
	}

	@Test
	void bearerAtHandIsSentFromAnyThread() {
		assertThat(Mono.fromCallable(() -> send(Call.to(API)))
			.subscribeOn(Schedulers.parallel())
			.block(Duration.ofSeconds(10))).isEqualTo(200);
	}

}
