package io.github.oauth2pkce.token;

import java.net.URI;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Exchange;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static org.assertj.core.api.Assertions.assertThat;

/** The server's words become a property to change, and only where that can help. */
class ClientAdviceTests {

	private static final String A = "oauth2.pkce.providers.acme.";

	private final ProviderBuilder acme = Provider.withId("acme", "nobody");

	@ParameterizedTest
	@ValueSource(strings = { "invalid_client", "incorrect_client_credentials" })
	void namesIdAndSecretOfAClientThatTheServerDoesNotKnow(String code) {
		assertThat(advice(code, ""))
			.isEqualTo("check " + A + "client-id = \"nobody\", and whether the server demands " + A + "client-secret");
		this.acme.clientSecret("s3cret");
		assertThat(advice(code, "")).isEqualTo("check " + A + "client-id = \"nobody\" and " + A + "client-secret");
	}

	@Test
	void namesKeyAudienceAndClocksOfAClientThatSigns() {
		this.acme.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
			.issuerUri("https://login.example.com");
		assertThat(advice("invalid_client", "")).isEqualTo("check " + A
				+ "client-id = \"nobody\", that the server knows the key of " + A + "ssl-bundle by its id (" + A
				+ "client-assertion.key-id), that it takes the audience \"https://login.example.com\" (" + A
				+ "client-assertion.audience), and that both clocks agree");
		this.acme.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_JWT)
			.clientSecret("s".repeat(32))
			.issuerUri(null);
		assertThat(advice("invalid_client", "")).contains(A + "client-secret", "the audience of the token endpoint",
				"both clocks agree");
	}

	@Test
	void namesTheKeyOfAClientThatRegistersItself() {
		ProviderBuilder tools = Provider.withId("tools")
			.registration(new Provider.Registration(true, null, null, null));
		assertThat(ClientAdvice.of(tools.build(), "invalid_client"))
			.isEqualTo("log in again: the server no longer knows this application, which then registers anew");
		tools.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT);
		assertThat(ClientAdvice.of(tools.build(), "invalid_client"))
			.isEqualTo("log in again: the server no longer knows this application, or its key has changed; it then"
					+ " registers anew");
	}

	@Test
	void namesTheBundleOfAClientWithACertificate() {
		this.acme.clientAuthenticationMethod(ClientAuthenticationMethod.TLS_CLIENT_AUTH).sslBundle("mine");
		assertThat(advice("invalid_client", ""))
			.isEqualTo("check " + A + "client-id = \"nobody\", and that the server knows the certificate of " + A
					+ "ssl-bundle = \"mine\" for it");
	}

	@Test
	void namesThePropertyThatWasReallySet() {
		String spring = "spring.security.oauth2.client.registration.acme.client-id";
		this.acme.property("client-id", spring);
		assertThat(advice("invalid_client", "")).contains("check " + spring + " = \"nobody\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Missing parameter: code_challenge_method", "Code challenge is required",
			"Authorization Server policy requires PKCE to be used for this request",
			"AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption." })
	void namesPkceWhereTheServerDemandsIt(String description) {
		this.acme.pkce(false);
		assertThat(advice("invalid_request", description))
			.isEqualTo("this server demands PKCE: remove " + A + "pkce=false");
	}

	@Test
	void namesPkceWhereTheServerRefusesIt() {
		assertThat(advice("invalid_request", "Unknown parameter: code_challenge"))
			.isEqualTo("if this server cannot do PKCE, set " + A + "pkce=false");
	}

	@Test
	void namesTheGrantThatTheClientMayNotUse() {
		assertThat(advice("unauthorized_client", "The flow is disabled"))
			.isEqualTo("check " + A + "client-id = \"nobody\", and allow it the grant device_code at the server");
		assertThat(advice("unsupported_grant_type", "")).contains("enable device_code", A + "authorization-grant-type");
		assertThat(advice("device_flow_disabled", "")).contains("enable the device flow");
	}

	/** Keycloak has one code for a wrong secret and for a grant that is off. */
	@Test
	void namesTheSecretWhereKeycloakCallsItAnUnauthorizedClient() {
		this.acme.clientSecret("s3cret");
		String secret = "check " + A + "client-id = \"nobody\" and " + A + "client-secret";
		assertThat(advice("unauthorized_client", "Invalid client or Invalid client credentials")).isEqualTo(secret);
		assertThat(ClientAdvice.of(this.acme.build(), "unauthorized_client"))
			.isEqualTo(secret + ", and allow it the grant device_code at the server");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					unauthorized_client | Client not enabled to retrieve service account                     | enable "Service account roles" for
					invalid_request     | Standard token exchange is not enabled for the requested client    | enable "Standard Token Exchange" for
					invalid_grant       | JWT Authorization Grant is not supported for the requested client  | enable "JWT Authorization Grant" for
					invalid_client      | Audience not found                                                 | token-exchange.audience = "billing" to the client id
					invalid_request     | Requested audience not available: billing                          | token-exchange.audience = "billing", such as a client scope
					access_denied       | Client is not within the token audience                            | subject-token.provider) put oauth2.pkce.providers.acme.client-id
					""")
	void namesWhatKeycloakWantsToBeSetForTokensOfTokens(String code, String description, String advice) {
		this.acme.grant(Grant.TOKEN_EXCHANGE)
			.exchange(new Exchange(
					new ForeignToken(Source.PROVIDER, "login", ForeignToken.ACCESS_TOKEN, A + "subject-token.provider"),
					null, "billing", null));
		assertThat(advice(code, description)).contains(advice);
	}

	@Test
	void namesTheAudienceWhereNothingIsKnownButThatAClientIsUnknown() {
		this.acme.grant(Grant.TOKEN_EXCHANGE).exchange(new Exchange(null, null, "billing", null));
		assertThat(ClientAdvice.of(this.acme.build(), "invalid_client"))
			.endsWith(", and that the server knows " + A + "token-exchange.audience = \"billing\"");
	}

	@Test
	void namesScopesAndResources() {
		this.acme.scopes(List.of("one", "two"));
		assertThat(advice("invalid_scope", "")).contains(A + "scope = \"one two\"");
		assertThat(advice("invalid_target", "")).contains(A + "resource,");
		this.acme.resourceMetadataUri(URI.create("https://api.example.com/.well-known/oauth-protected-resource"));
		assertThat(advice("invalid_target", "")).contains(A + "resource-metadata-uri,");
	}

	@Test
	void namesTheRedirectUriOfBrowserLoginsOnly() {
		assertThat(advice("invalid_request", "Invalid redirect_uri")).isNull();
		this.acme.grant(Grant.AUTHORIZATION_CODE);
		for (String code : List.of("redirect_uri_mismatch", "invalid_request", "invalid_grant")) {
			assertThat(advice(code, "Incorrect redirect URI")).contains(
					"register the redirect URI of this login, http://127.0.0.1", "/callback/acme",
					"set " + A + "redirect-uri to one");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "invalid_request", "invalid_grant", "server_error", "unreachable", "whatever" })
	void saysNothingWhereNothingIsKnown(String code) {
		assertThat(advice(code, "Something else")).isNull();
	}

	@Test
	void doesNotRepeatWhatTheMessageSays() {
		for (String code : List.of("unsupported_token_type", "redirect_port_unavailable")) {
			assertThat(advice(code, "")).isNull();
			assertThat(ClientAdvice.of(this.acme.build(), code)).isNotNull();
		}
	}

	@Test
	void comparesWhereNothingButTheCodeIsKnown() {
		assertThat(ClientAdvice.of(this.acme.build(), "invalid_request")).startsWith("compare " + A + "pkce, ");
		assertThat(ClientAdvice.of(this.acme.build(), "invalid_grant")).isNull();
	}

	private String advice(String code, String description) {
		return ClientAdvice.of(this.acme.build(), code, "HTTP 400 " + code + ": " + description);
	}

}
