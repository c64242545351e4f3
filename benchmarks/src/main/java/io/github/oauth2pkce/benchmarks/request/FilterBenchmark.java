package io.github.oauth2pkce.benchmarks.request;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
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
import reactor.core.publisher.Mono;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.spring.SpringClients;

/**
 * One request through a {@code WebClient} filter, over an exchange that looks at the
 * header, or writes the request as a connector does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FilterBenchmark {

	private static final Duration LIFETIME = Duration.ofHours(8);

	private static final ExchangeStrategies STRATEGIES = ExchangeStrategies.withDefaults();

	/** Which filter. */
	@Param
	@SuppressWarnings("NullAway.Init")
	public FilterVariant variant;

	@SuppressWarnings("NullAway.Init")
	private ExchangeFunction write;

	@SuppressWarnings("NullAway.Init")
	private ClientRequest request;

	private @Nullable ConfigurableApplicationContext context;

	/**
	 * Everything runs beside the same application: in a JVM that has run nothing else,
	 * the compiler knows more about the request itself than it ever does in an
	 * application.
	 */
	@Setup
	public void create() {
		this.context = Ours.start(layout(), this.variant.isMetered());
		ClientResponse response = ClientResponse.create(HttpStatus.OK).build();
		Mono<ClientResponse> answer = Mono.just(response);
		ExchangeFunction reading = (request) -> {
			if (request.headers().getFirst(HttpHeaders.AUTHORIZATION) == null && this.variant != FilterVariant.NONE) {
				throw new IllegalStateException("Sent without a bearer");
			}
			return answer;
		};
		ExchangeFunction writing = (request) -> {
			SinkRequest sink = new SinkRequest(request.method(), request.url());
			return request.writeTo(sink, STRATEGIES).then(answer);
		};
		ExchangeFilterFunction filter = filter();
		this.write = (filter != null) ? filter.apply(writing) : writing;
		ClientRequest.Builder request = ClientRequest.create(HttpMethod.GET, uri())
			.header(HttpHeaders.ACCEPT, "application/json")
			.header(HttpHeaders.USER_AGENT, "benchmark");
		if (this.variant.isNamed()) {
			request.attributes(ClientAttributes.clientRegistrationId(ProviderLayout.id(layout().measured())));
		}
		if (this.variant == FilterVariant.SPRING_SERVLET) {
			request.attributes(SpringClients.servletAttributes());
		}
		this.request = request.build();
		((filter != null) ? filter.apply(reading) : reading).exchange(this.request).block();
	}

	private ProviderLayout layout() {
		return this.variant.layout();
	}

	private URI uri() {
		return URI.create(layout().baseUrl(layout().measured()) + "/orders/4711");
	}

	private @Nullable ExchangeFilterFunction filter() {
		SpringClients spring = new SpringClients(ProviderLayout.TOKEN_ENDPOINT.toString(), LIFETIME, "refresh");
		return switch (this.variant) {
			case NONE -> null;
			case FLOOR, FLOOR_OF_10_PATHS, FLOOR_OF_100_HOSTS, FLOOR_NAMED ->
				new Floor(Tokens.accessToken("floor"), LIFETIME.toNanos());
			case SPRING_REACTIVE -> spring.reactiveFilter();
			case SPRING_SERVLET -> spring.servletFilter();
			case BASE_URL_AND_SIGNATURE -> new SignatureBeside(application().getBean(BearerTokenFilter.class));
			default -> application().getBean(BearerTokenFilter.class);
		};
	}

	private ConfigurableApplicationContext application() {
		return Objects.requireNonNull(this.context);
	}

	@TearDown
	public void close() {
		application().close();
	}

	/** The request is written out. */
	@Benchmark
	public @Nullable ClientResponse write() {
		return this.write.exchange(this.request).block();
	}

}
