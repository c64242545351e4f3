package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

/**
 * An application that chooses the JDK's client by Boot's properties. Its older versions
 * hand {@code Authorization} on to other origins.
 */
@Timeout(120)
class JdkRedirectTests {

	private static final Duration SOON = Duration.ofSeconds(20);

	private final FakeAuthorizationServer api = FakeAuthorizationServer.start();

	private final FakeAuthorizationServer elsewhere = FakeAuthorizationServer.start();

	@BeforeEach
	void register() {
		this.api.register(FakeClient.confidential("app", "secret"));
		this.elsewhere.answerAlways(Endpoint.API, Answer.text(200, "text/plain", "from elsewhere"));
	}

	@AfterEach
	void stop() {
		this.api.close();
		this.elsewhere.close();
	}

	static Stream<Arguments> clients() {
		return Stream.of(
				client("WebClient",
						(context, uri) -> context.getBean(WebClient.Builder.class)
							.build()
							.post()
							.uri(uri)
							.bodyValue("what is sent")
							.retrieve()
							.bodyToMono(String.class)
							.block(SOON)),
				client("RestClient",
						(context, uri) -> context.getBean(RestClient.Builder.class)
							.build()
							.post()
							.uri(uri)
							.body("what is sent")
							.retrieve()
							.body(String.class)),
				client("RestTemplate",
						(context, uri) -> context.getBean(RestTemplateBuilder.class)
							.build()
							.postForObject(uri, "what is sent", String.class)));
	}

	private static Arguments client(String name, BiFunction<ConfigurableApplicationContext, String, String> post) {
		return argumentSet(name, post);
	}

	@ParameterizedTest
	@MethodSource("clients")
	void takesNoBearerToAnotherOrigin(BiFunction<ConfigurableApplicationContext, String, String> post) {
		redirect(302, this.elsewhere.uri("/api/stolen").toString());
		assertThat(post(post)).isEqualTo("from elsewhere");
		assertThat(sent()).singleElement().extracting(RecordedRequest::bearer).isNotNull();
		assertThat(this.elsewhere.requests(Endpoint.API)).singleElement().satisfies((request) -> {
			assertThat(request.method()).isEqualTo("GET");
			assertThat(request.authorization()).isNull();
			assertThat(request.body()).isEmpty();
		});
	}

	@ParameterizedTest
	@MethodSource("clients")
	void repeatsTheBodyWhereTheServerSaysSo(BiFunction<ConfigurableApplicationContext, String, String> post) {
		redirect(307, "/api/y");
		this.api.enqueue(Endpoint.API, Answer.text(200, "text/plain", "from there"));
		assertThat(post(post)).isEqualTo("from there");
		assertThat(sent()).hasSize(2).allSatisfy((request) -> {
			assertThat(request.method()).isEqualTo("POST");
			assertThat(request.body()).isEqualTo("what is sent");
			assertThat(request.bearer()).isNotNull();
		});
	}

	@ParameterizedTest
	@MethodSource("clients")
	void endsWhereTheServerLeadsInCircles(BiFunction<ConfigurableApplicationContext, String, String> post) {
		this.api.answerAlways(Endpoint.API, Answer.redirect("/api/x"));
		post(post);
		assertThat(sent()).hasSizeBetween(5, 7);
	}

	private void redirect(int status, String location) {
		this.api.enqueue(Endpoint.API, Answer.status(status).withHeader("Location", location));
	}

	private List<RecordedRequest> sent() {
		return this.api.requests(Endpoint.API);
	}

	private String post(BiFunction<ConfigurableApplicationContext, String, String> post) {
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with("spring.http.clients.imperative.factory=jdk", "spring.http.clients.reactive.connector=jdk",
					"oauth2.pkce.providers.acme.client-id=app", "oauth2.pkce.providers.acme.client-secret=secret",
					"oauth2.pkce.providers.acme.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.api.issuer(),
					"oauth2.pkce.providers.acme.base-urls=" + this.api.uri("/api"))
			.run()) {
			return post.apply(context, this.api.uri("/api/x").toString());
		}
	}

}
