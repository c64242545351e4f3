package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.function.Tuple2;

import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Over the clients that every application of Spring has, or the JDK. */
class BearerRecoveryOverHttpTests extends BearerOverHttpContractTests {

	private static final List<Client> CLIENTS = List.of(
			Client.web("Reactor Netty", ClientHttpConnectorBuilder.reactor()),
			Client.web("the JDK", ClientHttpConnectorBuilder.jdk()),
			Client.rest("Reactor Netty", ClientHttpRequestFactoryBuilder.reactor()),
			Client.rest("the JDK", ClientHttpRequestFactoryBuilder.jdk()),
			Client.rest("HttpURLConnection", ClientHttpRequestFactoryBuilder.simple()));

	static List<Client> clients() {
		return CLIENTS;
	}

	/**
	 * A stream that reconnects in the background: what it sends is not kept, so that the
	 * 401 is its own, but whoever calls next has a token that works.
	 */
	@Test
	void refusedStreamIsRecoveredByTheNextCall() {
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		Mono<Integer> stream = Mono.defer(() -> client.post()
			.uri("/events")
			.accept(MediaType.TEXT_EVENT_STREAM)
			.body(Flux.just("{", "}"), String.class)
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value())));
		assertThat(stream.block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(stream.block(SOON)).isEqualTo(401);
		assertThat(stream.block(SOON)).isEqualTo(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
		assertThat(this.listener.events).contains("unauthorized github not_replayable");
	}

	@Test
	void refreshesOnceForAllRequestsThatAreRefused() {
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		assertThat(post(client).block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		CountDownLatch allAreRefused = new CountDownLatch(1);
		this.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(allAreRefused));
		int callers = 8;
		Mono<List<Integer>> calls = Flux.range(0, callers).flatMap((i) -> post(client), callers).collectList();
		Mono<Boolean> release = Mono.fromCallable(() -> {
			for (int i = 0; i < callers + 1; i++) {
				this.server.takeRequest(Endpoint.API, SOON);
			}
			allAreRefused.countDown();
			return true;
		});
		List<Integer> statuses = Mono.zip(calls, release.subscribeOn(Schedulers.boundedElastic()))
			.map(Tuple2::getT1)
			.block(SOON);
		assertThat(statuses).hasSize(callers).containsOnly(200);
		assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(2);
	}

	/**
	 * Everything but the source's own workers runs where blocking is an error. In a JVM
	 * of its own: BlockHound stays, and other tests' frameworks do block.
	 */
	@Test
	@Tag("blockhound")
	void neverBlocksAnEventLoop() {
		BlockHound.install();
		Mono<Integer> probe = Mono.fromCallable(() -> {
			Thread.sleep(0);
			return 0;
		}).subscribeOn(Schedulers.parallel());
		assertThatExceptionOfType(RuntimeException.class).as("BlockHound is at work")
			.isThrownBy(() -> probe.block(SOON))
			.withCauseInstanceOf(BlockingOperationError.class);
		WebClient client = webClient(ClientHttpConnectorBuilder.reactor().build());
		Mono<Integer> onEventLoop = Mono.defer(() -> post(client)).subscribeOn(Schedulers.parallel());
		assertThat(onEventLoop.block(SOON)).isEqualTo(200);
		this.server.invalidateAccessTokens();
		assertThat(onEventLoop.block(SOON)).isEqualTo(200);
		assertThat(this.listener.events).endsWith("unauthorized github replayed");
	}

}
