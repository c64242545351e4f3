package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderProperties;
import io.github.oauth2pkce.configuration.SpringRegistrations;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.observability.OAuth2ProvidersEndpoint;
import io.github.oauth2pkce.observability.PkceMeters;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.runtime.Startup;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static org.assertj.core.api.Assertions.assertThat;

/** Which beans there are, in which application, and where each property goes. */
@Timeout(60)
class PkceAutoConfigurationTests {

	private static final AutoConfigurations ALL = AutoConfigurations.of(PkceAutoConfiguration.class,
			PkceClientRegistrationAutoConfiguration.class, PkceEndpointAutoConfiguration.class,
			PkceHealthAutoConfiguration.class, PkceMetricsAutoConfiguration.class, PkceWebClientAutoConfiguration.class,
			WebClientAutoConfiguration.class);

	private static final String[] ACME = { "oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
			"oauth2.pkce.providers.acme.client-id=app",
			"oauth2.pkce.providers.acme.issuer-uri=https://login.example.com",
			"management.endpoints.web.exposure.include=*" };

	private static final String A = "oauth2.pkce.providers.acme.";

	private static final String B = "spring.security.oauth2.client.registration.acme.";

	private static final String BP = "spring.security.oauth2.client.provider.acme.";

	private final ApplicationContextRunner context = new ApplicationContextRunner().withConfiguration(ALL)
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				"management.endpoints.web.exposure.include=*");

	static Stream<AbstractApplicationContextRunner<?, ?, ?>> webTypes() {
		return Stream.of(new ApplicationContextRunner(), new WebApplicationContextRunner(),
				new ReactiveWebApplicationContextRunner());
	}

	@ParameterizedTest
	@MethodSource("webTypes")
	void allWebTypesGetTheSameBeans(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withConfiguration(ALL)
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withPropertyValues(ACME)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				for (Class<?> type : List.of(Providers.class, TokenStore.class, BearerTokenSource.class,
						UserCodePrompt.class, BearerTokenFilter.class, WebClientCustomizer.class,
						ClientRegistrationRepository.class, ReactiveClientRegistrationRepository.class,
						OAuth2ProvidersEndpoint.class, PkceMeters.class, Startup.class)) {
					assertThat(context.getBeanNamesForType(type)).as(type.getSimpleName()).hasSize(1);
				}
				assertThat(context.containsBean("oauth2PkceHealthContributor")).isTrue();
			});
	}

	/** What {@code ClockJumpTests} shows holds only with such a clock. */
	@Test
	void discoveryHasAClockThatNobodyCanSet() {
		this.context.withPropertyValues(ACME)
			.run((context) -> assertThat(context.getBean(Discovery.class)).extracting("clock")
				.isInstanceOf(SteadyClock.class));
	}

	@Test
	void backsOffForTheUsersBeans() {
		TokenStore store = new MemoryTokenStore();
		UserCodePrompt prompt = (userCode) -> {
		};
		BearerTokenSource source = (providerId) -> Mono.empty();
		BearerTokenFilter filter = new BearerTokenFilter(new BearerPolicies(List.of()), source, BearerListener.NONE);
		ClientRegistrationRepository registrations = (id) -> null;
		ReactiveClientRegistrationRepository reactive = (id) -> Mono.empty();
		this.context.withPropertyValues(ACME)
			.withBean(TokenStore.class, () -> store)
			.withBean(UserCodePrompt.class, () -> prompt)
			.withBean(BearerTokenSource.class, () -> source)
			.withBean(BearerTokenFilter.class, () -> filter)
			.withBean(ClientRegistrationRepository.class, () -> registrations)
			.withBean(ReactiveClientRegistrationRepository.class, () -> reactive)
			.run((context) -> {
				assertThat(context).getBean(TokenStore.class).isSameAs(store);
				assertThat(context).getBean(UserCodePrompt.class).isSameAs(prompt);
				assertThat(context).getBean(BearerTokenSource.class).isSameAs(source);
				assertThat(context).getBean(BearerTokenFilter.class).isSameAs(filter);
				assertThat(context).getBean(ClientRegistrationRepository.class).isSameAs(registrations);
				assertThat(context).getBean(ReactiveClientRegistrationRepository.class).isSameAs(reactive);
			});
	}

	@ParameterizedTest
	@ValueSource(classes = { MeterRegistry.class, Health.class, Endpoint.class, RestClientCustomizer.class,
			OAuth2ClientProperties.class })
	void startsWithoutAnOptionalClass(Class<?> missing) {
		this.context.withPropertyValues(ACME).withClassLoader(new FilteredClassLoader(missing)).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(BearerTokenFilter.class);
			assertThat(context.containsBean("oauth2PkceHealthContributor")).isEqualTo(missing != Health.class);
			assertThat(context.containsBean("oauth2ProvidersEndpoint")).isEqualTo(missing != Endpoint.class);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.security.config", "jakarta.servlet", "org.apache.catalina",
			"org.springframework.boot.webflux", "org.springframework.boot.webmvc", "org.springframework.boot.actuate",
			"org.springframework.boot.health", "io.micrometer.core", "org.springframework.boot.restclient" })
	void startsWithoutAnOptionalPackage(String missing) {
		this.context.withPropertyValues(ACME)
			.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(BearerTokenFilter.class));
	}

	@Test
	void doesNothingWhenDisabled() {
		this.context.withPropertyValues("oauth2.pkce.enabled=false", "oauth2.pkce.providers.acme.pkce=maybe")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(Providers.class)
				.doesNotHaveBean(BearerTokenFilter.class)
				.doesNotHaveBean(TokenStore.class)
				.doesNotHaveBean(ClientRegistrationRepository.class)
				.doesNotHaveBean(OAuth2ProvidersEndpoint.class)
				.doesNotHaveBean("oauth2PkceHealthContributor"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "true", "TRUE", "on", "yes", "1" })
	void isOnHoweverThatIsSaid(String value) {
		this.context.withConfiguration(AutoConfigurations.of(PkceRestClientAutoConfiguration.class))
			.withPropertyValues(ACME)
			.withPropertyValues("oauth2.pkce.enabled=" + value, "oauth2.pkce.webclient.customize=" + value,
					"oauth2.pkce.restclient.customize=" + value)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(Providers.class)
				.hasBean("oauth2PkceWebClientCustomizer")
				.hasBean("oauth2PkceRestClientCustomizer"));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "oauth2.pkce.enabled", "oauth2.pkce.webclient.customize", "oauth2.pkce.restclient.customize" })
	void isNotSwitchedOffByATypo(String property) {
		this.context.withConfiguration(AutoConfigurations.of(PkceRestClientAutoConfiguration.class))
			.withPropertyValues(ACME)
			.withPropertyValues(property + "=ture")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("Failed to bind properties under '" + property + "'")
				.rootCause()
				.hasMessageContaining("ture"));
	}

	@Test
	void touchesNothingWithoutProviders(@TempDir Path directory) {
		Path store = directory.resolve("store");
		this.context.withPropertyValues("oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + store)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean(ClientRegistrationRepository.class)
					.doesNotHaveBean(ReactiveClientRegistrationRepository.class)
					.doesNotHaveBean("oauth2PkceHealthContributor");
				assertThat(Files.exists(store)).isFalse();
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.health.oauth2-pkce.enabled", "management.health.oauth2pkce.enabled",
			"management.health.defaults.enabled" })
	void healthCanBeSwitchedOff(String property) {
		this.context.withPropertyValues(ACME)
			.withPropertyValues(property + "=false")
			.run((context) -> assertThat(context).doesNotHaveBean("oauth2PkceHealthContributor"));
	}

	@Test
	void providersHaveTheDocumentedDefaults() {
		this.context.withPropertyValues(ACME).run((context) -> {
			Provider provider = context.getBean(Providers.class).get("acme");
			assertThat(provider.grant()).isEqualTo(Grant.DEVICE_CODE);
			assertThat(provider.client().authenticationMethod()).isEqualTo(ClientAuthenticationMethod.NONE);
			assertThat(provider.login().pkce()).isTrue();
			assertThat(provider.principal()).isEqualTo(PrincipalKind.APPLICATION);
			assertThat(provider.request().scopes()).isEmpty();
			assertThat(provider.request().resources()).isEmpty();
			assertThat(provider.tokens().assumeExpiry()).isNull();
			assertThat(provider.tokens().skew()).isEqualTo(Duration.ofSeconds(30));
			assertThat(provider.tokens().rejectedErrorCodes()).containsExactlyInAnyOrder("invalid_grant",
					"interaction_required", "login_required", "consent_required");
			assertThat(provider.login().redirectUri()).hasToString("http://127.0.0.1/callback/acme");
			assertThat(provider.client().sslBundle()).isNull();
			OAuth2PkceProperties properties = context.getBean(OAuth2PkceProperties.class);
			assertThat(Objects.requireNonNull(properties.providers().get("acme")).onMissingToken())
				.isEqualTo(ProviderProperties.OnMissingToken.SKIP);
			assertThat(Objects.requireNonNull(properties.providers().get("acme")).retryUnauthorized()).isTrue();
		});
	}

	@Test
	void everyProviderPropertyReachesItsTarget() {
		this.context.withPropertyValues(A + "client-id=app", A + "client-secret=top-secret",
				A + "client-authentication-method=client_secret_post", A + "issuer-uri=https://login.example.com/a",
				A + "authorization-uri=https://login.example.com/auth",
				A + "device-authorization-uri=https://login.example.com/device",
				A + "token-uri=https://login.example.com/token", A + "revocation-uri=https://login.example.com/revoke",
				A + "authorization-grant-type=urn:ietf:params:oauth:grant-type:device_code",
				A + "scope=openid profile,email", A + "pkce=false", A + "principal=current-user",
				A + "resource=https://api.example.com,urn:other", A + "assume-expiry=1h", A + "refresh.skew=10s",
				A + "refresh.rejected-error-codes=invalid_grant,token_revoked",
				A + "accepted-token-types=BearerToken,JWT", A + "redirect-uri=http://localhost:8765/auth/callback")
			.run((context) -> {
				Provider provider = context.getBean(Providers.class).get("acme");
				assertThat(provider.client().id()).isEqualTo("app");
				assertThat(provider.client().secret()).isEqualTo("top-secret");
				assertThat(provider.client().authenticationMethod())
					.isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_POST);
				assertThat(provider.issuerUri()).isEqualTo("https://login.example.com/a");
				assertThat(provider.endpoints().toString()).contains("/auth", "/device", "/token", "/revoke");
				assertThat(provider.grant()).isEqualTo(Grant.DEVICE_CODE);
				assertThat(provider.request().scopes()).containsExactly("openid", "profile", "email");
				assertThat(provider.login().pkce()).isFalse();
				assertThat(provider.principal()).isEqualTo(PrincipalKind.CURRENT_USER);
				assertThat(provider.request().resources()).containsExactly("https://api.example.com", "urn:other");
				assertThat(provider.tokens().assumeExpiry()).isEqualTo(Duration.ofHours(1));
				assertThat(provider.tokens().skew()).isEqualTo(Duration.ofSeconds(10));
				assertThat(provider.tokens().rejectedErrorCodes()).containsExactlyInAnyOrder("invalid_grant",
						"token_revoked");
				assertThat(provider.tokens().acceptedTypes()).containsExactlyInAnyOrder("BearerToken", "JWT");
				assertThat(provider.login().redirectUri()).hasToString("http://localhost:8765/auth/callback");
			});
	}

	@ParameterizedTest
	@CsvSource({ "http://[::1]/a, 0, http://[::1]/a", "http://127.0.0.1:{port}/a, 0, http://127.0.0.1/a",
			"http://127.0.0.1:{port}/a, 8765, http://127.0.0.1:8765/a",
			"http://127.0.0.1/a, 8765, http://127.0.0.1:8765/a",
			"http://localhost:8765/a, 8765, http://localhost:8765/a", "http://localhost:8765, 0, http://localhost:8765",
			", 8765, http://127.0.0.1:8765/callback/acme" })
	void redirectUriReachesItsTarget(String redirectUri, int port, String expected) {
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "redirect-uri=" + ((redirectUri != null) ? redirectUri : ""),
					A + "redirect-port=" + port)
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").login().redirectUri())
				.hasToString(expected));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "/", "/mcp", "?tenant=a", "/mcp?tenant=a" })
	void resourceMetadataReachesItsTarget(String rest) {
		String uri = "https://api.example.com/.well-known/oauth-protected-resource" + rest;
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "resource-metadata-uri=" + uri)
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").request().resourceMetadataUri())
				.hasToString(uri));
	}

	@Test
	void additionalParametersKeepTheirNames() {
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "additional-parameters.access_type=offline",
					A + "additional-parameters.kc_idp_hint=github", A + "additional-parameters.loginHint=Alice",
					A + "additional-parameters.with-dash=1", A + "additional-parameters.dotted.name=2",
					A + "additional-parameters[in/brackets]=3",
					A + "additional-parameters.audience=https://a.test/?b=c,d")
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").request().additionalParameters())
				.containsExactlyInAnyOrderEntriesOf(
						Map.of("access_type", "offline", "kc_idp_hint", "github", "loginHint", "Alice", "with-dash",
								"1", "dotted.name", "2", "in/brackets", "3", "audience", "https://a.test/?b=c,d")));
	}

	@Test
	void aSecretAloneMeansBasicAuthentication() {
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "client-secret=top-secret")
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").client().authenticationMethod())
				.isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
	}

	@Test
	void readsSpringsShapeWithOurExtras() {
		this.context
			.withPropertyValues(B + "client-id=spring-app", B + "client-secret=top-secret", B + "scope=a,b",
					B + "authorization-grant-type=client_credentials", BP + "token-uri=https://login.example.com/token",
					A + "base-urls=https://api.example.com", A + "refresh.skew=5s")
			.run((context) -> {
				Provider provider = context.getBean(Providers.class).get("acme");
				assertThat(provider.client().id()).isEqualTo("spring-app");
				assertThat(provider.grant()).isEqualTo(Grant.CLIENT_CREDENTIALS);
				assertThat(provider.request().scopes()).containsExactly("a", "b");
				assertThat(provider.tokens().skew()).isEqualTo(Duration.ofSeconds(5));
				assertThat(provider.endpoints().token()).hasToString("https://login.example.com/token");
			});
	}

	@Test
	void oursWinsKeyByKey() {
		this.context
			.withPropertyValues(B + "client-id=spring-app", B + "client-secret=spring-secret", B + "scope=spring",
					B + "authorization-grant-type=authorization_code", BP + "issuer-uri=https://spring.example.com",
					BP + "token-uri=https://spring.example.com/token", A + "client-id=our-app",
					A + "authorization-grant-type=device_code", A + "token-uri=https://our.example.com/token")
			.run((context) -> {
				Provider provider = context.getBean(Providers.class).get("acme");
				assertThat(provider.client().id()).isEqualTo("our-app");
				assertThat(provider.client().secret()).isEqualTo("spring-secret");
				assertThat(provider.request().scopes()).containsExactly("spring");
				assertThat(provider.grant()).isEqualTo(Grant.DEVICE_CODE);
				assertThat(provider.issuerUri()).isEqualTo("https://spring.example.com");
				assertThat(provider.endpoints().token()).hasToString("https://our.example.com/token");
			});
	}

	@Test
	void springsShapeWithoutAGrantIsACodeLogin() {
		this.context.withPropertyValues(B + "client-id=app", BP + "issuer-uri=https://login.example.com")
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").grant())
				.isEqualTo(Grant.AUTHORIZATION_CODE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "google", "github" })
	void knowsTheProvidersThatSpringKnows(String id) {
		String prefix = "spring.security.oauth2.client.registration." + id + ".";
		this.context.withPropertyValues(prefix + "client-id=app", prefix + "client-secret=top-secret")
			.run((context) -> {
				Provider provider = context.getBean(Providers.class).get(id);
				assertThat(provider.endpoints().authorization()).asString()
					.startsWith("https://" + (id.equals("google") ? "accounts.google.com" : "github.com"));
				assertThat(provider.endpoints().token()).isNotNull();
				assertThat(provider.request().scopes()).isNotEmpty();
				// Without a call to anybody.
				var registration = context.getBean(ClientRegistrationRepository.class).findByRegistrationId(id);
				assertThat(registration).isNotNull();
				assertThat(Objects.requireNonNull(registration).getProviderDetails().getUserInfoEndpoint().getUri())
					.isNotBlank();
				assertThat(registration.getScopes()).isEqualTo(provider.request().scopes());
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "urn:ietf:params:oauth:grant-type:jwt-bearer",
			"urn:ietf:params:oauth:grant-type:token-exchange" })
	void leavesForeignGrantsToSpring(String grant) {
		this.context
			.withPropertyValues(B + "client-id=app", B + "authorization-grant-type=" + grant,
					BP + "token-uri=https://login.example.com/token")
			.run((context) -> {
				assertThat(context.getBean(Providers.class).isEmpty()).isTrue();
				var registration = context.getBean(ClientRegistrationRepository.class).findByRegistrationId("acme");
				assertThat(Objects.requireNonNull(registration).getAuthorizationGrantType().getValue())
					.isEqualTo(grant);
			});
	}

	@Test
	void clientOfSpringsShapeSignsByAKeyOfOurs() {
		this.context
			.withPropertyValues(B + "client-id=app", B + "client-authentication-method=private_key_jwt",
					BP + "token-uri=https://login.example.com/token",
					A + "client-assertion.key=" + KeyPairs.pkcs8(KeyPairs.generate("P-256")))
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").client().authenticationMethod())
				.isEqualTo(ClientAuthenticationMethod.PRIVATE_KEY_JWT));
	}

	@Test
	void clientOfSpringsShapeSignsByItsSecret() {
		this.context
			.withPropertyValues(B + "client-id=app", B + "client-authentication-method=client_secret_jwt",
					B + "client-secret=" + "s".repeat(32), BP + "token-uri=https://login.example.com/token")
			.run((context) -> assertThat(context.getBean(Providers.class).get("acme").client().authenticationMethod())
				.isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_JWT));
	}

	@Test
	void leavesClientsWhoseKeyOnlyTheApplicationKnowsToSpring() {
		this.context
			.withPropertyValues(B + "client-id=app", B + "client-authentication-method=private_key_jwt",
					B + "authorization-grant-type=client_credentials", BP + "token-uri=https://login.example.com/token")
			.run((context) -> {
				var registration = context.getBean(ClientRegistrationRepository.class).findByRegistrationId("acme");
				assertThat(Objects.requireNonNull(registration).getClientAuthenticationMethod())
					.isEqualTo(ClientAuthenticationMethod.PRIVATE_KEY_JWT);
			});
	}

	@Test
	void aUserWithoutANameHasNoToken() {
		this.context.withPropertyValues(ACME).withPropertyValues(A + "principal=current-user").run((context) -> {
			BearerTokenSource source = context.getBean(BearerTokenSource.class);
			BearerToken.Skipped nobody = new BearerToken.Skipped(SkipReason.NO_TOKEN,
					AuthorizationState.LOGIN_REQUIRED);
			assertThat(source.current("acme").block(Duration.ofSeconds(10))).isEqualTo(nobody);
			Authentication anonymous = new AnonymousAuthenticationToken("key", "anonymousUser",
					AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));
			assertThat(source.current("acme")
				.contextWrite(ReactiveSecurityContextHolder.withAuthentication(anonymous))
				.block(Duration.ofSeconds(10))).isEqualTo(nobody);
		});
	}

	@Test
	void eachUserHasABearerOfTheirOwn() {
		MemoryTokenStore store = new MemoryTokenStore();
		store.save(tokenOf("alice", "alices-token"), 0);
		store.save(tokenOf("bob", "bobs-token"), 0);
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "principal=current-user", A + "token-uri=https://login.example.com/token")
			.withBean(TokenStore.class, () -> store)
			.run((context) -> {
				BearerTokenSource source = context.getBean(BearerTokenSource.class);
				BearerToken reactive = source.current("acme")
					.contextWrite(ReactiveSecurityContextHolder.withAuthentication(user("alice")))
					.block(Duration.ofSeconds(10));
				assertThat(reactive).isEqualTo(BearerToken.Available.of("alices-token"));
				SecurityContextHolder.setContext(new SecurityContextImpl(user("bob")));
				try {
					assertThat(source.current("acme").block(Duration.ofSeconds(10)))
						.isEqualTo(BearerToken.Available.of("bobs-token"));
				}
				finally {
					SecurityContextHolder.clearContext();
				}
			});
	}

	private static Credential tokenOf(String user, String accessToken) {
		return TestCredentials.credential()
			.id(new CredentialId("acme", user))
			.origin(null, "https://login.example.com/token", "app")
			.accessToken(accessToken)
			.refreshToken(null)
			.unknownExpiry()
			.build();
	}

	private static Authentication user(String name) {
		return new TestingAuthenticationToken(name, "n/a", "ROLE_USER");
	}

	@Test
	void printsNoSecret() {
		String key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
		this.context.withPropertyValues(ACME)
			.withPropertyValues(A + "client-secret=top-secret", "oauth2.pkce.store.encryption-key=" + key,
					B + "client-secret=spring-secret", "oauth2.pkce.store.previous-encryption-keys=" + key)
			.run((context) -> {
				OAuth2PkceProperties properties = context.getBean(OAuth2PkceProperties.class);
				List<Object> printed = new ArrayList<>(List.of(properties, properties.store(), properties.providers(),
						context.getBean(ConfiguredProviders.class), context.getBean(Providers.class).get("acme")));
				printed.addAll(SpringRegistrations.read(context.getEnvironment(), properties.providers()).values());
				assertThat(printed).allSatisfy((value) -> assertThat(String.valueOf(value)).doesNotContain("top-secret",
						"spring-secret", key));
			});
	}

	@Test
	void bothProcessorsHaveWrittenTheirMetadata() {
		assertThat(Path.of("target/classes/META-INF/spring-configuration-metadata.json")).content()
			.contains("\"oauth2.pkce.providers\"", "\"management.endpoint.oauth2providers.access\"");
		assertThat(Path.of("target/classes/META-INF/spring-autoconfigure-metadata.properties")).content()
			.contains("PkceAutoConfiguration");
	}

}
