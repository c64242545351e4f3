package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.autoconfigure.PkceAuthorizedClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceClientRegistrationAutoConfiguration;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ResolvableType;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServerOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Spring Security's own managers, filters and interceptors with our beans, for the grant
 * that needs no person.
 */
@Timeout(60)
class MachineClientsTests {

	private static final int CALLS = 20;

	private static final CredentialId MACHINE = CredentialId.ofApplication("machine");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("machine", "machine-secret"))
		.register(FakeClient.confidential("cousin", "cousin-secret"));

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class,
				PkceClientRegistrationAutoConfiguration.class, PkceAuthorizedClientAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.providers.machine.client-id=machine",
				"oauth2.pkce.providers.machine.client-secret=machine-secret",
				"oauth2.pkce.providers.machine.authorization-grant-type=client_credentials",
				"oauth2.pkce.providers.machine.issuer-uri=" + this.server.issuer());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void interceptorAcquiresOneTokenForAllCallers() {
		this.runner.run((context) -> {
			RestClient client = restClient(context);
			for (int round = 1; round <= 5; round++) {
				expire(context);
				assertThat(together(client)).hasSize(CALLS).doesNotContainNull();
				assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(round);
			}
		});
	}

	@Test
	void reactiveFilterAcquiresOneTokenForAllCallers() {
		this.runner.run((context) -> {
			WebClient client = webClient(context);
			for (int round = 1; round <= 5; round++) {
				expire(context);
				List<String> answers = Flux.range(0, CALLS)
					.flatMap((call) -> call(client), CALLS)
					.collectList()
					.block();
				assertThat(answers).hasSize(CALLS);
				assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(round);
			}
		});
	}

	/** By Spring Security's 60 s it always is about to end, by ours it is not. */
	@Test
	void tokenThatSpringSecurityWouldReplaceIsHandedOutAgain() {
		this.server.tokens().accessTokenLifetime(Duration.ofSeconds(55));
		this.runner.run((context) -> {
			RestClient blocking = restClient(context);
			WebClient reactive = webClient(context);
			for (int call = 0; call < 5; call++) {
				assertThat(call(blocking)).isNotNull();
				assertThat(call(reactive).block()).isNotNull();
			}
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
			assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::bearer)
				.hasSize(10)
				.containsOnly(context.getBean(Credentials.class).known(MACHINE).accessToken());
		});
	}

	@Test
	void serverThatIsDownIsLeftAlone() {
		this.server.answerAlways(Endpoint.TOKEN, Answer.status(503).withHeader("Retry-After", "60"));
		this.runner.run((context) -> {
			for (int call = 0; call < 5; call++) {
				assertThat(errorCode(() -> call(restClient(context)))).isEqualTo("temporarily_unavailable");
				assertThat(errorCode(() -> call(webClient(context)).block())).isEqualTo("temporarily_unavailable");
			}
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
		});
	}

	/** No person can log a machine in, so it is not {@code invalid_grant}. */
	@Test
	void clientThatIsRefusedIsToldTheServersOwnReason() {
		this.server.answerAlways(Endpoint.TOKEN, Answer.error(401, "invalid_client", "No such client"));
		this.runner.run((context) -> {
			assertThat(errorCode(() -> call(restClient(context)))).isEqualTo("invalid_client");
			assertThat(errorCode(() -> call(webClient(context)).block())).isEqualTo("invalid_client");
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(1);
		});
	}

	@Test
	void registrationsThatAreNotOursGoToTheServer() {
		this.runner.run((context) -> {
			OAuth2ClientCredentialsGrantRequest other = request("other", "machine");
			// Its name is ours, but it is another client.
			OAuth2ClientCredentialsGrantRequest cousin = request("machine", "cousin");
			for (OAuth2ClientCredentialsGrantRequest request : List.of(other, cousin)) {
				assertThat(tokens(context).getObject().getTokenResponse(request).getAccessToken()).isNotNull();
				assertThat(reactiveTokens(context).getObject().getTokenResponse(request).block()).isNotNull();
			}
			assertThat(this.server.requests(Endpoint.TOKEN)).hasSize(4);
			assertThat(context.getBean(Credentials.class).known(MACHINE)).isNull();
		});
	}

	/** A repository of the application's own may have another client by that name. */
	@Test
	void whatAnotherClientWasGrantedIsKeptApart() {
		ClientRegistration cousin = request("machine", "cousin").getClientRegistration();
		this.runner.withBean(ClientRegistrationRepository.class, () -> (id) -> cousin).run((context) -> {
			OAuth2AuthorizedClientService clients = context.getBean(OAuth2AuthorizedClientService.class);
			Instant now = Instant.now();
			OAuth2AccessToken token = new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "cousins-token", now,
					now.plusSeconds(60));
			clients.saveAuthorizedClient(new OAuth2AuthorizedClient(cousin, "somebody", token),
					new TestingAuthenticationToken("somebody", "", "ROLE_USER"));
			assertThat(context.getBean(Credentials.class).known(MACHINE)).isNull();
			assertThat(clients.<OAuth2AuthorizedClient>loadAuthorizedClient("machine", "somebody").getAccessToken())
				.isEqualTo(token);
			context.getBean(Credentials.class).current(MACHINE, RefreshTrigger.EXPIRY).join();
			assertThat(clients.<OAuth2AuthorizedClient>loadAuthorizedClient("machine", "somebody").getAccessToken())
				.isEqualTo(token);
		});
	}

	// What the tests are made of.

	/** The token, if there is one, ends now, here and at the server. */
	private void expire(AssertableApplicationContext context) {
		Credentials credentials = context.getBean(Credentials.class);
		Credential known = credentials.known(MACHINE);
		if (known != null) {
			this.server.invalidateAccessToken(known.accessToken());
			credentials.loggedIn(MACHINE, this.server.uri(Endpoint.TOKEN),
					new TokenResponse(known.accessToken(), Duration.ZERO, null, null, known.scopes()));
		}
	}

	private OAuth2ClientCredentialsGrantRequest request(String registrationId, String clientId) {
		return new OAuth2ClientCredentialsGrantRequest(ClientRegistration.withRegistrationId(registrationId)
			.clientId(clientId)
			.clientSecret(clientId + "-secret")
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.tokenUri(this.server.uri(Endpoint.TOKEN).toString())
			.build());
	}

	private String call(RestClient client) {
		return client.get()
			.uri(this.server.uri(Endpoint.API))
			.attributes(RequestAttributeClientRegistrationIdResolver.clientRegistrationId("machine"))
			.retrieve()
			.body(String.class);
	}

	private Mono<String> call(WebClient client) {
		return client.get().uri(this.server.uri(Endpoint.API)).retrieve().bodyToMono(String.class);
	}

	private List<String> together(RestClient client) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(CALLS);
		try {
			Callable<String> call = () -> call(client);
			List<String> results = new ArrayList<>();
			for (Future<String> future : threads.invokeAll(Collections.nCopies(CALLS, call))) {
				results.add(future.get(30, TimeUnit.SECONDS));
			}
			return results;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static String errorCode(Runnable call) {
		List<String> codes = new ArrayList<>();
		assertThatExceptionOfType(ClientAuthorizationException.class).isThrownBy(call::run)
			.satisfies((ex) -> codes.add(ex.getError().getErrorCode()));
		return codes.get(0);
	}

	/** As Spring Security configures it in web applications. */
	private static RestClient restClient(AssertableApplicationContext context) {
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				context.getBean(ClientRegistrationRepository.class),
				context.getBean(OAuth2AuthorizedClientService.class));
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.clientCredentials((grant) -> tokens(context).ifAvailable(grant::accessTokenResponseClient))
			.build());
		return RestClient.builder().requestInterceptor(new OAuth2ClientHttpRequestInterceptor(manager)).build();
	}

	private static WebClient webClient(AssertableApplicationContext context) {
		AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager(
				context.getBean(ReactiveClientRegistrationRepository.class),
				context.getBean(ReactiveOAuth2AuthorizedClientService.class));
		manager.setAuthorizedClientProvider(ReactiveOAuth2AuthorizedClientProviderBuilder.builder()
			.clientCredentials((grant) -> reactiveTokens(context).ifAvailable(grant::accessTokenResponseClient))
			.build());
		ServerOAuth2AuthorizedClientExchangeFilterFunction filter = new ServerOAuth2AuthorizedClientExchangeFilterFunction(
				manager);
		filter.setDefaultClientRegistrationId("machine");
		return WebClient.builder().filter(filter).build();
	}

	private static ObjectProvider<OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest>> tokens(
			AssertableApplicationContext context) {
		return context.getBeanProvider(ResolvableType.forClassWithGenerics(OAuth2AccessTokenResponseClient.class,
				OAuth2ClientCredentialsGrantRequest.class));
	}

	private static ObjectProvider<ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest>> reactiveTokens(
			AssertableApplicationContext context) {
		return context.getBeanProvider(ResolvableType.forClassWithGenerics(
				ReactiveOAuth2AccessTokenResponseClient.class, OAuth2ClientCredentialsGrantRequest.class));
	}

}
