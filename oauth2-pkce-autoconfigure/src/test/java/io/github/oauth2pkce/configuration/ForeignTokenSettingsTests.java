package io.github.oauth2pkce.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Where foreign tokens come from, and which sentence a mistake gets. */
class ForeignTokenSettingsTests {

	private static final String API = "oauth2.pkce.providers.api.";

	private final Map<String, Object> properties = new LinkedHashMap<>();

	ForeignTokenSettingsTests() {
		grant("api", "token-exchange");
	}

	private void grant(String id, String grant) {
		set(id, "client-id", "app");
		set(id, "issuer-uri", "https://login.example.com");
		set(id, "authorization-grant-type", grant);
	}

	private void set(String id, String key, String value) {
		this.properties.put("oauth2.pkce.providers." + id + "." + key, value);
	}

	private void set(String key, String value) {
		set("api", key, value);
	}

	private Providers create() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("test", this.properties));
		Map<String, ProviderProperties> providers = Binder.get(environment)
			.bind("oauth2.pkce.providers", Bindable.mapOf(String.class, ProviderProperties.class))
			.get();
		return new ProvidersFactory(providers, Map.of(), environment).create().providers();
	}

	private Provider api() {
		return create().get("api");
	}

	private InvalidPropertyException failure() {
		return catchThrowableOfType(InvalidPropertyException.class, this::create);
	}

	@ParameterizedTest
	@CsvSource({ "file, /run/token, FILE, jwt", "env, TOKEN, ENV, jwt", "github-actions, api://x, GITHUB_ACTIONS, jwt",
			"bean, vault, BEAN, jwt", "current-user, true, CURRENT_USER, access_token" })
	void readsEachPlace(String key, String value, Source source, String type) {
		set("subject-token." + key, value);
		ForeignToken subject = api().exchange().subject();
		assertThat(subject).isEqualTo(new ForeignToken(source, value, "urn:ietf:params:oauth:token-type:" + type,
				API + "subject-token." + key));
	}

	@Test
	void kubernetesIsAFile() {
		set("subject-token.kubernetes", "true");
		assertThat(api().exchange().subject().place()).isEqualTo("the file '/var/run/secrets/tokens/oauth2/token'");
	}

	@ParameterizedTest
	@CsvSource({ "jwt-bearer, JWT_BEARER", "jwt_bearer, JWT_BEARER", "JWT-BEARER, JWT_BEARER",
			"urn:ietf:params:oauth:grant-type:jwt-bearer, JWT_BEARER", "token-exchange, TOKEN_EXCHANGE",
			"token_exchange, TOKEN_EXCHANGE", "urn:ietf:params:oauth:grant-type:token-exchange, TOKEN_EXCHANGE" })
	void grantsHaveTheirNamesInEachSpelling(String value, Grant grant) {
		grant("api", value);
		set("subject-token.env", "TOKEN");
		assertThat(api().grant()).isEqualTo(grant);
	}

	@ParameterizedTest
	@CsvSource({ "jwt, urn:ietf:params:oauth:token-type:jwt", "ID_TOKEN, urn:ietf:params:oauth:token-type:id_token",
			"id-token, urn:ietf:params:oauth:token-type:id_token", "saml2, urn:ietf:params:oauth:token-type:saml2",
			"refresh_token, urn:ietf:params:oauth:token-type:refresh_token", "urn:acme:token, urn:acme:token",
			"https://acme.example/token, https://acme.example/token" })
	void typesHaveShortNamesAndUris(String configured, String type) {
		set("subject-token.env", "TOKEN");
		set("subject-token.type", configured);
		assertThat(api().exchange().subject().type()).isEqualTo(type);
	}

	@Test
	void exchangeHasAnActorAnAudienceAndATypeThatIsAskedFor() {
		set("subject-token.env", "TOKEN");
		set("actor-token.file", "/run/actor");
		set("token-exchange.audience", "https://api.example");
		set("token-exchange.requested-token-type", "urn:ietf:params:oauth:token-type:id-jag");
		Provider.Exchange exchange = api().exchange();
		assertThat(exchange.actor().source()).isEqualTo(Source.FILE);
		assertThat(exchange.audience()).isEqualTo("https://api.example");
		assertThat(exchange.requestedTokenType()).isEqualTo(ForeignToken.ID_JAG);
		assertThat(exchange.isForBearers()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "jwt-bearer", "token-exchange" })
	void grantWithoutATokenIsASentence(String grant) {
		grant("api", grant);
		assertThat(failure()).hasMessageContaining(API + "subject-token is missing: the grant " + grant)
			.extracting(InvalidPropertyException::action)
			.isEqualTo("Set one of its keys, such as " + API + "subject-token.file.");
	}

	@Test
	void twoPlacesAreASentenceWithBothPaths() {
		set("subject-token.file", "/run/token");
		set("subject-token.env", "TOKEN");
		assertThat(failure()).hasMessageContaining("is said to come from more than one place: " + API
				+ "subject-token.file and " + API + "subject-token.env");
	}

	@ParameterizedTest
	@ValueSource(strings = { "subject-token.file", "subject-token.type", "actor-token.env", "token-exchange.audience",
			"token-exchange.requested-token-type" })
	void peoplesGrantsUseNoForeignToken(String key) {
		grant("api", "device_code");
		set(key, "jwt");
		assertThat(failure()).hasMessageContaining("is of no use with the grant device_code");
	}

	@Test
	void assertionHasNoActor() {
		grant("api", "jwt-bearer");
		set("subject-token.env", "TOKEN");
		set("actor-token.env", "ACTOR");
		assertThat(failure()).hasMessageContaining(API + "actor-token is of no use with the grant jwt-bearer");
	}

	@Test
	void unknownTypeIsASentence() {
		set("subject-token.env", "TOKEN");
		set("subject-token.type", "bearer");
		assertThat(failure()).hasMessageContaining(API + "subject-token.type")
			.hasMessageContaining("\"bearer\" is not a type of token");
	}

	@Test
	void refreshTokenOfAnotherProviderStaysThere() {
		grant("login", "device_code");
		set("subject-token.provider", "login");
		set("subject-token.type", "refresh_token");
		assertThat(failure()).hasMessageContaining("would show the refresh token of provider 'login'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "env", "bean" })
	void refreshTokenOfSomebodyElseMayBeShown(String source) {
		set("subject-token." + source, "place");
		set("subject-token.type", "refresh_token");
		assertThat(api().exchange().subject().type()).isEqualTo(ForeignToken.REFRESH_TOKEN);
	}

	@Test
	void providerThatDoesNotExistIsASentence() {
		set("subject-token.provider", "logn");
		assertThat(failure())
			.hasMessageContaining(API + "subject-token.provider = \"logn\" names no provider; there are: api");
	}

	@Test
	void cycleIsASentenceWithTheChain() {
		grant("b", "token-exchange");
		grant("c", "jwt-bearer");
		set("subject-token.provider", "b");
		set("b", "subject-token.env", "TOKEN");
		set("b", "actor-token.provider", "c");
		set("c", "subject-token.provider", "api");
		assertThat(failure()).hasMessageContaining("oauth2.pkce.providers.c.subject-token.provider")
			.hasMessageContaining("closes a circle: each of these needs a token of the next, api -> b -> c -> api");
	}

	@Test
	void providerThatNeedsItselfIsACycle() {
		set("subject-token.provider", "api");
		assertThat(failure()).hasMessageContaining("api -> api");
	}

	@Test
	void twoWaysToOneProviderAreNoCycle() {
		grant("login", "device_code");
		set("subject-token.provider", "login");
		set("actor-token.provider", "login");
		assertThat(api().principal()).isEqualTo(PrincipalKind.APPLICATION);
	}

	@Test
	void whatIsMadeFromAPersonsTokenIsThatPersons() {
		grant("b", "token-exchange");
		set("b", "subject-token.current-user", "true");
		set("subject-token.provider", "b");
		List<PrincipalKind> principals = new ArrayList<>();
		create().forEach((provider) -> principals.add(provider.principal()));
		assertThat(principals).containsExactly(PrincipalKind.CURRENT_USER, PrincipalKind.CURRENT_USER);
	}

	@ParameterizedTest
	@CsvSource({ "subject-token.provider, login", "subject-token.current-user, true", "subject-token.kubernetes, true",
			"subject-token.github-actions, api://x" })
	void resourceDoesNotChooseWhoIsShownATokenThatIsGoodElsewhere(String key, String value) {
		grant("login", "device_code");
		resource();
		set(key, value);
		assertThat(failure()).hasMessageContaining(API + key)
			.hasMessageContaining("would be shown to whichever server " + API + "resource-uri names");
		set("issuer-uri", "https://login.example.com");
		assertThat(api().exchange().subject()).isNotNull();
	}

	@Test
	void resourceDoesNotChooseWhoIsShownAnActorToken() {
		grant("login", "device_code");
		resource();
		set("subject-token.env", "TOKEN");
		set("actor-token.provider", "login");
		assertThat(failure())
			.hasMessageContaining(API + "actor-token.provider = \"login\" would be shown to whichever");
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "env", "bean", "provider", "kubernetes", "github-actions" })
	void resourceDoesNotChooseWhoIsShownAClientAssertion(String source) {
		grant("login", "device_code");
		resource();
		set("authorization-grant-type", "client_credentials");
		set("client-authentication-method", "private_key_jwt");
		set("client-assertion." + source, source.equals("kubernetes") ? "true" : "login");
		assertThat(failure()).hasMessageContaining(API + "client-assertion." + source)
			.hasMessageContaining("would be shown to whichever");
	}

	@Test
	void identityAssertionIsMadeForTheServerThatTheResourceNames() {
		grant("jag", "token-exchange");
		set("jag", "subject-token.env", "TOKEN");
		set("jag", "token-exchange.requested-token-type", "id-jag");
		resource();
		set("authorization-grant-type", "jwt-bearer");
		set("subject-token.provider", "jag");
		assertThat(api().issuerUri()).isNull();
	}

	private void resource() {
		this.properties.remove(API + "issuer-uri");
		set("resource-uri", "https://tools.example.com/mcp");
	}

}
