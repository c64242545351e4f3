package io.github.oauth2pkce.compatibility;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.runtime.Startup;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.data.redis.test.autoconfigure.DataRedisTest;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.restclient.test.autoconfigure.RestClientTest;
import org.springframework.boot.test.autoconfigure.json.JsonTest;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webclient.test.autoconfigure.WebClientTest;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.reactive.server.SecurityMockServerConfigurers.mockOAuth2Login;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.oauth2Login;

/**
 * Tests of an application that has a provider: nobody is asked, nothing is contacted or
 * written, and no thread stays, whatever part of the application is tested.
 */
class SlicesTests {

	@TempDir
	static Path state;

	static ServerSocket server;

	static Set<Thread> before;

	@BeforeAll
	static void listen() throws IOException {
		before = threads();
		server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	@DynamicPropertySource
	static void configure(DynamicPropertyRegistry registry) {
		registry.add("XDG_STATE_HOME", state::toString);
		registry.add("oauth2.pkce.providers.acme.issuer-uri", () -> "http://127.0.0.1:" + server.getLocalPort());
		registry.add("oauth2.pkce.providers.acme.authorization-grant-type", () -> "authorization_code");
		registry.add("oauth2.pkce.providers.acme.client-id", () -> "app");
		registry.add("oauth2.pkce.providers.acme.base-urls", () -> "https://api.example.com");
	}

	@AfterAll
	static void nothingHasHappened() throws IOException {
		server.setSoTimeout(1);
		assertThat(connections()).isZero();
		server.close();
		try (Stream<Path> files = Files.list(state)) {
			assertThat(files).isEmpty();
		}
		assertThat(threads()).isSubsetOf(before);
	}

	private static int connections() throws IOException {
		try (Socket ignored = server.accept()) {
			return 1;
		}
		catch (SocketTimeoutException ex) {
			return 0;
		}
	}

	abstract static class Part {

		@Autowired
		private ApplicationContext context;

		@Test
		void leavesTheStarterOut() {
			for (Class<?> type : List.of(Credentials.class, TokenStore.class, Startup.class, Workers.class)) {
				assertThat(this.context.getBeanNamesForType(type)).isEmpty();
			}
		}

	}

	/** But those that listeners share, which end by themselves. */
	private static Set<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("oauth2-")
					&& !thread.getName().startsWith("oauth2-listener-"))
			.collect(Collectors.toSet());
	}

	@Nested
	@SpringBootTest
	@DirtiesContext
	class Whole {

		@Test
		void hasTheStarter(@Autowired Credentials credentials) {
			assertThat(credentials.status(CredentialId.ofApplication("acme")).state())
				.isEqualTo(AuthorizationState.LOGIN_REQUIRED);
		}

	}

	@Nested
	@WebMvcTest
	@Import(ServletSignIn.class)
	class WebMvc extends Part {

		@Test
		void canBeTestedWithSomebodySignedIn(@Autowired MockMvcTester mvc) {
			assertThat(mvc.get().uri("/me").with(oauth2Login())).hasStatusOk().hasBodyTextEqualTo("user");
		}

		@Test
		void sendsOthersToTheProvider(@Autowired MockMvcTester mvc) {
			assertThat(mvc.get().uri("/me").accept(MediaType.TEXT_HTML)).hasStatus(HttpStatus.FOUND)
				.redirectedUrl()
				.endsWith("/oauth2/authorization/acme");
		}

	}

	@Nested
	@WebFluxTest
	@Import(ReactiveSignIn.class)
	class WebFlux extends Part {

		@Test
		void canBeTestedWithSomebodySignedIn(@Autowired WebTestClient client) {
			client.mutateWith(mockOAuth2Login())
				.get()
				.uri("/me")
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody(String.class)
				.isEqualTo("user");
		}

	}

	@Nested
	@JsonTest
	class Json extends Part {

	}

	@Nested
	@RestClientTest
	class Rest extends Part {

	}

	@Nested
	@WebClientTest
	class Web extends Part {

	}

	@Nested
	@JdbcTest
	class Jdbc extends Part {

	}

	@Nested
	@DataJdbcTest
	class DataJdbc extends Part {

	}

	@Nested
	@DataRedisTest
	class DataRedis extends Part {

	}

	@RestController
	static class Me {

		@GetMapping("/me")
		String me(Principal principal) {
			return principal.getName();
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	@Import(Me.class)
	static class ServletSignIn {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) throws Exception {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	@Import(Me.class)
	static class ReactiveSignIn {

		@Bean
		SecurityWebFilterChain chain(ServerHttpSecurity http) {
			return http.authorizeExchange((exchanges) -> exchanges.anyExchange().authenticated())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

	}

}
