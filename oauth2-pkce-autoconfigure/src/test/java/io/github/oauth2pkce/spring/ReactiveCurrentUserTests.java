package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;

import io.github.oauth2pkce.testing.Browser;

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

class ReactiveCurrentUserTests extends AbstractCurrentUserTests {

	ReactiveCurrentUserTests() {
		super(WebApplicationType.REACTIVE, Application.class);
	}

	@Override
	List<String> ways() {
		return List.of("web-client", "other-scheduler", "several", "rest-client");
	}

	@Override
	List<String> waysToOtherProvider() {
		return List.of("other-provider");
	}

	@Override
	List<String> callInBackground(String user) {
		Calls calls = bean(Calls.class);
		return List.of(calls.named(user).block(), calls.restNamed(user).block(),
				calls.webClient()
					.contextWrite(ReactiveSecurityContextHolder
						.withAuthentication(new TestingAuthenticationToken(user, null, "ROLE_USER")))
					.block());
	}

	@Test
	void backgroundWorkThatNamesNobodyHasNoUser() {
		assertThat(bean(Calls.class).webClient().block()).isEqualTo("nobody");
	}

	@Test
	void restClientOnAnotherThreadHasNoUserUnlessTheRequestNamesOne() {
		assertThat(call(this.alice, "rest-client-unnamed")).isEqualTo("nobody");
	}

	@Test
	void strangersInheritNobodyFromTheThread() {
		assertThat(call(new Browser(), "left-user")).isEqualTo("nobody");
		assertThat(call(this.bob, "left-user")).isEqualTo("bob");
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

		@GetMapping("/call/rest-named/{name}")
		Mono<String> restNamed(@PathVariable String name) {
			return subject(this.rest.get().uri(this.api).attributes(RequestAttributePrincipalResolver.principal(name)));
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
