package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The request and the answer of RFC 8693. */
@Timeout(30)
class TokenExchangeGrantTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("app", "app-secret"));

	private final TokenExchangeGrant grant = new TokenExchangeGrant(
			new TokenEndpoint(TestLogins.client(Duration.ofSeconds(10))));

	@AfterEach
	void close() {
		this.server.close();
	}

	private TokenResponse exchange(String requestedType) {
		Provider provider = Provider.withId("api", "app")
			.clientSecret("app-secret")
			.grant(Grant.TOKEN_EXCHANGE)
			.endpoints(TestProviders.endpoints(this.server))
			.scopes(List.of("read", "write"))
			.resources(List.of("https://api.example"))
			.additionalParameters(Map.of("vendor", "yes"))
			.exchange(new Exchange(new ForeignToken(Source.ENV, "SUBJECT", ForeignToken.SAML2, "subject"),
					new ForeignToken(Source.ENV, "ACTOR", ForeignToken.JWT, "actor"), "api", requestedType))
			.build();
		return this.grant.obtain(provider, this.server.uri(Endpoint.TOKEN),
				new PresentedTokens("subject-S3CRET", "actor-S3CRET", null));
	}

	@Test
	void sendsAllThatRfc8693Names() {
		exchange(ForeignToken.ACCESS_TOKEN);
		RecordedRequest request = this.server.requests(Endpoint.TOKEN).get(0);
		assertThat(request.form())
			.containsEntry("grant_type", List.of("urn:ietf:params:oauth:grant-type:token-exchange"))
			.containsEntry("subject_token", List.of("subject-S3CRET"))
			.containsEntry("subject_token_type", List.of("urn:ietf:params:oauth:token-type:saml2"))
			.containsEntry("actor_token", List.of("actor-S3CRET"))
			.containsEntry("actor_token_type", List.of("urn:ietf:params:oauth:token-type:jwt"))
			.containsEntry("audience", List.of("api"))
			.containsEntry("resource", List.of("https://api.example"))
			.containsEntry("scope", List.of("read write"))
			.containsEntry("requested_token_type", List.of("urn:ietf:params:oauth:token-type:access_token"))
			.containsEntry("vendor", List.of("yes"))
			.hasSize(10);
	}

	@Test
	void whatWasAskedForInsteadOfAnAccessTokenIsAnAssertion() {
		TokenResponse response = exchange(ForeignToken.ID_JAG);
		assertThat(response.accessToken()).isEmpty();
		assertThat(response.assertion()).startsWith("no-bearer.");
		assertThat(response.toString()).doesNotContain(response.assertion());
	}

	/** Types that only the server knows are what it says they are. */
	@Test
	void tokenOfAnUnknownTypeIsABearerIfTheServerSaysSo() {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.json(200, "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"issued_token_type\":\"urn:x\"}"),
				Answer.json(200, "{\"access_token\":\"at\",\"token_type\":\"N_A\",\"issued_token_type\":\"urn:x\"}"));
		assertThat(exchange("urn:x").accessToken()).isEqualTo("at");
		assertThat(exchange("urn:x").accessToken()).isEmpty();
	}

	@Test
	void refusalNeverRepeatsATokenThatWasSent() {
		this.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "invalid_request", "subject-S3CRET is no match for actor-S3CRET"));
		TokenRequestException failure = catchThrowableOfType(TokenRequestException.class, () -> exchange(null));
		assertThat(failure).hasMessageContaining("*** is no match for ***").hasMessageNotContaining("S3CRET");
	}

}
