package io.github.oauth2pkce.device;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What a device login sends, and where. How it waits is {@link DevicePollingTests}. */
@Timeout(30)
class DeviceGrantTests {

	private static final String CLIENT_ID = "a client:1";

	private static final String SECRET = "s3cret+/ %:word";

	/** RFC 6749 section 2.3.1: form-encoded first, then joined by a colon. */
	private static final String BASIC = "Basic " + Base64.getEncoder()
		.encodeToString("a+client%3A1:s3cret%2B%2F+%25%3Aword".getBytes(StandardCharsets.US_ASCII));

	private final DeviceWorld world = new DeviceWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	// Proof keys.

	@Test
	void challengeIsTheS256OfTheVerifierThatEveryPollReplays() throws Exception {
		this.world.approveDuringWait(3);
		this.world.login();
		RecordedRequest device = this.world.deviceRequest();
		assertThat(this.world.pollRequests()).hasSize(3);
		String verifier = this.world.pollRequests().get(0).parameter("code_verifier");
		assertThat(this.world.pollRequests()).allSatisfy((poll) -> {
			assertThat(poll.parameters("code_verifier")).containsExactly(verifier);
			assertThat(poll.parameter("grant_type")).isEqualTo("urn:ietf:params:oauth:grant-type:device_code");
			assertThat(poll.hasParameter("code_challenge")).isFalse();
			assertThat(poll.hasParameter("code_challenge_method")).isFalse();
		});
		assertThat(device.parameters("code_challenge_method")).containsExactly("S256");
		assertThat(device.parameters("code_challenge")).containsExactly(s256(String.valueOf(verifier)));
		assertThat(device.hasParameter("code_verifier")).isFalse();
	}

	@Test
	void verifierHasTheSyntaxOfRfc7636AndMoreThan256BitsOfRandomness() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.login();
		String verifier = String.valueOf(this.world.pollRequests().get(0).parameter("code_verifier"));
		assertThat(verifier).matches("[A-Za-z0-9\\-._~]{43,128}");
		assertThat(Base64.getUrlDecoder().decode(verifier)).hasSizeGreaterThanOrEqualTo(32);
	}

	@Test
	void eachLoginHasANewProofKey() throws Exception {
		this.world.server.device().approveAtOnce();
		for (int login = 0; login < 3; login++) {
			this.world.login();
		}
		assertThat(this.world.pollRequests()).extracting((poll) -> poll.parameter("code_verifier"))
			.doesNotHaveDuplicates()
			.hasSize(3);
		assertThat(this.world.server.requests(Endpoint.DEVICE_AUTHORIZATION))
			.extracting((request) -> request.parameter("code_challenge"))
			.doesNotHaveDuplicates()
			.hasSize(3);
	}

	@Test
	void optOutRemovesAllThreeParameters() throws Exception {
		this.world.server.register(FakeClient.publicClient("old"));
		this.world.server.device().approveAtOnce();
		Provider provider = withEndpoints(this.world.provider("old").pkce(false));
		this.world.login(provider);
		assertThat(this.world.server.requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request.form().keySet()).doesNotContain("code_challenge",
					"code_challenge_method", "code_verifier"));
	}

	@Test
	void serverThatEnforcesProofKeysRefusesTheOptOutInItsOwnWords() {
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(() -> this.world.login(this.world.provider().pkce(false).build()))
			.withMessageContaining("invalid_request: Missing parameter: code_challenge_method");
		assertThat(this.world.prompts).isEmpty();
		assertThat(this.world.pollRequests()).isEmpty();
	}

	// Clients.

	/** RFC 7636 section 7.2. */
	@Test
	void refusedChallengeIsNotTriedAgainAsPlain() {
		this.world.server.answerAlways(Endpoint.DEVICE_AUTHORIZATION,
				Answer.error(400, "invalid_request", "Transform algorithm not supported"));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login);
		assertThat(this.world.server.requests()).singleElement()
			.satisfies((request) -> assertThat(request.parameters("code_challenge_method")).containsExactly("S256"));
	}

	@Test
	void publicClientSaysItsIdInTheBodyAndSendsNoHeader() throws Exception {
		this.world.approveDuringWait(2);
		this.world.login();
		assertThat(this.world.server.requests()).hasSize(3).allSatisfy((request) -> {
			assertThat(request.parameters("client_id")).containsExactly("cli");
			assertThat(request.authorization()).isNull();
			assertThat(request.hasParameter("client_secret")).isFalse();
		});
	}

	@Test
	void secretGoesIntoAFormEncodedBasicHeaderOfDeviceRequestAndPollsAlike() throws Exception {
		this.world.server
			.register(FakeClient.confidential(CLIENT_ID, SECRET).authenticatingWith("client_secret_basic"));
		this.world.approveDuringWait(2);
		this.world.login(withEndpoints(this.world.provider(CLIENT_ID).clientSecret(SECRET)));
		assertThat(this.world.server.requests()).hasSize(3).allSatisfy((request) -> {
			assertThat(request.authorization()).isEqualTo(BASIC);
			assertThat(request.form().keySet()).doesNotContain("client_id", "client_secret");
		});
	}

	@Test
	void secretGoesIntoTheFormOfDeviceRequestAndPollsAlike() throws Exception {
		this.world.server.register(FakeClient.confidential(CLIENT_ID, SECRET).authenticatingWith("client_secret_post"));
		this.world.approveDuringWait(2);
		this.world.login(withEndpoints(this.world.provider(CLIENT_ID)
			.clientSecret(SECRET)
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)));
		assertThat(this.world.server.requests()).hasSize(3).allSatisfy((request) -> {
			assertThat(request.parameters("client_id")).containsExactly(CLIENT_ID);
			assertThat(request.parameters("client_secret")).containsExactly(SECRET);
			assertThat(request.authorization()).isNull();
		});
	}

	@Test
	void wrongSecretIsRefusedAtOnceAndIsNotInTheMessage() {
		this.world.server.register(FakeClient.confidential(CLIENT_ID, SECRET));
		assertThatExceptionOfType(TokenRequestException.class)
			.isThrownBy(
					() -> this.world.login(withEndpoints(this.world.provider(CLIENT_ID).clientSecret("wrong-secret"))))
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("unauthorized_client"))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("wrong-secret"));
	}

	// Parameters.

	@Test
	void scopeAndAllResourcesAreAskedForOnceAndOneResourceAtTheTokenEndpoint() throws Exception {
		this.world.approveDuringWait(2);
		this.world.login(this.world.provider()
			.scopes(List.of("openid", "models:read"))
			.resources(List.of("https://api.example/one", "https://api.example/two"))
			.build());
		assertThat(this.world.deviceRequest().parameters("scope")).containsExactly("openid models:read");
		assertThat(this.world.pollRequests())
			.allSatisfy((poll) -> assertThat(poll.hasParameter("scope")).as("scope").isFalse());
		assertThat(this.world.deviceRequest().parameters("resource")).containsExactly("https://api.example/one",
				"https://api.example/two");
		assertThat(this.world.pollRequests()).hasSize(2)
			.allSatisfy((poll) -> assertThat(poll.parameters("resource")).containsExactly("https://api.example/one"));
	}

	@Test
	void discoveredResourceIsSentEachTime() throws Exception {
		this.world.approveDuringWait(2);
		this.world.login(this.world.provider().resourceMetadataUri(metadata()).build());
		assertThat(this.world.server.requests(Endpoint.RESOURCE_METADATA)).hasSize(1);
		assertThat(this.world.server.requests())
			.filteredOn((request) -> request.endpoint() != Endpoint.RESOURCE_METADATA)
			.hasSize(3)
			.allSatisfy((request) -> assertThat(request.parameters("resource"))
				.containsExactly(this.world.server.uri("/api").toString()));
	}

	@Test
	void noCodeIsAskedForWithoutTheResource() {
		this.world.server.resourceMetadata().put("resource", "https://evil.example/api");
		assertThatExceptionOfType(DiscoveryException.class)
			.isThrownBy(() -> this.world.login(this.world.provider().resourceMetadataUri(metadata()).build()))
			.withMessageContaining("oauth2.pkce.providers.demo.resource-metadata-uri");
		assertThat(this.world.server.requests(Endpoint.DEVICE_AUTHORIZATION)).isEmpty();
		assertThat(this.world.prompts).isEmpty();
	}

	private URI metadata() {
		return this.world.server.uri(Endpoint.RESOURCE_METADATA.path() + "/api");
	}

	@Test
	void additionalParametersGoWithTheFirstRequestOnly() throws Exception {
		this.world.approveDuringWait(2);
		this.world.login(this.world.provider()
			.additionalParameters(Map.of("audience", "https://api.example/a b&c", "x_hint", "1"))
			.build());
		assertThat(this.world.deviceRequest().parameters("audience")).containsExactly("https://api.example/a b&c");
		assertThat(this.world.deviceRequest().parameters("x_hint")).containsExactly("1");
		assertThat(this.world.pollRequests()).hasSize(2)
			.allSatisfy((poll) -> assertThat(poll.form()).doesNotContainKeys("audience", "x_hint"));
	}

	@Test
	void withoutScopeAndResourceNeitherParameterIsSent() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.login();
		assertThat(this.world.deviceRequest().form().keySet()).containsExactlyInAnyOrder("client_id", "code_challenge",
				"code_challenge_method");
		assertThat(this.world.pollRequests().get(0).form().keySet()).containsExactlyInAnyOrder("grant_type",
				"device_code", "client_id", "code_verifier");
	}

	// Endpoints.

	@Test
	void givenEndpointsNeedNoDiscovery() throws Exception {
		this.world.server.device().approveAtOnce();
		IssuedTokens issued = this.world.login(this.world.provider().issuerUri(this.world.server.issuer()).build());
		assertThat(this.world.server.requests(Endpoint.DISCOVERY)).isEmpty();
		assertThat(issued.tokenEndpoint()).isEqualTo(this.world.server.uri(Endpoint.TOKEN));
	}

	@Test
	void missingEndpointsAreDiscoveredOnce() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.login(this.world.provider("cli").issuerUri(this.world.server.issuer()).build());
		assertThat(this.world.server.requests(Endpoint.DISCOVERY)).hasSize(1);
		assertThat(this.world.deviceRequest().path()).isEqualTo("/device_authorization");
	}

	@Test
	void metadataWithoutDeviceEndpointNamesThePropertyToSet() {
		this.world.server.discovery().document().remove("device_authorization_endpoint");
		assertThatExceptionOfType(DiscoveryException.class)
			.isThrownBy(
					() -> this.world.login(this.world.provider("cli").issuerUri(this.world.server.issuer()).build()))
			.withMessageContaining("oauth2.pkce.providers.demo.device-authorization-uri")
			.withMessageContaining("device_authorization_endpoint");
	}

	@Test
	void providerWithoutIssuerAndDeviceEndpointNamesThePropertyToSet() {
		assertThatExceptionOfType(DiscoveryException.class).isThrownBy(() -> this.world.login(this.world.provider("cli")
			.endpoints(new Endpoints(null, null, this.world.server.uri(Endpoint.TOKEN), null))
			.build())).withMessageContaining("oauth2.pkce.providers.demo.device-authorization-uri");
	}

	@Test
	void noCodeIsAskedForWhenItCouldNotBeRedeemed() {
		assertThatExceptionOfType(DiscoveryException.class).isThrownBy(() -> this.world.login(this.world.provider("cli")
			.endpoints(new Endpoints(null, this.world.server.uri(Endpoint.DEVICE_AUTHORIZATION), null, null))
			.build())).withMessageContaining("oauth2.pkce.providers.demo.token-uri");
		assertThat(this.world.server.requests()).isEmpty();
	}

	@Test
	void serverThatIsDownYieldsNoCode() {
		this.world.server.stop();
		assertThatExceptionOfType(AuthorizationServerUnreachableException.class).isThrownBy(this.world::login)
			.withMessageContaining("/device_authorization");
		assertThat(this.world.prompts).isEmpty();
	}

	@Test
	void redirectIsNotFollowedWithASecretOrAChallenge() {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION,
				Answer.redirect(this.world.server.uri("/elsewhere").toString()));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::login)
			.satisfies((ex) -> assertThat(ex.status()).isEqualTo(302));
		assertThat(this.world.server.requests(Endpoint.OTHER)).isEmpty();
	}

	// The prompt and the tokens.

	@Test
	void promptComesOnceAndBeforeTheFirstPoll() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.login(this.world.provider().build(), (userCode) -> {
			this.world.prompts.add(userCode);
			assertThat(this.world.time.waits()).isEmpty();
			assertThat(this.world.pollRequests()).isEmpty();
		});
		assertThat(this.world.prompts).hasSize(1);
	}

	@Test
	void successWithoutRefreshTokenIsASuccess() throws Exception {
		this.world.server.device().approveAtOnce();
		this.world.server.tokens().refreshTokenOnLogin(false);
		IssuedTokens issued = this.world.login();
		assertThat(issued.response().accessToken()).isNotBlank();
		assertThat(issued.response().refreshToken()).isNull();
		assertThat(this.world.polls).containsExactly(PollResult.SUCCESS);
	}

	@Test
	void tokensAreThoseOfThePersonWhoApproved() throws Exception {
		this.world.approveDuringWait(2);
		this.world.server.tokens().grantedScope("openid");
		IssuedTokens issued = this.world.login(this.world.provider().scopes(List.of("openid", "admin")).build());
		assertThat(issued.response().refreshToken()).isNotBlank();
		assertThat(issued.response().scopes()).isEqualTo(Set.of("openid"));
	}

	private Provider withEndpoints(ProviderBuilder provider) {
		return provider
			.endpoints(new Endpoints(null, this.world.server.uri(Endpoint.DEVICE_AUTHORIZATION),
					this.world.server.uri(Endpoint.TOKEN), null))
			.build();
	}

	private static String s256(String verifier) throws Exception {
		byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
		return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
	}

}
