package io.github.oauth2pkce.benchmarks.part;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;

/**
 * Many callers of an API that wants its nonce in each proof (RFC 9449 section 9), and
 * another one each second.
 */
final class NonceStorm {

	private static final Duration DEADLINE = Duration.ofSeconds(60);

	private final LoopbackServer server;

	private final AtomicInteger sent = new AtomicInteger();

	NonceStorm(LoopbackServer server) {
		this.server = server;
	}

	void measure(int callers, Samples samples) {
		try (Starter starter = Starter.bound(this.server)) {
			starter.logIn(Duration.ofMinutes(1), Duration.ofHours(1), this.server.newRefreshToken());
			ExchangeFunction exchange = starter.bean(BearerTokenFilter.class).apply(this::answer);
			ClientRequest request = ClientRequest.create(HttpMethod.GET, this.server.uri("/api/x")).build();
			long start = System.nanoTime();
			Long good = Flux.range(0, callers)
				.flatMap((caller) -> Mono.defer(() -> exchange.exchange(request))
					.subscribeOn(Schedulers.parallel())
					.map((response) -> response.statusCode() == HttpStatus.OK)
					.onErrorReturn(false), callers)
				.filter((ok) -> ok)
				.count()
				.block(DEADLINE);
			String scenario = String.format(Locale.ROOT, "%,d callers, a nonce that changes each second", callers);
			String subject = "this starter, WebClient";
			samples.add(scenario, subject, "time until all are done, ms", (System.nanoTime() - start) / 1e6);
			samples.add(scenario, subject, "requests", this.sent.get());
			samples.add(scenario, subject, "callers that fail", callers - ((good != null) ? good : 0));
		}
	}

	private Mono<ClientResponse> answer(ClientRequest request) {
		this.sent.incrementAndGet();
		String nonce = "nonce-" + System.nanoTime() / 1_000_000_000;
		String[] proof = String.valueOf(request.headers().getFirst("DPoP")).split("\\.");
		String claims = (proof.length == 3)
				? new String(Base64.getUrlDecoder().decode(proof[1]), StandardCharsets.UTF_8) : "";
		if (claims.contains('"' + nonce + '"')) {
			return Mono.just(ClientResponse.create(HttpStatus.OK).build());
		}
		return Mono.just(ClientResponse.create(HttpStatus.UNAUTHORIZED)
			.header(HttpHeaders.WWW_AUTHENTICATE, "DPoP error=\"use_dpop_nonce\"")
			.header("DPoP-Nonce", nonce)
			.build());
	}

}
