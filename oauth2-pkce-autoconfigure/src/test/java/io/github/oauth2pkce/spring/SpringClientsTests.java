package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.autoconfigure.PkceAuthorizedClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceClientRegistrationAutoConfiguration;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.RefreshTokenRotation;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ResolvableType;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServerOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.client.web.server.AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Spring Security's own managers, filters and interceptors with our beans, against a
 * server that ends a login whose refresh token is used twice.
 */
@Timeout(60)
class SpringClientsTests {

	private static final int CALLS = 20;

	private static final CredentialId APPLICATION = CredentialId.ofApplication("demo");

	private static final CredentialId ALICE = new CredentialId("demo", "alice");

	private static final String NOBODY = "anonymousUser";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final TokenStore store = new MemoryTokenStore();

	private final Provider provider = TestProviders.device(this.server).build();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class,
				PkceClientRegistrationAutoConfiguration.class, PkceAuthorizedClientAutoConfiguration.class))
		.withBean(TokenStore.class, () -> this.store)
		// A start that is late would refresh what a test has just made expire.
		.withPropertyValues("oauth2.pkce.login.on-startup=never", "oauth2.pkce.startup.refresh=false",
				"oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.issuer-uri=" + this.server.issuer());

	SpringClientsTests() {
		this.server.tokens().rotation(RefreshTokenRotation.ONE_TIME_REUSE_ENDS_LOGIN);
	}

	@AfterEach
	void stop() {
		SecurityContextHolder.clearContext();
		this.server.close();
	}

	/** Must be shown 12. */
	@Test
	void reactiveFilterRefreshesOnceForAllCallers() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			WebClient client = webClient(context);
			// Rounds, because only a late reader of an earlier one spends a token twice.
			for (int round = 1; round <= 5; round++) {
				expire(APPLICATION, context);
				List<String> answers = Flux.range(0, CALLS)
					.flatMap((call) -> client.get()
						.uri(this.server.uri(Endpoint.API))
						.retrieve()
						.bodyToMono(String.class), CALLS)
					.collectList()
					.block();
				assertThat(answers).hasSize(CALLS);
				assertThat(this.server.refreshRequests()).isEqualTo(round);
			}
			assertLoginLasts(APPLICATION, context);
		});
	}

	/** Must be shown 12, for threads. */
	@Test
	void interceptorRefreshesOnceForAllCallers() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			RestClient client = restClient(context);
			for (int round = 1; round <= 5; round++) {
				expire(APPLICATION, context);
				List<String> answers = together(() -> call(client));
				assertThat(answers).hasSize(CALLS).doesNotContainNull();
				assertThat(this.server.refreshRequests()).isEqualTo(round);
			}
			assertLoginLasts(APPLICATION, context);
		});
	}

	@Test
	void lateReaderOfASpentRefreshTokenGetsItsSuccessor() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			expire(APPLICATION, context);
			OAuth2AuthorizedClient old = load(context, NOBODY);
			OAuth2RefreshTokenGrantRequest request = request(old);
			String token = tokens(context).getTokenResponse(request).getAccessToken().getTokenValue();
			assertThat(tokens(context).getTokenResponse(request).getAccessToken().getTokenValue()).isEqualTo(token);
			assertThat(this.server.refreshRequests()).isEqualTo(1);
			// And saving what it had does not bring the spent token back.
			clients(context).saveAuthorizedClient(old, anonymous());
			assertThat(load(context, NOBODY).getAccessToken().getTokenValue()).isEqualTo(token);
		});
	}

	@Test
	void serverThatIsDownCostsNoLogin() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			expire(APPLICATION, context);
			this.server.answerAlways(Endpoint.TOKEN, Answer.status(503));
			assertThatExceptionOfType(ClientAuthorizationException.class).isThrownBy(() -> call(restClient(context)))
				.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("temporarily_unavailable"));
			assertThat(stored(APPLICATION).isRefreshTokenRejected()).isFalse();
			assertThat(load(context, NOBODY)).isNotNull();
		});
	}

	@Test
	void rejectedLoginIsNotFoundAndRemembered() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			expire(APPLICATION, context);
			this.server.endSessions();
			assertThatExceptionOfType(ClientAuthorizationException.class).isThrownBy(() -> call(restClient(context)))
				.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_grant"));
			assertThat(clients(context).<OAuth2AuthorizedClient>loadAuthorizedClient("demo", NOBODY)).isNull();
			assertThat(stored(APPLICATION).isRefreshTokenRejected()).isTrue();
			assertThat(context.getBean(Credentials.class).status(APPLICATION).state())
				.isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
			assertThat(this.server.refreshRequests()).isEqualTo(1);
		});
	}

	@Test
	void rejectedAccessTokenIsRefreshedAndTheLoginKept() {
		login(APPLICATION, Duration.ofMinutes(5));
		this.server.invalidateAccessTokens();
		run((context) -> {
			RestClient client = restClient(context);
			assertThatExceptionOfType(HttpClientErrorException.Unauthorized.class).isThrownBy(() -> call(client));
			this.server.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(10));
			// Saved first, then used.
			Awaitility.await()
				.until(() -> context.getBean(Credentials.class).status(APPLICATION).lastRefreshAt() != null);
			assertThat(call(client)).isNotNull();
			assertLoginLasts(APPLICATION, context);
		});
	}

	@Test
	void removeEndsOnlyAPersonsOwnLoginThatCannotBeRefreshed() {
		keep(ALICE, "alice-secret-token", null, Instant.now().minusSeconds(120), null);
		keep(APPLICATION, "application-secret-token", null, Instant.now().minusSeconds(120), null);
		keep(new CredentialId("demo", "bob"), "bob-secret-token", null, Instant.now(), null);
		run((context) -> {
			for (String name : List.of("alice", "bob", NOBODY)) {
				clients(context).removeAuthorizedClient("demo", name);
			}
			assertThat(this.store.load(ALICE)).isNull();
			assertThat(this.store.load(new CredentialId("demo", "bob"))).isNotNull();
			assertThat(this.store.load(APPLICATION)).isNotNull();
		});
	}

	@Test
	void everybodyHasTheirOwnLogin() {
		login(APPLICATION, Duration.ofMinutes(5));
		run((context) -> {
			assertThat(load(context, NOBODY).getPrincipalName()).isEqualTo(NOBODY);
			assertThat(clients(context).<OAuth2AuthorizedClient>loadAuthorizedClient("demo", "alice")).isNull();
			save(context, "alice", signedIn("alice"));
			assertThat(load(context, "alice").getAccessToken().getTokenValue()).isEqualTo("new-alice");
			assertThat(stored(ALICE).refreshToken()).isEqualTo("refresh-alice");
			// Whoever is called so is not the application.
			Credential before = stored(APPLICATION);
			save(context, "application", signedIn("application"));
			save(context, NOBODY, signedIn(NOBODY));
			assertThat(stored(APPLICATION)).isEqualTo(before);
		});
	}

	@Test
	void newLoginIsKeptThoughTheServerGivesOutItsAccessTokenAgain() {
		run((context) -> {
			logIn(context, "alice", "cached", "refresh-1");
			assertThat(load(context, "alice")).isNotNull();
			logIn(context, "alice", "cached", "refresh-2");
			assertThat(stored(ALICE).refreshToken()).isEqualTo("refresh-2");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "refresh-1", "refresh-2" })
	void newLoginAfterALogoutIsKeptThoughItsTokensAreKnown(String refreshToken) {
		run((context) -> {
			logIn(context, "alice", "cached", "refresh-1");
			assertThat(load(context, "alice")).isNotNull();
			context.getBean(Logout.class).forget(ALICE);
			logIn(context, "alice", "cached", refreshToken);
			assertThat(stored(ALICE).refreshToken()).isEqualTo(refreshToken);
		});
	}

	@Test
	void lateSaveDoesNotUndoALogout() {
		login(ALICE, Duration.ofMinutes(5));
		run((context) -> {
			OAuth2AuthorizedClient old = load(context, "alice");
			context.getBean(Logout.class).forget(ALICE);
			clients(context).saveAuthorizedClient(old, signedIn("alice"));
			assertThat(this.store.load(ALICE)).isNull();
		});
	}

	/** A server that sees a spent refresh token ends the login. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void spentRefreshTokenIsKnownAgainAmongAHundredThousandUsers(boolean copied) {
		login(ALICE, Duration.ofMinutes(5));
		run((context) -> {
			OAuth2AuthorizedClient old = load(context, "alice");
			expire(ALICE, context);
			tokens(context).getTokenResponse(request(load(context, "alice")));
			for (int i = 0; i < 100_000; i++) {
				CredentialId user = new CredentialId("demo", "user-" + i);
				keep(user, "access-" + i, "refresh-" + i, Instant.now(), Instant.now().plusSeconds(300));
				load(context, user.principalName());
			}
			OAuth2AuthorizedClient late = copied ? client(old.getClientRegistration(), "alice",
					old.getAccessToken().getTokenValue(), old.getRefreshToken().getTokenValue()) : old;
			assertThat(tokens(context).getTokenResponse(request(late)).getAccessToken().getTokenValue())
				.isEqualTo(stored(ALICE).accessToken());
			assertThat(this.server.refreshRequests()).isEqualTo(1);
		});
	}

	/** No header can hold it, and some clients would print it in an exception. */
	@Test
	void accessTokenThatNoHeaderCanHoldIsAsGoodAsNone() {
		run((context) -> {
			logIn(context, "alice", "secret-token\r\nX-Injected: 1", null);
			assertThat(stored(ALICE).accessToken()).isEmpty();
			assertThat(context.getBean(Credentials.class).current(ALICE, RefreshTrigger.EXPIRY).join())
				.isInstanceOf(BearerToken.Skipped.class);
			assertThat(context.getBean(Credentials.class).status(ALICE).state())
				.isEqualTo(AuthorizationState.REAUTHENTICATION_REQUIRED);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "application", NOBODY })
	void whoeverIsCalledSoDoesNotGetTheApplicationsTokens(String name) {
		login(APPLICATION, Duration.ofMinutes(5));
		Authentication person = signedIn(name);
		run((context) -> {
			ReactiveOAuth2AuthorizedClientService reactive = context
				.getBean(ReactiveOAuth2AuthorizedClientService.class);
			assertThat(load(context, NOBODY)).isNotNull();
			// By the repositories, on any thread: they ask for people only.
			assertThat(new AuthenticatedPrincipalOAuth2AuthorizedClientRepository(clients(context))
				.<OAuth2AuthorizedClient>loadAuthorizedClient("demo", person, new MockHttpServletRequest())).isNull();
			assertThat(new AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository(reactive)
				.loadAuthorizedClient("demo", person,
						MockServerWebExchange.from(MockServerHttpRequest.get("/").build()))
				.block()).isNull();
			// By the services, managers and filters of a signed-in person's thread or
			// chain.
			assertThat(reactive.loadAuthorizedClient("demo", name)
				.contextWrite(ReactiveSecurityContextHolder.withAuthentication(person))
				.block()).isNull();
			assertThatExceptionOfType(WebClientResponseException.Unauthorized.class)
				.isThrownBy(() -> webClient(context).get()
					.uri(this.server.uri(Endpoint.API))
					.retrieve()
					.bodyToMono(String.class)
					.contextWrite(ReactiveSecurityContextHolder.withAuthentication(person))
					.block());
			SecurityContextHolder.getContext().setAuthentication(person);
			assertThat(clients(context).<OAuth2AuthorizedClient>loadAuthorizedClient("demo", name)).isNull();
			assertThatExceptionOfType(HttpClientErrorException.Unauthorized.class)
				.isThrownBy(() -> call(restClient(context)));
			assertThat(this.server.requests(Endpoint.API)).extracting(RecordedRequest::authorization)
				.containsOnlyNulls();
			clients(context).removeAuthorizedClient("demo", name);
			SecurityContextHolder.clearContext();
			assertThat(load(context, NOBODY)).isNotNull();
			assertThat(this.server.refreshRequests()).isZero();
		});
	}

	@Test
	void nobodyHasNoLoginWhereLoginsBelongToUsers() {
		login(APPLICATION, Duration.ofMinutes(5));
		this.runner.withPropertyValues("oauth2.pkce.providers.demo.principal=current-user").run((context) -> {
			assertThat(clients(context).<OAuth2AuthorizedClient>loadAuthorizedClient("demo", NOBODY)).isNull();
			save(context, NOBODY, anonymous());
			assertThat(this.store.load(new CredentialId("demo", NOBODY))).isNull();
			save(context, "alice", signedIn("alice"));
			assertThat(load(context, "alice")).isNotNull();
		});
	}

	@Test
	void loginByOpenIdConnectKeepsItsIdToken() {
		OidcIdToken idToken = new OidcIdToken("id.token.value", Instant.now(), Instant.now().plusSeconds(60),
				Map.of("sub", "alice"));
		run((context) -> {
			save(context, "alice",
					new OAuth2AuthenticationToken(new DefaultOidcUser(List.of(), idToken), List.of(), "demo"));
			assertThat(stored(ALICE).assertion()).isEqualTo("id.token.value");
			save(context, "bob",
					new OAuth2AuthenticationToken(new DefaultOidcUser(List.of(), idToken), List.of(), "other"));
			assertThat(this.store.load(new CredentialId("demo", "alice")).assertion()).isNull();
		});
	}

	@Test
	void unknownExpiryIsNoExpiry() {
		keep(APPLICATION, "access-secret-token", "refresh-secret-token", Instant.now().minusSeconds(3600), null);
		run((context) -> {
			assertThat(load(context, NOBODY).getAccessToken().getExpiresAt()).isNull();
			// What Spring Security makes of an answer without expires_in.
			Instant now = Instant.now();
			ClientRegistration registration = load(context, NOBODY).getClientRegistration();
			clients(context).saveAuthorizedClient(
					new OAuth2AuthorizedClient(registration, "alice",
							new OAuth2AccessToken(TokenType.BEARER, "short", now, now.plusSeconds(1)), null),
					signedIn("alice"));
			assertThat(stored(ALICE).expiresAt()).isNull();
		});
	}

	@Test
	void loginOfAnotherClientIsNotFound() {
		this.store.save(new Credential(APPLICATION, new Origin(null, "https://other.example/token", "other"), "a-token",
				"r-token", Set.of(), Instant.now(), null, null, null, null, null, 1), Credential.NONE);
		run((context) -> assertThat(clients(context).<OAuth2AuthorizedClient>loadAuthorizedClient("demo", NOBODY))
			.isNull());
	}

	@Test
	void refreshTokenOfSomebodyElseGoesToTheServer() {
		TokenResponse foreign = TestLogins.device(this.server, this.provider);
		run((context) -> {
			ClientRegistration registration = context.getBean(ClientRegistrationRepository.class)
				.findByRegistrationId("demo");
			OAuth2AuthorizedClient client = client(registration, "carol", foreign.accessToken(),
					foreign.refreshToken());
			assertThat(tokens(context).getTokenResponse(request(client)).getAccessToken()).isNotNull();
			assertThat(this.server.refreshRequests()).isEqualTo(1);
		});
	}

	// What the tests are made of.

	private void run(Consumer<AssertableApplicationContext> test) {
		this.runner.run(test::accept);
	}

	private void login(CredentialId id, Duration left) {
		TokenResponse response = TestLogins.device(this.server, this.provider);
		keep(id, response.accessToken(), response.refreshToken(), Instant.now().minusSeconds(300),
				Instant.now().plus(left));
	}

	private void keep(CredentialId id, String accessToken, @Nullable String refreshToken, Instant issuedAt,
			@Nullable Instant expiresAt) {
		Credential stored = this.store.load(id);
		long generation = (stored != null) ? stored.generation() : Credential.NONE;
		Origin origin = new Origin(this.server.issuer(), this.server.uri(Endpoint.TOKEN).toString(), "cli");
		assertThat(
				this.store.save(
						new Credential(id, origin, accessToken, refreshToken, Set.of("openid"), issuedAt, expiresAt,
								null, null, null, null, Math.max(generation + 1, System.currentTimeMillis())),
						generation))
			.isTrue();
	}

	/** The token ends now, here and at the server. */
	private void expire(CredentialId id, AssertableApplicationContext context) {
		Credential stored = stored(id);
		this.server.invalidateAccessToken(stored.accessToken());
		context.getBean(Credentials.class)
			.loggedIn(id, this.server.uri(Endpoint.TOKEN), new TokenResponse(stored.accessToken(),
					Duration.ofSeconds(-1), stored.refreshToken(), null, stored.scopes()));
	}

	private Credential stored(CredentialId id) {
		Credential stored = this.store.load(id);
		assertThat(stored).isNotNull();
		return stored;
	}

	private void assertLoginLasts(CredentialId id, AssertableApplicationContext context) {
		assertThat(this.server.refreshRequests()).isEqualTo(this.server.refreshesGranted());
		assertThat(stored(id).isRefreshTokenRejected()).isFalse();
		int before = this.server.refreshesGranted();
		expire(id, context);
		assertThat(call(restClient(context))).isNotNull();
		assertThat(this.server.refreshesGranted()).isEqualTo(before + 1);
	}

	private String call(RestClient client) {
		return client.get()
			.uri(this.server.uri(Endpoint.API))
			.attributes(RequestAttributeClientRegistrationIdResolver.clientRegistrationId("demo"))
			.retrieve()
			.body(String.class);
	}

	private static <T> List<T> together(Callable<T> call) {
		ExecutorService threads = Executors.newFixedThreadPool(CALLS);
		try {
			List<T> results = new ArrayList<>();
			for (Future<T> future : threads.invokeAll(Collections.nCopies(CALLS, call))) {
				results.add(future.get(30, TimeUnit.SECONDS));
			}
			return results;
		}
		catch (Exception ex) {
			throw new AssertionError("A call failed", ex);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static RestClient restClient(AssertableApplicationContext context) {
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				context.getBean(ClientRegistrationRepository.class), clients(context));
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.refreshToken((refresh) -> refresh.accessTokenResponseClient(tokens(context)))
			.build());
		OAuth2ClientHttpRequestInterceptor interceptor = new OAuth2ClientHttpRequestInterceptor(manager);
		interceptor.setAuthorizationFailureHandler(
				OAuth2ClientHttpRequestInterceptor.authorizationFailureHandler(clients(context)));
		return RestClient.builder().requestInterceptor(interceptor).build();
	}

	@SuppressWarnings("unchecked")
	private static WebClient webClient(AssertableApplicationContext context) {
		AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager(
				context.getBean(ReactiveClientRegistrationRepository.class),
				context.getBean(ReactiveOAuth2AuthorizedClientService.class));
		ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> tokens = (ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest>) context
			.getBeanProvider(ResolvableType.forClassWithGenerics(ReactiveOAuth2AccessTokenResponseClient.class,
					OAuth2RefreshTokenGrantRequest.class))
			.getObject();
		manager.setAuthorizedClientProvider(ReactiveOAuth2AuthorizedClientProviderBuilder.builder()
			.refreshToken((refresh) -> refresh.accessTokenResponseClient(tokens))
			.build());
		ServerOAuth2AuthorizedClientExchangeFilterFunction filter = new ServerOAuth2AuthorizedClientExchangeFilterFunction(
				manager);
		filter.setDefaultClientRegistrationId("demo");
		return WebClient.builder().filter(filter).build();
	}

	private static OAuth2AuthorizedClientService clients(AssertableApplicationContext context) {
		return context.getBean(OAuth2AuthorizedClientService.class);
	}

	@SuppressWarnings("unchecked")
	private static OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> tokens(
			AssertableApplicationContext context) {
		return (OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest>) context
			.getBeanProvider(ResolvableType.forClassWithGenerics(OAuth2AccessTokenResponseClient.class,
					OAuth2RefreshTokenGrantRequest.class))
			.getObject();
	}

	private static OAuth2AuthorizedClient load(AssertableApplicationContext context, String name) {
		OAuth2AuthorizedClient client = clients(context).loadAuthorizedClient("demo", name);
		assertThat(client).isNotNull();
		return client;
	}

	private static OAuth2RefreshTokenGrantRequest request(OAuth2AuthorizedClient client) {
		return new OAuth2RefreshTokenGrantRequest(client.getClientRegistration(), client.getAccessToken(),
				client.getRefreshToken());
	}

	private static void save(AssertableApplicationContext context, String name, Authentication principal) {
		ClientRegistration registration = context.getBean(ClientRegistrationRepository.class)
			.findByRegistrationId("demo");
		clients(context).saveAuthorizedClient(client(registration, name, "new-" + name, "refresh-" + name), principal);
	}

	private static OAuth2AuthorizedClient client(ClientRegistration registration, String name, String accessToken,
			@Nullable String refreshToken) {
		Instant now = Instant.now();
		return new OAuth2AuthorizedClient(registration, name,
				new OAuth2AccessToken(TokenType.BEARER, accessToken, now, now.plusSeconds(300)),
				(refreshToken != null) ? new OAuth2RefreshToken(refreshToken, now) : null);
	}

	/** What Spring Security's filters make of a token answer. */
	private static void logIn(AssertableApplicationContext context, String name, String accessToken,
			@Nullable String refreshToken) {
		ClientRegistration registration = context.getBean(ClientRegistrationRepository.class)
			.findByRegistrationId("demo");
		clients(context).saveAuthorizedClient(client(registration, name, accessToken, refreshToken), signedIn(name));
	}

	private static Authentication signedIn(String name) {
		return new TestingAuthenticationToken(name, "", "ROLE_USER");
	}

	private static Authentication anonymous() {
		return new AnonymousAuthenticationToken("key", NOBODY, AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));
	}

}
