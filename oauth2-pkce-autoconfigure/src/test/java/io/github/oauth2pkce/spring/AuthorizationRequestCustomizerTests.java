package io.github.oauth2pkce.spring;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AuthorizationRequestCustomizerTests {

	private final Providers providers = new Providers(List.of(Provider.withId("with", "cli").build(),
			Provider.withId("bound", "cli").dpop(true).build(), Provider.withId("without", "cli").pkce(false).build(),
			Provider.withId("google", "gui")
				.additionalParameters(Map.of("access_type", "offline", "prompt", "consent"))
				.build()));

	private final ResourceDemands demands = new ResourceDemands();

	private final TokenStore store = new MemoryTokenStore();

	private final Credentials credentials = credentials(this.providers);

	private final AuthorizationRequestCustomizer customizer = new AuthorizationRequestCustomizer(this.providers,
			new ResourceIndicators(this.providers,
					new Discovery(TestLogins.client(Duration.ofSeconds(10)), Clock.systemUTC())),
			new WebStepUps(this.providers, this.demands, this.credentials), TestLogins.client(Duration.ofSeconds(10)),
			new Discovery(TestLogins.client(Duration.ofSeconds(10)), Clock.systemUTC()), webLogins(this.store));

	private static Credentials credentials(Providers providers) {
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(10));
		return Credentials.builder(providers, new TokenEndpoint(client), new Discovery(client, Clock.systemUTC()))
			.build();
	}

	@Test
	void removesAllThreePartsOfTheProofKey() {
		OAuth2AuthorizationRequest.Builder builder = builder("without");
		OAuth2AuthorizationRequestCustomizers.withPkce().accept(builder);
		this.customizer.accept(builder);
		OAuth2AuthorizationRequest request = builder.build();
		assertThat(request.getAttributes()).containsKey("registration_id").doesNotContainKey("code_verifier");
		assertThat(request.getAdditionalParameters()).isEmpty();
		assertThat(request.getAuthorizationRequestUri()).doesNotContain("challenge");
	}

	@Test
	void addsTheProofKeyThatARegistrationForgot() {
		OAuth2AuthorizationRequest.Builder builder = builder("with");
		this.customizer.accept(builder);
		OAuth2AuthorizationRequest request = builder.build();
		assertThat(request.<String>getAttribute("code_verifier")).isNotNull();
		assertThat(request.getAdditionalParameters()).containsEntry("code_challenge_method", "S256")
			.containsKey("code_challenge");
	}

	private static WebLogins webLogins(TokenStore store) {
		return new WebLogins((providerId, principalName, saved, duration, failure) -> {
		}, new ResourceDemands(), store, Clock.systemUTC());
	}

	/** Nobody knows who stores sessions, and how. */
	@Test
	void sessionHoldsNoKeyThatCanBeRead() {
		OAuth2AuthorizationRequest.Builder builder = builder("bound");
		this.customizer.accept(builder);
		String sealed = builder.build().getAttribute(WebLogin.DPOP_KEY);
		assertThat(sealed).isNotNull().matches("[A-Za-z0-9_-]+");
		assertThat(new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.ISO_8859_1))
			.doesNotContain("\"d\"", "crv", "kty");
	}

	@Test
	void anotherNodeOpensTheKeyOfASession() {
		OAuth2AuthorizationRequest.Builder builder = builder("bound");
		this.customizer.accept(builder);
		OAuth2AuthorizationRequest request = builder.build();
		DpopKey key = webLogins(this.store).keyOf(this.providers.get("bound"), request);
		assertThat(key).isNotNull();
		assertThat(request.getAdditionalParameters()).containsEntry("dpop_jkt", key.thumbprint());
	}

	@Test
	void keyOfASessionIsOpenedByItsOwnStoreOnly() {
		OAuth2AuthorizationRequest.Builder builder = builder("bound");
		this.customizer.accept(builder);
		OAuth2AuthorizationRequest request = builder.build();
		WebLogins others = webLogins(new MemoryTokenStore());
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> others.keyOf(this.providers.get("bound"), request));
	}

	@Test
	void nodesThatBeginAtTheSameTimeUseOneSecret() {
		TokenStore raced = new ForwardingTokenStore(this.store) {

			private boolean first = true;

			@Override
			public boolean save(Credential credential, long expectedGeneration) {
				if (this.first) {
					this.first = false;
					webLogins(AuthorizationRequestCustomizerTests.this.store)
						.sealed(AuthorizationRequestCustomizerTests.this.providers.get("bound"), DpopKey.generate());
				}
				return super.save(credential, expectedGeneration);
			}

		};
		Provider bound = this.providers.get("bound");
		DpopKey key = DpopKey.generate();
		String sealed = webLogins(raced).sealed(bound, key);
		OAuth2AuthorizationRequest.Builder builder = builder("bound")
			.attributes((attributes) -> attributes.put(WebLogin.DPOP_KEY, sealed));
		assertThat(webLogins(this.store).keyOf(bound, builder.build())).isEqualTo(key);
	}

	@Test
	void keepsTheProofKeyThatIsThere() {
		OAuth2AuthorizationRequest.Builder builder = builder("with");
		OAuth2AuthorizationRequestCustomizers.withPkce().accept(builder);
		String verifier = builder.build().getAttribute("code_verifier");
		this.customizer.accept(builder);
		assertThat(builder.build().<String>getAttribute("code_verifier")).isEqualTo(verifier);
	}

	@Test
	void addsAdditionalParameters() {
		OAuth2AuthorizationRequest.Builder builder = builder("google");
		this.customizer.accept(builder);
		assertThat(builder.build().getAuthorizationRequestUri()).contains("access_type=offline", "prompt=consent");
	}

	@Test
	void keepsWhatTheApplicationHasSet() {
		OAuth2AuthorizationRequest.Builder before = builder("google");
		before.additionalParameters(Map.of("prompt", "login"));
		this.customizer.accept(before);
		OAuth2AuthorizationRequest.Builder after = builder("google");
		this.customizer.andThen((builder) -> builder.additionalParameters((all) -> all.put("prompt", "login")))
			.accept(after);
		assertThat(List.of(before.build(), after.build()))
			.allSatisfy((request) -> assertThat(request.getAdditionalParameters()).containsEntry("prompt", "login")
				.containsEntry("access_type", "offline"));
	}

	@BeforeEach
	void signIn() {
		SecurityContextHolder.getContext()
			.setAuthentication(UsernamePasswordAuthenticationToken.authenticated("alice", null, List.of()));
	}

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void asksAStrangerForNothingMore() {
		signOut();
		this.demands.challenged("google", new ResourceDemand(true, Set.of("drive"), "gold", null, null, null));
		OAuth2AuthorizationRequest.Builder builder = builder("google");
		this.customizer.accept(builder);
		assertThat(builder.build().getScopes()).isEmpty();
		assertThat(builder.build().getAdditionalParameters()).doesNotContainKey("acr_values");
	}

	@Test
	void asksForWhatAResourceDemands() {
		this.demands.challenged("google", new ResourceDemand(true, Set.of("drive"), "gold", 60L, "{\"a\":1}", null));
		OAuth2AuthorizationRequest.Builder builder = builder("google").scopes(Set.of("mail"));
		this.customizer.accept(builder);
		OAuth2AuthorizationRequest request = builder.build();
		assertThat(request.getScopes()).containsExactly("mail", "drive");
		assertThat(request.getAdditionalParameters()).containsEntry("acr_values", "gold")
			.containsEntry("max_age", "60")
			.containsEntry("claims", "{\"a\":1}")
			.containsEntry("access_type", "offline");
	}

	@Test
	void asksNobodyForWhatTheirPresentLoginHas() {
		this.credentials.loggedIn(new CredentialId("google", "alice"), URI.create("https://login.test/token"),
				new TokenResponse("token", null, null, null, Set.of("mail", "drive")));
		this.demands.challenged("google", new ResourceDemand(true, Set.of("drive"), null, null, null, null));
		OAuth2AuthorizationRequest.Builder builder = builder("google").scopes(Set.of("mail"));
		this.customizer.accept(builder);
		assertThat(builder.build().getScopes()).containsExactly("mail");
		assertThat(builder.build().getAttributes()).doesNotContainKey(WebLogin.STEP_UP);
		this.demands.challenged("google", new ResourceDemand(true, Set.of("photos"), null, null, null, null));
		this.customizer.accept(builder);
		assertThat(builder.build().getScopes()).containsExactly("mail", "drive", "photos");
		assertThat(builder.build().getAttributes()).containsEntry(WebLogin.STEP_UP, true);
	}

	@Test
	void whatTheApplicationHasSetBeatsWhatAResourceDemands() {
		this.demands.challenged("google", new ResourceDemand(true, Set.of(), "gold", null, null, null));
		OAuth2AuthorizationRequest.Builder builder = builder("google")
			.additionalParameters(Map.of("acr_values", "silver"));
		this.customizer.accept(builder);
		assertThat(builder.build().getAdditionalParameters()).containsEntry("acr_values", "silver");
	}

	/** Spring Security would expect an ID token, and take the login for another kind. */
	@Test
	void noResourceMakesAnOpenIdConnectLoginOfAnotherOne() {
		this.demands.challenged("google", new ResourceDemand(true, Set.of("openid", "drive"), null, null, null, null));
		OAuth2AuthorizationRequest.Builder builder = builder("google");
		this.customizer.accept(builder);
		assertThat(builder.build().getScopes()).containsExactly("drive");
		OAuth2AuthorizationRequest.Builder oidc = builder("google").scopes(Set.of("openid"));
		this.customizer.accept(oidc);
		assertThat(oidc.build().getScopes()).containsExactly("openid", "drive");
	}

	@Test
	void leavesOtherRegistrationsAlone() {
		OAuth2AuthorizationRequest.Builder builder = builder("somebody-elses");
		this.customizer.accept(builder);
		assertThat(builder.build().getAdditionalParameters()).isEmpty();
	}

	private static OAuth2AuthorizationRequest.Builder builder(String registrationId) {
		return OAuth2AuthorizationRequest.authorizationCode()
			.authorizationUri("https://login.test/authorize")
			.clientId("cli")
			.state("state")
			.attributes((attributes) -> attributes.put("registration_id", registrationId));
	}

}
