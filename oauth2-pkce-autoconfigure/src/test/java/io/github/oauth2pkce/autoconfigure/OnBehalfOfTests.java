package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.concurrent.DelegatingSecurityContextExecutor;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that calls an API on behalf of whoever calls it: each bearer that comes
 * in has tokens of its own, wherever the call is made.
 */
@Timeout(120)
class OnBehalfOfTests {

	private static final int USERS = 200;

	private static final int AT_ONCE = 40;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("middle", "middle-secret"));

	OnBehalfOfTests() {
		this.server.tokens().subjects((token) -> token.startsWith("inbound-") ? user(token) : null);
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	/** A bearer says whose it is, and which of theirs. */
	private static String user(String bearer) {
		return bearer.substring("inbound-".length()).replaceFirst("/.*", "");
	}

	private ConfigurableApplicationContext application(WebApplicationType type) {
		String api = "oauth2.pkce.providers.api.";
		return TestApplication.of(type)
			.with(Application.class)
			.with(api + "issuer-uri=" + this.server.issuer(), api + "client-id=middle",
					api + "client-secret=middle-secret", api + "authorization-grant-type=jwt-bearer",
					api + "subject-token.current-user=true",
					api + "additional-parameters.requested_token_use=on_behalf_of",
					api + "base-urls=" + this.server.uri("/api"), "test.api=" + this.server.uri("/api/things"),
					"oauth2.pkce.health.show-principals=true", "management.endpoints.web.exposure.include=*",
					"management.endpoint.health.show-details=always")
			.run();
	}

	private static String call(Http http, String way, String bearer) {
		return http.send("GET", "/call/" + way, "Authorization: Bearer " + bearer).body();
	}

	private List<RecordedRequest> exchanges() {
		return this.server.requests(Endpoint.TOKEN);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void twoHundredUsersSeeNothingOfEachOther(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = application(type)) {
			Http http = Http.of(context);
			List<String> users = IntStream.range(0, USERS).mapToObj((user) -> "user-" + user).toList();
			ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
			try {
				for (String way : List.of("web-client", "background", "rest-client")) {
					CyclicBarrier start = new CyclicBarrier(AT_ONCE);
					List<Callable<String>> calls = new ArrayList<>();
					for (String user : users) {
						calls.add(() -> {
							start.await();
							return call(http, way, "inbound-" + user);
						});
					}
					List<String> answers = new ArrayList<>();
					for (Future<String> answer : threads.invokeAll(calls)) {
						answers.add(answer.get());
					}
					assertThat(answers).as(way).isEqualTo(users);
				}
			}
			finally {
				threads.shutdownNow();
			}
			assertThat(exchanges()).hasSize(USERS);
			RecordedRequest exchange = exchanges().get(0);
			assertThat(exchange.parameter("assertion")).startsWith("inbound-user-");
			assertThat(exchange.parameter("requested_token_use")).isEqualTo("on_behalf_of");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void withoutAnInboundBearerThereIsNone(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type)) {
			Http http = Http.of(context);
			assertThat(call(http, "web-client", "inbound-alice")).isEqualTo("alice");
			assertThat(http.get("/call/web-client").body()).isEqualTo("nobody");
			assertThat(call(http, "web-client", "password-of-alice")).isEqualTo("nobody");
			assertThat(exchanges()).hasSize(1);
		}
	}

	/** Another bearer of the same person may be good for more, or for less. */
	@Test
	void twoBearersOfOnePersonShareNothing() {
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET)) {
			Http http = Http.of(context);
			for (int round = 0; round < 2; round++) {
				assertThat(call(http, "web-client", "inbound-alice/phone")).isEqualTo("alice");
				assertThat(call(http, "web-client", "inbound-alice/laptop")).isEqualTo("alice");
			}
			assertThat(exchanges()).extracting((request) -> request.parameter("assertion"))
				.containsExactly("inbound-alice/phone", "inbound-alice/laptop");
		}
	}

	@Test
	void refusalOfOneUserIsNobodyElses() {
		this.server.tokens().subjects((token) -> token.equals("inbound-mallory") ? null : user(token));
		try (ConfigurableApplicationContext context = application(WebApplicationType.SERVLET)) {
			Http http = Http.of(context);
			assertThat(call(http, "web-client", "inbound-mallory")).isEqualTo("nobody");
			assertThat(call(http, "web-client", "inbound-alice")).isEqualTo("alice");
			assertThat(call(http, "web-client", "inbound-mallory")).isEqualTo("nobody");
			Map<String, Object> details = http.get("/actuator/health/oauth2Pkce/api").object("details");
			assertThat(details.get("users")).hasToString("{AUTHORIZED=[alice], REAUTHENTICATION_REQUIRED=[mallory]}");
			assertThat(details.get("remedy"))
				.isEqualTo("Each user's token is made from the bearer with which they call this application:"
						+ " requests need a signed-in user who has that");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Calls calls(WebClient.Builder web, RestClient.Builder rest, @Value("${test.api}") URI api) {
			return new Calls(web.build(), rest.build(), api);
		}

		@Bean
		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
		WebFilter signIn() {
			return (exchange, chain) -> {
				Authentication user = authentication(exchange.getRequest().getHeaders().getFirst("Authorization"));
				return (user != null)
						? chain.filter(exchange).contextWrite(ReactiveSecurityContextHolder.withAuthentication(user))
						: chain.filter(exchange);
			};
		}

		@Configuration(proxyBeanMethods = false)
		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
		static class Servlets {

			@Bean
			OncePerRequestFilter signIn() {
				return new OncePerRequestFilter() {
					@Override
					protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
							FilterChain chain) throws ServletException, IOException {
						Authentication user = authentication(request.getHeader("Authorization"));
						SecurityContextHolder.setContext(new SecurityContextImpl(user));
						try {
							chain.doFilter(request, response);
						}
						finally {
							SecurityContextHolder.clearContext();
						}
					}

					@Override
					protected boolean shouldNotFilterAsyncDispatch() {
						return false;
					}
				};
			}

		}

		/** As the tokens of a resource server: the bearer is the credentials. */
		private static Authentication authentication(String header) {
			if (header == null) {
				return null;
			}
			String bearer = header.substring("Bearer ".length());
			Object credentials = bearer.startsWith("inbound-") ? new OAuth2AccessToken(TokenType.BEARER, bearer,
					Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z")) : bearer;
			String name = bearer.startsWith("inbound-") ? user(bearer) : "alice";
			return new TestingAuthenticationToken(name, credentials, "ROLE_USER");
		}

	}

	@RestController
	static class Calls {

		private final WebClient web;

		private final RestClient rest;

		private final URI api;

		private final Executor executor = new DelegatingSecurityContextExecutor(
				Executors.newCachedThreadPool((task) -> {
					Thread thread = new Thread(task, "background");
					thread.setDaemon(true);
					return thread;
				}));

		Calls(WebClient web, RestClient rest, URI api) {
			this.web = web;
			this.rest = rest;
			this.api = api;
		}

		@GetMapping("/call/web-client")
		Mono<String> webClient() {
			return this.web.get()
				.uri(this.api)
				.exchangeToMono((answer) -> answer.statusCode().is2xxSuccessful() ? answer.bodyToMono(Map.class)
						: answer.releaseBody().thenReturn(Map.of("subject", "nobody")))
				.map((answer) -> String.valueOf(answer.get("subject")));
		}

		/** The person is whoever the work was handed over for. */
		@GetMapping("/call/background")
		Mono<String> background() {
			if (SecurityContextHolder.getContext().getAuthentication() == null) {
				return webClient().subscribeOn(Schedulers.boundedElastic());
			}
			return Mono.fromFuture(CompletableFuture.supplyAsync(() -> webClient().block(), this.executor));
		}

		/** A client that blocks knows the person of its thread only. */
		@GetMapping("/call/rest-client")
		Mono<String> restClient() {
			if (SecurityContextHolder.getContext().getAuthentication() == null) {
				return webClient();
			}
			return Mono.just(String.valueOf(this.rest.get().uri(this.api).retrieve().body(Map.class).get("subject")));
		}

	}

}
