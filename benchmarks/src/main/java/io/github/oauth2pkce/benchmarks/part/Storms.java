package io.github.oauth2pkce.benchmarks.part;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.BearerTokenInterceptor;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.request.BlockingCall;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;
import io.github.oauth2pkce.benchmarks.spring.SpringClients;

/**
 * Many callers at the moment when the access token has ended. The token endpoint takes
 * its time, and refresh tokens are good once.
 */
public final class Storms implements Part {

	private static final Duration LATENCY = Duration.ofMillis(200);

	private static final Duration DEADLINE = Duration.ofSeconds(60);

	private static final Duration ENDED = Duration.ofSeconds(-5);

	private final LoopbackServer server = new LoopbackServer();

	@Override
	public void measure(Scale scale, Samples samples) throws Exception {
		try (Starter starter = new Starter(this.server)) {
			this.server.latency(Duration.ZERO);
			// Not measured: classes are loaded and connections opened.
			measure(starter, 64, new Samples());
			this.server.latency(LATENCY);
			for (int round = 0; round < scale.of(1, 9); round++) {
				measure(starter, 64, samples);
			}
			for (int round = 0; round < scale.of(1, 5); round++) {
				measureReactive(starter, 10_000, samples);
			}
			new NonceStorm(this.server).measure(64, new Samples());
			for (int round = 0; round < scale.of(1, 5); round++) {
				new NonceStorm(this.server).measure(10_000, samples);
			}
		}
		finally {
			this.server.close();
		}
	}

	private void measure(Starter starter, int callers, Samples samples) throws Exception {
		measureReactive(starter, callers, samples);
		SpringClients servlet = spring();
		storm(callers, "Spring Security, servlet filter", samples, reactive(servlet.servletFilter(), callers),
				servlet::refreshToken);
		logIn(starter);
		storm(callers, "this starter, RestClient", samples,
				blocking(starter.bean(BearerTokenInterceptor.class), callers), starter::refreshToken);
		SpringClients rest = spring();
		storm(callers, "Spring Security, RestClient", samples, blocking(rest.interceptor(), callers),
				rest::refreshToken);
	}

	private void measureReactive(Starter starter, int callers, Samples samples) throws Exception {
		logIn(starter);
		storm(callers, "this starter, WebClient", samples, reactive(starter.bean(BearerTokenFilter.class), callers),
				starter::refreshToken);
		SpringClients spring = spring();
		storm(callers, "Spring Security, reactive filter", samples, reactive(spring.reactiveFilter(), callers),
				spring::refreshToken);
	}

	private void logIn(Starter starter) {
		starter.logIn(Duration.ofHours(1), ENDED, this.server.newRefreshToken());
	}

	private SpringClients spring() {
		return new SpringClients(this.server.uri("/token").toString(), ENDED, this.server.newRefreshToken());
	}

	private void storm(int callers, String subject, Samples samples, Callers storm, Supplier<String> kept)
			throws Exception {
		String scenario = String.format(Locale.ROOT, "%,d callers", callers);
		this.server.takeTokenRequests();
		long start = System.nanoTime();
		int failed = storm.call();
		samples.add(scenario, subject, "time until all are done, ms", (System.nanoTime() - start) / 1e6);
		samples.add(scenario, subject, "token requests", this.server.takeTokenRequests());
		samples.add(scenario, subject, "callers that fail", failed);
		samples.add(scenario, subject, "logins lost", this.server.isGood(kept.get()) ? 0 : 1);
	}

	/** Good is a token that the server has issued in this storm. */
	private static boolean isGood(HttpHeaders headers) {
		String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
		return authorization != null && !authorization.equals("Bearer " + Tokens.accessToken("old"))
				&& !authorization.equals("Bearer " + Tokens.accessToken(Starter.ID));
	}

	private Callers reactive(ExchangeFilterFunction filter, int callers) {
		ExchangeFunction exchange = filter.apply((request) -> Mono
			.just(ClientResponse.create(isGood(request.headers()) ? HttpStatus.OK : HttpStatus.UNAUTHORIZED).build()));
		ClientRequest request = ClientRequest.create(HttpMethod.GET, this.server.uri("/api/x"))
			.attributes(SpringClients.servletAttributes())
			.build();
		return () -> {
			Long good = Flux.range(0, callers)
				.flatMap((caller) -> Mono.defer(() -> exchange.exchange(request))
					.map((response) -> response.statusCode() == HttpStatus.OK)
					.onErrorReturn(false), callers)
				.filter((ok) -> ok)
				.count()
				.block(DEADLINE);
			return callers - Math.toIntExact((good != null) ? good : 0);
		};
	}

	private Callers blocking(ClientHttpRequestInterceptor interceptor, int callers) {
		return () -> {
			CountDownLatch start = new CountDownLatch(1);
			AtomicInteger failed = new AtomicInteger();
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < callers; i++) {
				Thread thread = new Thread(() -> {
					try {
						start.await();
						BlockingCall request = new BlockingCall(this.server.uri("/api/x"));
						interceptor.intercept(request, new byte[0], (sent, body) -> {
							failed.addAndGet(isGood(sent.getHeaders()) ? 0 : 1);
							return new BlockingCall.Ok();
						});
					}
					catch (Exception ex) {
						failed.incrementAndGet();
					}
				});
				thread.setDaemon(true);
				thread.start();
				threads.add(thread);
			}
			start.countDown();
			for (Thread thread : threads) {
				thread.join(TimeUnit.SECONDS.toMillis(60));
				if (thread.isAlive()) {
					throw new IllegalStateException("A caller hangs");
				}
			}
			return failed.get();
		};
	}

	/** Calls at once, and waits for all. */
	private interface Callers {

		/** How many have failed. */
		int call() throws Exception;

	}

}
