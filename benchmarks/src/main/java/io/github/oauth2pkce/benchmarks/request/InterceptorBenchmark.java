package io.github.oauth2pkce.benchmarks.request;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

import io.github.oauth2pkce.bearer.BearerTokenInterceptor;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.spring.SpringClients;

/**
 * One request through a {@code RestClient} interceptor, over an execution that reads all
 * headers, as a transport does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InterceptorBenchmark {

	private static final Duration LIFETIME = Duration.ofHours(8);

	private static final URI TARGET = URI.create(ProviderLayout.ONE.baseUrl(0) + "/orders/4711");

	private static final ClientHttpResponse OK = new BlockingCall.Ok();

	private static final byte[] NO_BODY = new byte[0];

	/** Which interceptor. */
	@Param
	@SuppressWarnings("NullAway.Init")
	public InterceptorVariant variant;

	@SuppressWarnings("NullAway.Init")
	private ClientHttpRequestInterceptor interceptor;

	@SuppressWarnings("NullAway.Init")
	private ClientHttpRequestExecution execution;

	private @Nullable ConfigurableApplicationContext context;

	/** Beside the same application, for the reason that the filters have. */
	@Setup
	public void create() {
		boolean bare = this.variant == InterceptorVariant.NONE;
		this.execution = (request, body) -> {
			List<String> lines = new ArrayList<>();
			request.getHeaders().forEach((name, values) -> values.forEach((value) -> {
				lines.add(name);
				lines.add(value);
			}));
			if (!bare && !lines.contains(HttpHeaders.AUTHORIZATION)) {
				throw new IllegalStateException("Sent without a bearer");
			}
			return OK;
		};
		this.context = Ours.start(ProviderLayout.ONE, false);
		this.interceptor = interceptor(this.context);
	}

	private ClientHttpRequestInterceptor interceptor(ConfigurableApplicationContext application) {
		return switch (this.variant) {
			case NONE -> (request, body, execution) -> execution.execute(request, body);
			case FLOOR -> {
				Floor floor = new Floor(Tokens.accessToken("floor"), LIFETIME.toNanos());
				yield (request, body, execution) -> {
					request.getHeaders().set(HttpHeaders.AUTHORIZATION, floor.atHand());
					return execution.execute(request, body);
				};
			}
			case STARTER -> application.getBean(BearerTokenInterceptor.class);
			case SPRING ->
				new SpringClients(ProviderLayout.TOKEN_ENDPOINT.toString(), LIFETIME, "refresh").interceptor();
		};
	}

	@TearDown
	public void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@Benchmark
	public ClientHttpResponse intercept() throws IOException {
		return this.interceptor.intercept(new BlockingCall(TARGET), NO_BODY, this.execution);
	}

}
