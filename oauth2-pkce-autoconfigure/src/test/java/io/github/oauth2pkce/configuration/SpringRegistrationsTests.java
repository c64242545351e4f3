package io.github.oauth2pkce.configuration;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceClientRegistrationAutoConfiguration;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ProviderDetails;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The providers that Spring Security knows by name are what they are to Boot. */
@Timeout(60)
class SpringRegistrationsTests {

	private static final String B = "spring.security.oauth2.client.registration.";

	private static final String BP = "spring.security.oauth2.client.provider.";

	private static final String A = "oauth2.pkce.providers.";

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(PkceAutoConfiguration.class, PkceClientRegistrationAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never");

	@ParameterizedTest
	@CsvSource({ "okta, okta", "work, okta" })
	void oktaHasNoEndpointsOfItsOwn(String id, String provider) {
		this.context
			.withPropertyValues(B + id + ".client-id=app", B + id + ".provider=" + provider,
					BP + "okta.issuer-uri=https://example.okta.com/oauth2/default")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Providers.class).get(id).issuerUri())
					.isEqualTo("https://example.okta.com/oauth2/default");
			});
	}

	@Test
	void oktaWithEndpointsHasTheRestFromSpring() {
		this.context
			.withPropertyValues(B + "okta.client-id=app", BP + "okta.authorization-uri=https://example.okta.com/auth",
					BP + "okta.token-uri=https://example.okta.com/token")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Provider provider = context.getBean(Providers.class).get("okta");
				assertThat(provider.endpoints().token()).hasToString("https://example.okta.com/token");
				assertThat(provider.request().scopes()).containsExactlyInAnyOrder("openid", "profile", "email");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { BP + "google.issuer-uri", A + "google.issuer-uri" })
	void anIssuerBeatsWhatIsBuiltIn(String property) {
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start()) {
			server.discovery().document().put("userinfo_endpoint", server.uri("/userinfo").toString());
			this.context
				.withPropertyValues(B + "google.client-id=app", B + "google.client-secret=top-secret",
						B + "google.scope=openid", property + "=" + server.issuer())
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Provider provider = context.getBean(Providers.class).get("google");
					assertThat(provider.issuerUri()).isEqualTo(server.issuer());
					assertThat(provider.endpoints().authorization()).isNull();
					assertThat(provider.endpoints().token()).isNull();
					ClientRegistration registration = Objects.requireNonNull(
							context.getBean(ClientRegistrationRepository.class).findByRegistrationId("google"));
					ProviderDetails details = registration.getProviderDetails();
					assertThat(details.getAuthorizationUri()).startsWith(server.issuer());
					assertThat(details.getTokenUri()).startsWith(server.issuer());
					assertThat(details.getJwkSetUri()).startsWith(server.issuer());
					assertThat(details.getUserInfoEndpoint().getUri()).startsWith(server.issuer());
				});
		}
	}

	@Test
	void anEndpointOfOursBeatsWhatIsBuiltIn() {
		this.context
			.withPropertyValues(B + "google.client-id=app", A + "google.token-uri=https://proxy.example.com/token")
			.run((context) -> {
				Provider provider = context.getBean(Providers.class).get("google");
				assertThat(provider.endpoints().token()).hasToString("https://proxy.example.com/token");
				assertThat(provider.endpoints().authorization()).asString().startsWith("https://accounts.google.com");
			});
	}

	static Stream<AbstractApplicationContextRunner<?, ?, ?>> webTypes() {
		return Stream.of(new ApplicationContextRunner(), new WebApplicationContextRunner(),
				new ReactiveWebApplicationContextRunner());
	}

	/**
	 * Boot's own auto-configurations are there: from 4.1.2 on they validate B themselves.
	 */
	private static AbstractApplicationContextRunner<?, ?, ?> withBoot(AbstractApplicationContextRunner<?, ?, ?> runner,
			String... properties) {
		return runner
			.withConfiguration(
					AutoConfigurations.of(PkceAutoConfiguration.class, PkceClientRegistrationAutoConfiguration.class,
							OAuth2ClientAutoConfiguration.class, ReactiveOAuth2ClientAutoConfiguration.class))
			.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never")
			.withPropertyValues(properties);
	}

	@ParameterizedTest
	@MethodSource("webTypes")
	void aClientIdOfOursIsEnough(AbstractApplicationContextRunner<?, ?, ?> runner) {
		withBoot(runner, A + "my-idp.client-id=our-app", A + "my-idp.issuer-uri=https://login.example.com",
				B + "my-idp.scope=one,two")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Provider provider = context.getBean(Providers.class).get("my-idp");
				assertThat(provider.client().id()).isEqualTo("our-app");
				assertThat(provider.request().scopes()).containsExactly("one", "two");
			});
	}

	@ParameterizedTest
	@MethodSource("webTypes")
	void aClientIdOfOursIsEnoughHoweverItsIdIsSpelled(AbstractApplicationContextRunner<?, ?, ?> runner) {
		withBoot(runner, A + "my-idp.client-id=our-app", A + "my-idp.issuer-uri=https://login.example.com")
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_MYIDP_SCOPE", "one,two"))))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Providers.class).get("my-idp").request().scopes()).containsExactly("one",
						"two");
			});
	}

	@ParameterizedTest
	@MethodSource("webTypes")
	void aClientIdThatIsMissingInBothShapesIsOurSentence(AbstractApplicationContextRunner<?, ?, ?> runner) {
		withBoot(runner, B + "my-idp.scope=one", BP + "my-idp.issuer-uri=https://login.example.com")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPropertyException.class)
				.hasMessageContaining(B + "my-idp.client-id is missing"));
	}

	@ParameterizedTest
	@MethodSource("webTypes")
	void aRepositoryOfTheApplicationsOwnNeedsNoMoreInB(AbstractApplicationContextRunner<?, ?, ?> runner) {
		withBoot(runner, A + "my-idp.client-id=our-app", A + "my-idp.issuer-uri=https://login.example.com",
				B + "my-idp.scope=one,two")
			.withBean(ClientRegistrationRepository.class, () -> (id) -> null)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "openid email", "openid, email", "openid email,openid" })
	void scopesInOneStringAreSeveral(String scope) {
		this.context.withPropertyValues(B + "google.client-id=app", B + "google.scope=" + scope)
			.run((context) -> assertThat(context.getBean(Providers.class).get("google").request().scopes())
				.containsExactlyInAnyOrder("openid", "email"));
	}

	@ParameterizedTest
	@CsvSource({ BP + "my-idp.issuer-uri, my-idp", BP + "work.issuer-uri, work", A + "my-idp.issuer-uri, work" })
	void messagesNameTheIssuerAsItWasConfigured(String property, String provider) {
		this.context
			.withPropertyValues(B + "my-idp.client-id=app", B + "my-idp.provider=" + provider,
					BP + provider + ".user-name-attribute=sub", property + "=http://127.0.0.1:1")
			.run((context) -> assertThatExceptionOfType(DiscoveryException.class)
				.isThrownBy(() -> context.getBean(ClientRegistrationRepository.class).findByRegistrationId("my-idp"))
				.withMessageContaining("(" + property + ")"));
	}

	/** Django's OAuth Toolkit has its metadata behind a redirect. */
	@ParameterizedTest
	@ValueSource(strings = { A, B })
	void keysThatAreConfiguredNeedNoMetadata(String shape) {
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start()) {
			server.answerAlways(Endpoint.DISCOVERY, Answer.status(301));
			ApplicationContextRunner typedIn = this.context.withPropertyValues(shape + "my-idp.client-id=app",
					shape + "my-idp.scope=openid", shape + "my-idp.authorization-grant-type=authorization_code",
					A + "my-idp.issuer-uri=" + server.issuer(),
					A + "my-idp.authorization-uri=" + server.uri("/authorize"),
					A + "my-idp.token-uri=" + server.uri("/token"));
			typedIn.withPropertyValues(BP + "my-idp.jwk-set-uri=" + server.uri("/keys")).run((context) -> {
				ClientRegistration registration = Objects
					.requireNonNull(context.getBean(ClientRegistrationRepository.class).findByRegistrationId("my-idp"));
				assertThat(registration.getProviderDetails().getJwkSetUri()).isEqualTo(server.uri("/keys").toString());
				assertThat(server.requests()).isEmpty();
			});
			typedIn.run((context) -> assertThatExceptionOfType(DiscoveryException.class)
				.isThrownBy(() -> context.getBean(ClientRegistrationRepository.class).findByRegistrationId("my-idp"))
				.withMessageContaining("answered 301")
				.withMessageContaining("set " + BP + "my-idp.jwk-set-uri"));
		}
	}

	@ParameterizedTest
	@CsvSource({ "facebook, client_secret_post", "x, client_secret_post", "github, client_secret_basic" })
	void clientsAuthenticateAsTheirProviderWants(String id, String method) {
		this.context.withPropertyValues(B + id + ".client-id=app", B + id + ".client-secret=top-secret")
			.run((context) -> assertThat(
					context.getBean(Providers.class).get(id).client().authenticationMethod().getValue())
				.isEqualTo(method));
	}

	@ParameterizedTest
	@ValueSource(strings = { B, A })
	void aConfiguredClientAuthenticationBeatsWhatIsBuiltIn(String prefix) {
		this.context
			.withPropertyValues(B + "facebook.client-id=app", B + "facebook.client-secret=top-secret",
					prefix + "facebook.client-authentication-method=client_secret_basic")
			.run((context) -> assertThat(
					context.getBean(Providers.class).get("facebook").client().authenticationMethod().getValue())
				.isEqualTo("client_secret_basic"));
	}

	@Test
	void aPublicClientOfFacebookHasNoSecretToSend() {
		this.context.withPropertyValues(B + "facebook.client-id=app")
			.run((context) -> assertThat(
					context.getBean(Providers.class).get("facebook").client().authenticationMethod().getValue())
				.isEqualTo("none"));
	}

}
