package io.github.oauth2pkce.spring;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ProviderDetails;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static io.github.oauth2pkce.testing.Endpoint.DISCOVERY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(30)
class ProviderClientRegistrationRepositoryTests {

	private final MovableClock clock = new MovableClock(TestCredentials.NOW);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo", this.clock);

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void keepsTheDiscoveredMetadata() {
		ClientRegistration registration = find(discovered().build());
		assertThat(registration.getProviderDetails().getConfigurationMetadata())
			.containsEntry("device_authorization_endpoint", this.server.uri("/device_authorization").toString())
			.containsEntry("code_challenge_methods_supported", List.of("plain", "S256"));
		assertThat(registration.getProviderDetails().getTokenUri()).isEqualTo(this.server.uri("/token").toString());
		assertThat(registration.getProviderDetails().getIssuerUri()).isEqualTo(this.server.issuer());
		assertThat(registration.getProviderDetails().getJwkSetUri()).isEqualTo(this.server.uri("/jwks").toString());
	}

	/** Spring Security would send the access token there, or take anybody's keys. */
	@ParameterizedTest
	@ValueSource(strings = { "http://login.example.com/x", "ftp://login.example.com/x", "/x", "https://", "ht tp://x" })
	void httpsIssuerThatSendsItsClientsToPlainHttpOrNowhereHasNeitherUserInfoNorKeys(String uri) {
		ProviderDetails details = httpsIssuer(uri).getProviderDetails();
		assertThat(details.getUserInfoEndpoint().getUri()).isNull();
		assertThat(details.getJwkSetUri()).isNull();
		// Made all the same: Spring Security says what is missing when it needs it.
		assertThat(details.getTokenUri()).isEqualTo("https://login.example.com/token");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://login.example.com/x", "https://other.example.com/x" })
	void userInfoAndKeysOfAnHttpsIssuerAreTakenAsTheyAre(String uri) {
		ProviderDetails details = httpsIssuer(uri).getProviderDetails();
		assertThat(details.getUserInfoEndpoint().getUri()).isEqualTo(uri);
		assertThat(details.getJwkSetUri()).isEqualTo(uri);
	}

	@Test
	void publicClientHasNoAuthenticationMethod() {
		ClientRegistration registration = find(discovered().build());
		assertThat(registration.getClientAuthenticationMethod()).isEqualTo(ClientAuthenticationMethod.NONE);
		assertThat(registration.getClientSecret()).isNullOrEmpty();
		assertThat(registration.getAuthorizationGrantType()).isEqualTo(AuthorizationGrantType.DEVICE_CODE);
	}

	@Test
	void proofKeyIsRequiredUnlessSwitchedOff() {
		// Spring Security keeps the setting for this grant only.
		ProviderBuilder browser = discovered().grant(Grant.AUTHORIZATION_CODE);
		assertThat(find(browser.build()).getClientSettings().isRequireProofKey()).isTrue();
		assertThat(find(browser.pkce(false).build()).getClientSettings().isRequireProofKey()).isFalse();
	}

	@Test
	void browserLoginHasItsEndpoints() {
		ClientRegistration registration = find(
				discovered().grant(Grant.AUTHORIZATION_CODE).scopes(List.of("openid")).build());
		assertThat(registration.getProviderDetails().getAuthorizationUri())
			.isEqualTo(this.server.uri("/authorize").toString());
		assertThat(registration.getRedirectUri()).contains("{registrationId}");
		assertThat(registration.getScopes()).containsExactly("openid");
	}

	@Test
	void noCallIsMadeWhenAllThatTheGrantNeedsIsGiven() {
		ClientRegistration registration = find(TestProviders.device(this.server).build());
		assertThat(registration.getProviderDetails().getConfigurationMetadata())
			.containsEntry("device_authorization_endpoint", this.server.uri("/device_authorization").toString());
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void deviceEndpointIsDiscoveredWhenOnlyTheTokenEndpointIsGiven() {
		Provider provider = discovered()
			.endpoints(new Endpoints(null, null, URI.create("https://explicit.example/token"), null))
			.build();
		ClientRegistration registration = find(provider);
		assertThat(registration.getProviderDetails().getTokenUri()).isEqualTo("https://explicit.example/token");
		assertThat(registration.getProviderDetails().getConfigurationMetadata())
			.containsEntry("device_authorization_endpoint", this.server.uri("/device_authorization").toString())
			.containsEntry("token_endpoint", "https://explicit.example/token");
	}

	@Test
	void issuerThatIsDownFailsTheCallAndNotTheNextOne() {
		ProviderClientRegistrationRepository repository = repository(discovered().build());
		this.server.answerAlways(DISCOVERY, Answer.status(503));
		assertThatExceptionOfType(DiscoveryException.class).isThrownBy(() -> repository.findByRegistrationId("demo"));
		this.server.answerAlways(DISCOVERY, Answer.normally());
		this.clock.advance(Duration.ofSeconds(10));
		assertThat(repository.findByRegistrationId("demo")).isNotNull();
	}

	@Test
	void registrationIsMadeOnce() {
		ProviderClientRegistrationRepository repository = repository(discovered().build());
		assertThat(repository.findByRegistrationId("demo")).isSameAs(repository.findByRegistrationId("demo"));
	}

	@Test
	void othersAreFoundAndUnknownOnesAreNot() {
		ProviderClientRegistrationRepository repository = repository(discovered().build());
		assertThat(repository.findByRegistrationId("jwt")).isNotNull();
		assertThat(repository.findByRegistrationId("nobody")).isNull();
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void reactiveRepositoryHasTheSameRegistrations() {
		ProviderClientRegistrationRepository repository = repository(discovered().build());
		ReactiveProviderClientRegistrationRepository reactive = new ReactiveProviderClientRegistrationRepository(
				repository);
		StepVerifier.create(reactive.findByRegistrationId("demo"))
			.expectNextMatches((registration) -> registration == repository.findByRegistrationId("demo"))
			.expectComplete()
			.verify(Duration.ofSeconds(20));
		StepVerifier.create(reactive.findByRegistrationId("nobody")).expectComplete().verify(Duration.ofSeconds(20));
	}

	private ProviderBuilder discovered() {
		return TestProviders.device(this.server).endpoints(Endpoints.NONE);
	}

	private ClientRegistration find(Provider provider) {
		ClientRegistration registration = repository(provider).findByRegistrationId("demo");
		assertThat(registration).isNotNull();
		return registration;
	}

	/** An issuer whose document names that address twice. */
	private ClientRegistration httpsIssuer(String uri) {
		String issuer = "https://login.example.com";
		String document = """
				{"issuer":"%1$s","token_endpoint":"%1$s/token","authorization_endpoint":"%1$s/authorize",
				"userinfo_endpoint":"%2$s","jwks_uri":"%2$s"}""".formatted(issuer, uri);
		WebClient server = WebClient.builder()
			.exchangeFunction((request) -> Mono.just(ClientResponse.create(HttpStatus.OK).body(document).build()))
			.build();
		Provider provider = Provider.withId("demo", "cli")
			.issuerUri(issuer)
			.grant(Grant.AUTHORIZATION_CODE)
			.scopes(List.of("openid"))
			.build();
		ClientRegistration registration = repository(provider,
				new AuthorizationServerClient((any) -> server, Duration.ofSeconds(10)))
			.findByRegistrationId("demo");
		assertThat(registration).isNotNull();
		return registration;
	}

	private ProviderClientRegistrationRepository repository(Provider provider) {
		return repository(provider, TestLogins.client(Duration.ofSeconds(10)));
	}

	private ProviderClientRegistrationRepository repository(Provider provider, AuthorizationServerClient client) {
		Discovery discovery = new Discovery(client, this.clock);
		Supplier<ClientRegistration> jwt = () -> ClientRegistration.withRegistrationId("jwt")
			.clientId("jwt")
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.tokenUri("https://auth.example/token")
			.build();
		return new ProviderClientRegistrationRepository(new Providers(List.of(provider)), discovery, (id, builder) -> {
		}, Map.of("jwt", jwt));
	}

}
