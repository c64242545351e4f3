package io.github.oauth2pkce.code;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.testing.Endpoint;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import static org.assertj.core.api.Assertions.assertThat;

/** The same as {@link ServletCurrentUserTests} in a reactive application. */
@Timeout(120)
class ReactiveCurrentUserTests {

	private static WebLogins application;

	private static final Browser ALICE = new Browser();

	private static final Browser BOB = new Browser();

	@BeforeAll
	static void start() {
		application = new WebLogins(WebApplicationType.REACTIVE, Application.class,
				"oauth2.pkce.providers.public-true.principal=current-user",
				"oauth2.pkce.providers.public-true.base-urls={server}/api",
				"oauth2.pkce.providers.confidential-true.principal=current-user",
				"oauth2.pkce.providers.confidential-true.base-urls={server}/api/other",
				"oauth2.pkce.providers.confidential-true.on-missing-token=fail", "test.api={server}/api");
		application.signIn(ALICE, "public-true", "alice");
		application.signIn(BOB, "public-true", "bob");
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "web-client", "other-scheduler", "several", "rest-client" })
	void eachUserHasTheirOwnBearer(String way) {
		for (int round = 0; round < 3; round++) {
			assertThat(call(ALICE, way)).isEqualTo("alice");
			assertThat(call(BOB, way)).isEqualTo("bob");
			assertThat(call(new Browser(), way)).isEqualTo("nobody");
		}
	}

	@Test
	void restClientOnAnotherThreadHasNoUserUnlessTheRequestNamesOne() {
		assertThat(call(ALICE, "rest-client-unnamed")).isEqualTo("nobody");
	}

	@Test
	void rejectedBearerIsReplacedByOneOfTheSameUser() {
		application.server().invalidateAccessTokens();
		assertThat(call(ALICE, "web-client")).isEqualTo("alice");
		assertThat(call(BOB, "web-client")).isEqualTo("bob");
		application.signIn(ALICE, "public-true", "alice");
		application.signIn(BOB, "public-true", "bob");
	}

	@Test
	void fiftyUsersAtOnceSeeNothingOfEachOther() throws Exception {
		FiftyUsers.logInAndCall(application, "public-true", List.of("web-client", "other-scheduler", "rest-client"));
		application.signIn(ALICE, "public-true", "alice");
		application.signIn(BOB, "public-true", "bob");
	}

	@Test
	void strangersInheritNobodyFromTheThread() {
		assertThat(call(new Browser(), "left-user")).isEqualTo("nobody");
		assertThat(call(BOB, "left-user")).isEqualTo("bob");
	}

	@Test
	void backgroundWorkNamesItsUser() {
		assertThat(application.bean(Calls.class).named("alice").block()).isEqualTo("alice");
		assertThat(application.bean(Calls.class).named("carol").block()).isEqualTo("nobody");
		assertThat(application.bean(Calls.class).webClient().block()).isEqualTo("nobody");
		assertThat(application.bean(Calls.class)
			.webClient()
			.contextWrite(ReactiveSecurityContextHolder
				.withAuthentication(new TestingAuthenticationToken("bob", null, "ROLE_USER")))
			.block()).isEqualTo("bob");
		assertThat(call(ALICE, "named/bob")).isEqualTo("bob");
	}

	@Test
	void missingLoginSendsNoBrowserAway() {
		int before = application.server().requests(Endpoint.AUTHORIZATION).size();
		HttpResponse<String> refused = ALICE.get(application.uri("/call/other-provider"));
		assertThat(refused.statusCode()).isEqualTo(500);
		assertThat(refused.headers().firstValue("Location")).isEmpty();
		assertThat(call(ALICE, "other-provider-handled")).isEqualTo("login required");
		assertThat(new Browser().get(application.uri("/call/web-client")).statusCode()).isEqualTo(200);
		assertThat(application.server().requests(Endpoint.AUTHORIZATION)).hasSize(before);
	}

	private static String call(Browser browser, String way) {
		return browser.get(application.uri("/call/" + way)).body();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http) {
			return http.authorizeExchange((exchange) -> exchange.anyExchange().permitAll())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

		@Bean
		Calls calls(WebClient.Builder web, RestClient.Builder rest, @Value("${test.api}") URI api) {
			return new Calls(web.build(), rest.build(), api);
		}

	}

	@RestController
	static class Calls {

		private final WebClient web;

		private final RestClient rest;

		private final URI api;

		Calls(WebClient web, RestClient rest, URI api) {
			this.web = web;
			this.rest = rest;
			this.api = api;
		}

		private static Mono<String> subject(WebClient.RequestHeadersSpec<?> request) {
			return request.retrieve()
				.bodyToMono(Map.class)
				.map((answer) -> String.valueOf(answer.get("subject")))
				.onErrorReturn(WebClientResponseException.Unauthorized.class, "nobody");
		}

		@GetMapping("/call/web-client")
		Mono<String> webClient() {
			return subject(this.web.get().uri(this.api));
		}

		@GetMapping("/call/other-scheduler")
		Mono<String> otherScheduler() {
			return webClient().subscribeOn(Schedulers.boundedElastic());
		}

		@GetMapping("/call/several")
		Mono<String> several() {
			return Flux.range(0, 8)
				.flatMap((call) -> otherScheduler())
				.distinct()
				.collectList()
				.map((subjects) -> String.join(",", subjects));
		}

		@GetMapping("/call/left-user")
		Mono<String> leftUser() {
			return Mono.defer(() -> {
				SecurityContextHolder.getContext()
					.setAuthentication(new TestingAuthenticationToken("alice", null, "ROLE_USER"));
				return webClient();
			})
				.doFinally((signal) -> SecurityContextHolder.clearContext())
				.subscribeOn(Schedulers.newSingle("left", true));
		}

		@GetMapping("/call/rest-client")
		Mono<String> restClient() {
			return ReactiveSecurityContextHolder.getContext()
				.mapNotNull((context) -> context.getAuthentication())
				.map(RequestAttributePrincipalResolver::principal)
				.switchIfEmpty(Mono.just((attributes) -> {
				}))
				.flatMap((principal) -> subject(this.rest.get().uri(this.api).attributes(principal)));
		}

		@GetMapping("/call/rest-client-unnamed")
		Mono<String> restClientUnnamed() {
			return subject(this.rest.get().uri(this.api));
		}

		private static Mono<String> subject(RestClient.RequestHeadersSpec<?> request) {
			return Mono.fromCallable(() -> String.valueOf(request.retrieve().body(Map.class).get("subject")))
				.onErrorReturn(HttpClientErrorException.Unauthorized.class, "nobody")
				.subscribeOn(Schedulers.boundedElastic());
		}

		@GetMapping("/call/named/{name}")
		Mono<String> named(@PathVariable String name) {
			return subject(this.web.get().uri(this.api).attributes(RequestAttributePrincipalResolver.principal(name)));
		}

		@GetMapping("/call/other-provider")
		Mono<String> otherProvider() {
			return subject(this.web.get().uri(this.api + "/other"));
		}

		@GetMapping("/call/other-provider-handled")
		Mono<String> otherProviderHandled() {
			return otherProvider().onErrorResume((ex) -> Mono
				.just(AuthenticationRequiredException.isAuthenticationRequired(ex) ? "login required" : "failed"));
		}

	}

}
