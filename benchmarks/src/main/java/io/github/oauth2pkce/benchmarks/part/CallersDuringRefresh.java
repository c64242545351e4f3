package io.github.oauth2pkce.benchmarks.part;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;

/**
 * What a caller with a valid token waits while that token is being refreshed ahead by a
 * slow server, and what it waits otherwise.
 */
public final class CallersDuringRefresh implements Part {

	/** Between two calls: with many calls a second, and with few of them disturbed. */
	private static final long PAUSE_NANOS = 100_000;

	private final LoopbackServer server = new LoopbackServer();

	private final long[] waits = new long[200_000];

	@Override
	public void measure(Scale scale, Samples samples) {
		try (Starter starter = new Starter(this.server)) {
			ExchangeFunction exchange = starter.bean(BearerTokenFilter.class)
				.apply((request) -> Mono.just(ClientResponse.create(HttpStatus.OK).build()));
			measure(starter, exchange, Duration.ofMillis(500), new Samples());
			for (int round = 0; round < scale.of(1, 5); round++) {
				measure(starter, exchange, Duration.ofSeconds(2), samples);
			}
		}
		finally {
			this.server.close();
		}
	}

	private void measure(Starter starter, ExchangeFunction exchange, Duration latency, Samples samples) {
		ClientRequest request = ClientRequest.create(HttpMethod.GET, this.server.uri("/api/x")).build();
		this.server.latency(latency);
		this.server.takeTokenRequests();
		String scenario = "a server that takes " + latency.toMillis() / 1000.0 + " s";
		// Old enough to be refreshed ahead at once, and good for longer than that takes.
		starter.logIn(Duration.ofSeconds(100), Duration.ofSeconds(10), this.server.newRefreshToken());
		call(exchange, request);
		while (!this.server.isBusy()) {
			Thread.onSpinWait();
		}
		int calls = 0;
		while (this.server.isBusy()) {
			this.waits[calls++ % this.waits.length] = call(exchange, request);
			LockSupport.parkNanos(PAUSE_NANOS);
		}
		add(samples, scenario, "refresh ahead in progress", Math.min(calls, this.waits.length));
		if (this.server.takeTokenRequests() != 1) {
			throw new IllegalStateException("There was not exactly one refresh");
		}
		for (int i = 0; i < Math.min(calls, this.waits.length); i++) {
			this.waits[i] = call(exchange, request);
			LockSupport.parkNanos(PAUSE_NANOS);
		}
		add(samples, scenario, "no refresh in progress", Math.min(calls, this.waits.length));
	}

	private static long call(ExchangeFunction exchange, ClientRequest request) {
		long start = System.nanoTime();
		exchange.exchange(request).block();
		return System.nanoTime() - start;
	}

	private void add(Samples samples, String scenario, String subject, int calls) {
		long[] sorted = Arrays.copyOf(this.waits, calls);
		Arrays.sort(sorted);
		samples.add(scenario, subject, "calls", calls);
		samples.add(scenario, subject, "mean, µs", Arrays.stream(sorted).average().orElseThrow() / 1000);
		samples.add(scenario, subject, "p50, µs", sorted[calls / 2] / 1000.0);
		samples.add(scenario, subject, "p99, µs", sorted[(int) (calls * 0.99)] / 1000.0);
		samples.add(scenario, subject, "p99.9, µs", sorted[(int) (calls * 0.999)] / 1000.0);
	}

}
