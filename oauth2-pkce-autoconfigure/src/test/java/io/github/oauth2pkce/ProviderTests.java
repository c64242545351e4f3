package io.github.oauth2pkce;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ProviderTests {

	private static final URI METADATA = URI.create("https://api.example/.well-known/oauth-protected-resource");

	@Test
	void defaultsAreThoseOfTheDocumentedProperties() {
		Provider provider = Provider.withId("demo", "cli").build();
		assertThat(provider.grant()).isEqualTo(Grant.DEVICE_CODE);
		assertThat(provider.grant().needsPerson()).isTrue();
		assertThat(provider.login().pkce()).isTrue();
		assertThat(provider.tokens().skew()).isEqualTo(Duration.ofSeconds(30));
		assertThat(provider.tokens().rejectedErrorCodes()).containsExactlyInAnyOrder("invalid_grant",
				"interaction_required", "login_required", "consent_required");
		assertThat(provider.principal()).isEqualTo(Provider.PrincipalKind.APPLICATION);
		assertThat(provider.login().redirectUri()).hasToString("http://127.0.0.1/callback/demo");
		assertThat(provider.endpoints()).isEqualTo(Provider.Endpoints.NONE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "client_secret_basic", "client_secret_post", "none" })
	void publicClientAuthenticatesWithNothing(String method) {
		Provider provider = Provider.withId("demo", "cli")
			.clientAuthenticationMethod(new ClientAuthenticationMethod(method))
			.build();
		assertThat(provider.client().authenticationMethod()).isEqualTo(ClientAuthenticationMethod.NONE);
	}

	@Test
	void confidentialClientAuthenticatesWithBasicUnlessToldOtherwise() {
		ProviderBuilder builder = Provider.withId("demo", "cli").clientSecret("s3cret-word");
		assertThat(builder.build().client().authenticationMethod())
			.isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
		assertThat(builder.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
			.build()
			.client()
			.authenticationMethod()).isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_POST);
	}

	@Test
	void emptySecretIsNone() {
		Provider provider = Provider.withId("demo", "cli").clientSecret("").build();
		assertThat(provider.client().authenticationMethod()).isEqualTo(ClientAuthenticationMethod.NONE);
		assertThat(provider.client().secret()).isNull();
	}

	@Test
	void clientWithoutASecretCannotSayThatItHasOne() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Provider.Client("cli", null, ClientAuthenticationMethod.CLIENT_SECRET_BASIC, true,
					null, null, Provider.Assertion.DEFAULT))
			.withMessageContaining("client_secret_basic");
	}

	@Test
	void machineIsNoUser() {
		assertThat(Provider.withId("demo", "cli").grant(Grant.CLIENT_CREDENTIALS).build().grant().needsPerson())
			.isFalse();
	}

	@Test
	void isNotChangedThroughWhatItWasGiven() {
		List<String> scopes = new ArrayList<>(List.of("b", "a"));
		Provider provider = Provider.withId("demo", "cli").scopes(scopes).build();
		scopes.clear();
		assertThat(provider.request().scopes()).containsExactly("b", "a");
	}

	@Test
	void resourceThatIsNotDiscoveredYetIsNotTakenForNone() {
		Provider provider = Provider.withId("demo", "cli").resourceMetadataUri(METADATA).build();
		assertThatIllegalStateException().isThrownBy(provider.request()::resources)
			.withMessageContaining(METADATA.toString());
		assertThatIllegalArgumentException().isThrownBy(() -> provider.withResources(List.of()));
	}

	@Test
	void givenResourceLeavesNothingToDiscover() {
		Provider provider = Provider.withId("demo", "cli")
			.resourceMetadataUri(METADATA)
			.resources(List.of("urn:given"))
			.build();
		assertThat(provider.request().resourceMetadataUri()).isNull();
		assertThat(provider.request().resources()).containsExactly("urn:given");
	}

	@Test
	void discoveredResourceChangesNothingElse() {
		Provider provider = Provider.withId("demo", "cli")
			.issuerUri("https://login.example")
			.endpoints(new Provider.Endpoints(METADATA, METADATA, METADATA, METADATA))
			.clientSecret("s3cret-word")
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
			.grant(Grant.AUTHORIZATION_CODE)
			.scopes(List.of("a"))
			.pkce(false)
			.principal(Provider.PrincipalKind.CURRENT_USER)
			.resourceMetadataUri(METADATA)
			.additionalParameters(Map.of("audience", "a"))
			.assumeExpiry(Duration.ofHours(1))
			.refreshSkew(Duration.ofSeconds(7))
			.rejectedErrorCodes(List.of("dead"))
			.redirectPort(8765)
			.issRequired(true)
			.sslBundle("tls")
			.build();
		Provider discovered = provider.withResources(List.of("urn:found"));
		assertThat(discovered.request().resources()).containsExactly("urn:found");
		assertThat(discovered).usingRecursiveComparison()
			.ignoringFields("request.resources", "request.resourceMetadataUri")
			.isEqualTo(provider);
	}

	@ParameterizedTest
	@CsvSource({ "my idp, my%20idp", "my.idp, my.idp", "caf\u00e9, caf%C3%A9", "a|b, a%7Cb", "[x], %5Bx%5D",
			"a+b:c@d, a+b:c@d" })
	void redirectPathOfAnyIdIsOneThatBrowsersKeep(String id, String segment) {
		URI redirectUri = Provider.withId(id, "cli").redirectPort(8765).build().login().redirectUri();
		assertThat(redirectUri).hasToString("http://127.0.0.1:8765/callback/" + segment);
	}

	@Test
	void portOfTheRedirectUriIsUsed() {
		ProviderBuilder provider = Provider.withId("demo", "cli").redirectPort(1);
		assertThat(provider.redirectUri(URI.create("http://localhost:2/a%20b?c=d")).build().login().redirectUri())
			.hasToString("http://localhost:2/a%20b?c=d");
		assertThat(provider.redirectUri(URI.create("http://[::1]/a%20b?c=d")).build().login().redirectUri())
			.hasToString("http://[::1]:1/a%20b?c=d");
	}

	@Test
	void textHidesTheSecret() {
		assertThat(Provider.withId("demo", "cli").clientSecret("s3cret-word").build().toString()).contains("demo")
			.doesNotContain("s3cret-word");
	}

}
