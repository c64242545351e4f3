package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AuthorizationServerMetadataTests {

	@ParameterizedTest
	@CsvSource({ "https://login.example.com, https://login.example.com/token",
			"https://login.example.com, https://other.example.com/token",
			"https://login.example.com, http://127.0.0.1:9000/token",
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

	private static AuthorizationServerMetadata metadata(String issuer, String endpoint) {
		return new AuthorizationServerMetadata(Map.of("issuer", issuer, "token_endpoint", endpoint));
	}

}
