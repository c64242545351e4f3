package io.github.oauth2pkce.benchmarks.part;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import com.sun.management.OperatingSystemMXBean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.benchmarks.ChildJvm;
import io.github.oauth2pkce.benchmarks.ClassPath;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.request.Floor;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;
import io.github.oauth2pkce.benchmarks.server.ServeApi;
import io.github.oauth2pkce.benchmarks.spring.SpringClients;

/** Requests per second through Reactor Netty to a server in a JVM of its own. */
public final class Throughput implements Part {

	/** What the filters are compared with: the same bytes on the wire. */
	private static final String NONE = "no filter, the caller sets the same header";

	private static final String NOBODY = "no filter, no bearer";

	private static final int CONNECTIONS = 16;

	private static final Duration LIFETIME = Duration.ofHours(8);

	private final OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

	@Override
	public void measure(Scale scale, Samples samples) throws Exception {
		try (ChildJvm server = ChildJvm.start(ClassPath.whole(), ServeApi.class);
				LoopbackServer tokens = new LoopbackServer()) {
			String api = server.readLine(Duration.ofSeconds(30));
			if (api == null) {
				throw new IllegalStateException("The server has not started");
			}
			try (Starter starter = new Starter(tokens, "oauth2.pkce.providers." + Starter.ID + ".base-urls=" + api)) {
				starter.logIn(Duration.ZERO, LIFETIME, tokens.newRefreshToken());
				SpringClients spring = new SpringClients(tokens.uri("/token").toString(), LIFETIME, "refresh");
				Map<String, WebClient> clients = new LinkedHashMap<>();
				clients.put(NONE,
						client(api).defaultHeaders((headers) -> headers.setBearerAuth(Tokens.accessToken("caller")))
							.build());
				clients.put(NOBODY, client(api).build());
				clients.put("floor", client(api, new Floor(Tokens.accessToken("floor"), LIFETIME.toNanos())));
				clients.put("this starter", client(api, starter.bean(BearerTokenFilter.class)));
				clients.put("Spring Security, reactive filter", client(api, spring.reactiveFilter()));
				clients.put("Spring Security, servlet filter", client(api, spring.servletFilter()));
				compare(clients, scale, samples);
			}
		}
	}

	private static WebClient client(String api, ExchangeFilterFunction filter) {
		return client(api).filter(filter).build();
	}

	private static WebClient.Builder client(String api) {
		HttpClient http = HttpClient.create(ConnectionProvider.create("measured", CONNECTIONS));
		return WebClient.builder()
			.baseUrl(api)
			.clientConnector(new ReactorClientHttpConnector(http))
			.defaultRequest((request) -> request.attributes(SpringClients.servletAttributes()));
	}

	private void compare(Map<String, WebClient> clients, Scale scale, Samples samples) {
		Duration warmUp = Duration.ofMillis(scale.of(200, 2000));
		clients.forEach((subject, client) -> {
			if (!(subject.equals(NOBODY) ? "nobody" : "bearer").equals(request(client).block())) {
				throw new IllegalStateException("The server has not seen what it should from " + subject);
			}
			run(client, warmUp);
		});
		String scenario = CONNECTIONS + " connections";
		for (int round = 0; round < scale.of(1, 7); round++) {
			Map<String, Run> runs = new LinkedHashMap<>();
			clients
				.forEach((subject, client) -> runs.put(subject, run(client, Duration.ofMillis(scale.of(200, 1000)))));
			Run none = Objects.requireNonNull(runs.get(NONE));
			runs.forEach((subject, run) -> {
				samples.add(scenario, subject, "requests/s", run.perSecond());
				samples.add(scenario, subject, "throughput, of no filter", run.perSecond() / none.perSecond());
				samples.add(scenario, subject, "client CPU, of no filter", run.cpu() / none.cpu());
			});
		}
	}

	/** One request after the other on each connection, until time is up. */
	private Run run(WebClient client, Duration duration) {
		long cpu = this.machine.getProcessCpuTime();
		long start = System.nanoTime();
		long end = start + duration.toNanos();
		Long requests = Flux.range(0, CONNECTIONS)
			.flatMap((connection) -> request(client).repeat(() -> System.nanoTime() < end), CONNECTIONS)
			.count()
			.block(duration.plusSeconds(30));
		long nanos = System.nanoTime() - start;
		long done = (requests != null) ? requests : 0;
		return new Run(done * 1e9 / nanos, (double) (this.machine.getProcessCpuTime() - cpu) / done);
	}

	private static Mono<String> request(WebClient client) {
		return client.get().retrieve().bodyToMono(String.class);
	}

	private record Run(double perSecond, double cpu) {

	}

}
