package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CodeTokenClientTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final Provider provider = Provider.withId("main", "ours")
		.clientSecret("our-secret")
		.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
		.grant(Grant.AUTHORIZATION_CODE)
		.endpoints(TestProviders.endpoints(this.server))
		.build();

	private final CodeTokenClient client = client();

	@AfterEach
	void close() {
		this.server.close();
	}

	private CodeTokenClient client() {
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(10));
		return new CodeTokenClient(new Providers(List.of(this.provider)), new TokenEndpoint(client),
				new Discovery(client, new MovableClock(TestCredentials.NOW)),
				(providerId) -> (task) -> new Thread(task).start(), Duration.ofSeconds(10),
				new WebLogins((providerId, principalName, saved, duration, failure) -> {
				}, new ResourceDemands(), new MemoryTokenStore(), new MovableClock(TestCredentials.NOW)));
	}

	@Test
	void codeOfAProviderIsRedeemedByItsClient() {
		assertThat(redeem("ours", "our-secret").parameter("client_secret")).isEqualTo("our-secret");
	}

	/** A repository of the application's own may have another client by that name. */
	@Test
	void codeOfAnotherClientNeverMeetsTheSecretOfTheProvider() {
		RecordedRequest request = redeem("theirs", "their-secret");
		assertThat(request.parameter("client_id")).isEqualTo("theirs");
		assertThat(request.parameter("client_secret")).isEqualTo("their-secret");
		assertThat(redeem("ours", "another-secret").parameter("client_secret")).isEqualTo("another-secret");
	}

	@Test
	void whateverGoesWrongIsWhatFiltersUnderstand() {
		for (String secret : List.of("our-secret", "another-secret")) {
			this.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed(), Answer.connectionClosed());
			assertThatExceptionOfType(OAuth2AuthorizationException.class)
				.isThrownBy(() -> this.client.exchange(request("ours", secret)))
				.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("unreachable"));
			assertThatExceptionOfType(OAuth2AuthorizationException.class)
				.isThrownBy(() -> this.client.getTokenResponse(request("ours", secret)).block(Duration.ofSeconds(20)));
		}
	}

	@Test
	void answerWithoutAnAccessTokenIsNamed() {
		this.server.enqueue(Endpoint.TOKEN, Answer.json(200, "{\"refresh_token\":\"rt\",\"token_type\":\"Bearer\"}"));
		assertThatExceptionOfType(OAuth2AuthorizationException.class)
			.isThrownBy(() -> this.client.exchange(request("ours", "our-secret")))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("no_access_token"));
	}

	private RecordedRequest redeem(String clientId, String secret) {
		this.server.enqueue(Endpoint.TOKEN, Answer.json(200, "{\"access_token\":\"at\",\"token_type\":\"Bearer\"}"));
		assertThat(this.client.exchange(request(clientId, secret)).getAccessToken().getTokenValue()).isEqualTo("at");
		List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
		return requests.get(requests.size() - 1);
	}

	private OAuth2AuthorizationCodeGrantRequest request(String clientId, String secret) {
		ClientRegistration registration = ClientRegistration.withRegistrationId("main")
			.clientId(clientId)
			.clientSecret(secret)
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
			.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
			.redirectUri("http://localhost/callback")
			.authorizationUri(this.server.uri(Endpoint.AUTHORIZATION).toString())
			.tokenUri(this.server.uri(Endpoint.TOKEN).toString())
			.build();
		OAuth2AuthorizationRequest asked = OAuth2AuthorizationRequest.authorizationCode()
			.clientId(clientId)
			.authorizationUri(this.server.uri(Endpoint.AUTHORIZATION).toString())
			.redirectUri("http://localhost/callback")
			.state("a-state")
			.build();
		return new OAuth2AuthorizationCodeGrantRequest(registration, new OAuth2AuthorizationExchange(asked,
				OAuth2AuthorizationResponse.success("a-code").redirectUri("http://localhost/callback").build()));
	}

}
