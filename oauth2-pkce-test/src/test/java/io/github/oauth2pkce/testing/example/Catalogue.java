package io.github.oauth2pkce.testing.example;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

@Component
class Catalogue {

	private final RestClient client;

	private final String uri;

	Catalogue(RestClient.Builder builder, @Value("${catalogue.uri}") String uri) {
		this.client = builder.build();
		this.uri = uri;
	}

	/** The text of the catalogue, or what a person has to do. */
	String read() {
		try {
			return String.valueOf(this.client.get().uri(this.uri).retrieve().body(String.class));
		}
		catch (RestClientException ex) {
			if (AuthenticationRequiredException.isAuthenticationRequired(ex)) {
				return "Please log in.";
			}
			throw ex;
		}
	}

}
