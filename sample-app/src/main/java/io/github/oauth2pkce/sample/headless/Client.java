package io.github.oauth2pkce.sample.headless;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.env.Environment;

/**
 * The running client application, seen from outside.
 */
final class Client {

	private final HttpClient http = HttpClient.newHttpClient();

	private final JsonMapper json = new JsonMapper();

	private final URI address;

	private final String provider;

	Client(Environment environment) {
		this.provider = environment.getProperty("demo.mcp", Boolean.class, false) ? "tools" : "demo";
		this.address = URI.create("http://127.0.0.1:" + environment.getRequiredProperty("local.server.port"));
	}

	/**
	 * Returns the link of the running login, from the starter's endpoint.
	 * @return the link; empty if no login is running
	 * @throws IOException if the endpoint does not answer
	 * @throws InterruptedException if interrupted meanwhile
	 */
	String verificationUriComplete() throws IOException, InterruptedException {
		return get("/actuator/oauth2providers/" + this.provider).path("login")
			.path("verificationUriComplete")
			.asString("");
	}

	/**
	 * Returns the number of models in a copy of the catalogue that is up to date.
	 * @return the number; 0 if the copy is old or there is none
	 * @throws IOException if the page does not answer
	 * @throws InterruptedException if interrupted meanwhile
	 */
	int models() throws IOException, InterruptedException {
		JsonNode catalogue = get("/models");
		return catalogue.path("problem").isString() ? 0 : catalogue.path("models").size();
	}

	private JsonNode get(String path) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(this.address.resolve(path))
			.timeout(Duration.ofSeconds(10))
			.header("Accept", "application/json")
			.build();
		HttpResponse<String> answer = this.http.send(request, BodyHandlers.ofString());
		if (answer.statusCode() != 200) {
			throw new IOException(path + " answered " + answer.statusCode());
		}
		try {
			return this.json.readTree(answer.body());
		}
		catch (JacksonException ex) {
			throw new IOException(path + " did not answer JSON", ex);
		}
	}

}
