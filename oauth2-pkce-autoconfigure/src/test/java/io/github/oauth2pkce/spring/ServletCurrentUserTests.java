package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.testing.Browser;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.concurrent.DelegatingSecurityContextExecutor;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServletOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.task.DelegatingSecurityContextAsyncTaskExecutor;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import static org.assertj.core.api.Assertions.assertThat;

class ServletCurrentUserTests extends AbstractCurrentUserTests {

	ServletCurrentUserTests() {
		super(WebApplicationType.SERVLET, Application.class);
	}

	@Override
	List<String> ways() {
		return List.of("web-client", "rest-client", "other-scheduler", "used-thread", "async", "executor",
				"restored-later");
	}

	@Override
	List<String> waysToOtherProvider() {
		return List.of("other-provider", "other-provider-rest");
	}

	@Override
	List<String> callInBackground(String user) {
		Calls calls = bean(Calls.class);
		Authentication authentication = new TestingAuthenticationToken(user, null, "ROLE_USER");
		return List.of(calls.named(user), calls.restNamed(user), calls.sendAs(authentication));
	}

	@Test
	void threadThatNobodyToldHasNoUser() {
		assertThat(call(this.alice, "bare-thread")).isEqualTo("nobody");
		assertThat(call(new Browser(), "bare-thread")).isEqualTo("nobody");
	}

	@Test
	void requestOfOneUserThatAnotherSendsHasNoBearer() {
		assertThat(call(this.alice, "keep")).isEqualTo("kept");
		assertThat(call(this.bob, "send-kept")).isEqualTo("nobody");
		assertThat(call(new Browser(), "send-kept")).isEqualTo("nobody");
		assertThat(call(this.alice, "send-kept")).isEqualTo("alice");
	}

	@Test
	void threadThatIsLeftWithSomebodyElseSendsNobodysBearer() {
		assertThat(call(this.bob, "leave-user")).isEqualTo("left");
		try {
			assertThat(call(this.alice, "used-thread")).isEqualTo("nobody");
			assertThat(call(new Browser(), "used-thread")).isEqualTo("nobody");
			assertThat(call(this.bob, "used-thread")).isEqualTo("bob");
		}
		finally {
			call(new Browser(), "leave-user");
		}
	}

	@Test
	void requestThatNamesAnAnonymousUserIsNotThatOfTheThread() {
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("alice", null, "ROLE_USER"));
		try {
			assertThat(bean(Calls.class)
				.sendAs(new AnonymousAuthenticationToken("key", "alice", AuthorityUtils.createAuthorityList("ANY"))))
				.isEqualTo("nobody");
		}
		finally {
			SecurityContextHolder.clearContext();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	static class Application {

		@Bean
		SecurityFilterChain security(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

		@Bean
		AsyncTaskExecutor applicationTaskExecutor() {
			return new DelegatingSecurityContextAsyncTaskExecutor(new SimpleAsyncTaskExecutor());
		}

		@Bean
		Background background(WebClient.Builder builder, @Value("${test.api}") URI api) {
			return new Background(builder.build(), api);
		}

		@Bean
		Calls calls(WebClient.Builder web, RestClient.Builder rest, Background background,
				@Value("${test.api}") URI api) {
			return new Calls(web.build(), rest.build(), background, api);
		}

	}

	static class Background {

		private final WebClient client;

		private final URI api;

		Background(WebClient client, URI api) {
			this.client = client;
			this.api = api;
		}

		@Async
		public Future<String> call() {
			return CompletableFuture.completedFuture(subject(this.client.get().uri(this.api)));
		}

	}

	private static String subject(WebClient.RequestHeadersSpec<?> request) {
		return subject(() -> request.retrieve().bodyToMono(Map.class).block());
	}

	private static String subject(Callable<Map<?, ?>> call) {
		try {
			return String.valueOf(call.call().get("subject"));
		}
		catch (WebClientResponseException.Unauthorized | HttpClientErrorException.Unauthorized ex) {
			return "nobody";
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@RestController
	static class Calls {

		private final WebClient web;

		private final RestClient rest;

		private final Background background;

		private final URI api;

		/** One thread, which may be left with whatever its last user left. */
		private final Scheduler single = Schedulers.newSingle("used-by-all", true);

		private final Executor executor = new DelegatingSecurityContextExecutor((task) -> new Thread(task).start());

		private volatile Mono<?> kept;

		Calls(WebClient web, RestClient rest, Background background, URI api) {
			this.web = web;
			this.rest = rest;
			this.background = background;
			this.api = api;
		}

		@GetMapping("/call/web-client")
		String webClient() {
			return subject(this.web.get().uri(this.api));
		}

		@GetMapping("/call/rest-client")
		String restClient() {
			return subject(() -> this.rest.get().uri(this.api).retrieve().body(Map.class));
		}

		@GetMapping("/call/other-scheduler")
		String otherScheduler() {
			return subject(() -> this.web.get()
				.uri(this.api)
				.retrieve()
				.bodyToMono(Map.class)
				.subscribeOn(Schedulers.boundedElastic())
				.block());
		}

		@GetMapping("/call/used-thread")
		String usedThread() {
			return subject(() -> this.web.get()
				.uri(this.api)
				.retrieve()
				.bodyToMono(Map.class)
				.subscribeOn(this.single)
				.block());
		}

		@GetMapping("/call/leave-user")
		String leaveUser() {
			SecurityContext context = SecurityContextHolder.getContext();
			boolean person = !(context.getAuthentication() instanceof AnonymousAuthenticationToken);
			return CompletableFuture.supplyAsync(() -> {
				SecurityContextHolder.setContext(person ? context : SecurityContextHolder.createEmptyContext());
				return "left";
			}, this.single::schedule).join();
		}

		@GetMapping("/call/async")
		String async() throws ExecutionException, InterruptedException {
			return this.background.call().get();
		}

		@GetMapping("/call/executor")
		String executor() {
			return CompletableFuture.supplyAsync(this::restClient, this.executor).join();
		}

		@GetMapping("/call/restored-later")
		CompletableFuture<String> restoredLater() {
			return this.web.get()
				.uri(this.api)
				.retrieve()
				.bodyToMono(Map.class)
				.map((answer) -> String.valueOf(answer.get("subject")))
				.onErrorReturn(WebClientResponseException.Unauthorized.class, "nobody")
				.subscribeOn(Schedulers.parallel())
				.toFuture();
		}

		@GetMapping("/call/bare-thread")
		String bareThread() {
			return CompletableFuture.supplyAsync(this::webClient, (task) -> new Thread(task).start()).join();
		}

		@GetMapping("/call/keep")
		String keep() {
			this.kept = this.web.get().uri(this.api).retrieve().bodyToMono(Map.class);
			return "kept";
		}

		@GetMapping("/call/send-kept")
		String sendKept() {
			return subject(() -> (Map<?, ?>) this.kept.block());
		}

		@GetMapping("/call/named/{name}")
		String named(@PathVariable String name) {
			return subject(this.web.get().uri(this.api).attributes(RequestAttributePrincipalResolver.principal(name)));
		}

		@GetMapping("/call/rest-named/{name}")
		String restNamed(@PathVariable String name) {
			return subject(() -> this.rest.get()
				.uri(this.api)
				.attributes(RequestAttributePrincipalResolver.principal(name))
				.retrieve()
				.body(Map.class));
		}

		String sendAs(Authentication authentication) {
			return subject(this.web.get()
				.uri(this.api)
				.attributes(ServletOAuth2AuthorizedClientExchangeFilterFunction.authentication(authentication)));
		}

		@GetMapping("/call/other-provider")
		String otherProvider() {
			return subject(this.web.get().uri(this.api + "/other"));
		}

		@GetMapping("/call/other-provider-rest")
		String otherProviderRest() {
			return subject(() -> this.rest.get().uri(this.api + "/other").retrieve().body(Map.class));
		}

		@GetMapping("/call/other-provider-handled")
		String otherProviderHandled() {
			return handled(this::otherProvider);
		}

		@GetMapping("/call/other-provider-rest-handled")
		String otherProviderRestHandled() {
			return handled(this::otherProviderRest);
		}

		private static String handled(Callable<String> call) {
			try {
				return call.call();
			}
			catch (Exception ex) {
				return AuthenticationRequiredException.isAuthenticationRequired(ex) ? "login required" : "failed";
			}
		}

	}

}
