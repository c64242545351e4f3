package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AuthorizationServerMetadataTests {

	@ParameterizedTest
	@CsvSource({ "https://login.example.com, https://login.example.com/token",
			"https://login.example.com, https://other.example.com/token",
			"http://login.example.com, http://login.example.com/token" })
	void endpointIsTakenAsItIs(String issuer, String endpoint) {
		assertThat(metadata(issuer, endpoint).uri("token_endpoint")).isEqualTo(URI.create(endpoint));
	}

	@ParameterizedTest
	@CsvSource({ "https://login.example.com, http://login.example.com/token",
			"HTTPS://login.example.com, HTTP://login.example.com/token", "https://login.example.com, /token",
			"https://login.example.com, ftp://login.example.com/token", "https://login.example.com, https:///token" })
	void httpsIssuerThatSendsItsClientsToPlainHttpOrNowhereHasNoEndpoint(String issuer, String endpoint) {
		assertThat(metadata(issuer, endpoint).uri("token_endpoint")).isNull();
	}

	/** Another machine must not aim our forms at services of this one. */
	@ParameterizedTest
	@CsvSource({ "https://login.example.com, http://127.0.0.1:2375/token",
			"https://login.example.com, http://localhost:6379/", "https://login.example.com, http://[::1]/token",
			"https://login.example.com, https://login.example.com/token#here",
			"https://login.example.com, https://login.example.com@evil.example/token",
			"http://127.0.0.1:9000, http://127.0.0.1:9000/token#here",
			"http://127.0.0.1:9000, http://a:b@127.0.0.1:9000/token" })
	void endpointThatIsAimedElsewhereIsNone(String issuer, String endpoint) {
		assertThat(metadata(issuer, endpoint).uri("token_endpoint")).isNull();
	}

	/** It is shown to people: in prompts, messages and logs. */
	@Test
	void endpointIsOfALengthAndOfCharactersThatPeopleCanRead() {
		String issuer = "https://login.example.com";
		assertThat(metadata(issuer, issuer + "/token\u202egpj").problem("token_endpoint"))
			.isEqualTo("has characters that no URL has");
		String longest = issuer + "/" + "x".repeat(2048 - issuer.length() - 1);
		assertThat(metadata(issuer, longest + "x").problem("token_endpoint")).isEqualTo("is too long");
		assertThat(metadata(issuer, longest + "x").uri("token_endpoint")).isNull();
		assertThat(metadata(issuer, longest).problem("token_endpoint")).isNull();
	}

	@Test
	void loopbackIssuerMayHaveLoopbackEndpoints() {
		String endpoint = "http://127.0.0.1:9000/token";
		assertThat(metadata("https://localhost:8443", endpoint).uri("token_endpoint")).hasToString(endpoint);
		assertThat(metadata("http://[::1]:9000", endpoint).uri("token_endpoint")).hasToString(endpoint);
	}

	private static AuthorizationServerMetadata metadata(String issuer, String endpoint) {
		return new AuthorizationServerMetadata(Map.of("issuer", issuer, "token_endpoint", endpoint));
	}

}
