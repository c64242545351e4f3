package io.github.oauth2pkce.benchmarks.request;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.spring.SpringClients;

/** "Give me the token", when there is a valid one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TokenBenchmark {

	private static final Duration LIFETIME = Duration.ofHours(8);

	private static final String ID = ProviderLayout.id(0);

	private final Floor floor = new Floor(Tokens.accessToken("floor"), LIFETIME.toNanos());

	private final OAuth2AuthorizedClientManager manager = new SpringClients(ProviderLayout.TOKEN_ENDPOINT.toString(),
			LIFETIME, "refresh")
		.blockingManager();

	@SuppressWarnings("NullAway.Init")
	private BearerTokenSource source;

	@SuppressWarnings("NullAway.Init")
	private ConfigurableApplicationContext context;

	@Setup
	public void start() {
		this.context = Ours.start(ProviderLayout.ONE, false);
		this.source = this.context.getBean(BearerTokenSource.class);
	}

	@TearDown
	public void close() {
		this.context.close();
	}

	@Benchmark
	public String floor() {
		return this.floor.atHand();
	}

	@Benchmark
	public BearerToken.@Nullable Available starter() {
		return this.source.atHand(ID);
	}

	@Benchmark
	public @Nullable BearerToken starterReactive() {
		return this.source.current(ID).block();
	}

	@Benchmark
	public @Nullable OAuth2AuthorizedClient springManager() {
		return this.manager
			.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(ID).principal("anonymousUser").build());
	}

}
