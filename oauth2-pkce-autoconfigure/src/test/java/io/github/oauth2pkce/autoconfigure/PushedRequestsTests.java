package io.github.oauth2pkce.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Browser logins that push their authorization request (RFC 9126). */
@Timeout(60)
class PushedRequestsTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("app").requirePkce())
		.register(FakeClient.confidential("safe", "a-secret-of-ours"));

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void stop() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
		this.server.close();
	}

	private Logins start(String... properties) {
		ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with(ResourceFirstTests.Person.class)
			.with("oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.acme.client-id=app", "oauth2.pkce.providers.acme.scope=models,more",
					"oauth2.pkce.providers.acme.authorization-grant-type=authorization_code",
					"oauth2.pkce.login.timeout=20s")
			.with(properties)
			.run();
		this.contexts.add(context);
		return context.getBean(Logins.class);
	}

	private List<RecordedRequest> pushed() {
		return this.server.requests(Endpoint.PUSHED_AUTHORIZATION_REQUEST);
	}

	private RecordedRequest carried() {
		return this.server.requests(Endpoint.AUTHORIZATION).get(0);
	}

	@Test
	void browserCarriesAReferenceOnlyWhereTheServerDemandsIt() {
		this.server.authorization().demandPush();
		start("oauth2.pkce.providers.acme.dpop=true").logIn("acme");
		assertThat(carried().query()).containsOnlyKeys("client_id", "request_uri");
		assertThat(pushed()).singleElement()
			.satisfies((request) -> assertThat(request.form()).containsEntry("scope", List.of("models more"))
				.containsEntry("client_id", List.of("app"))
				.containsKeys("state", "code_challenge", "redirect_uri", "dpop_jkt"));
	}

	@Test
	void confidentialClientAuthenticates() {
		start("oauth2.pkce.providers.acme.client-id=safe", "oauth2.pkce.providers.acme.client-secret=a-secret-of-ours",
				"oauth2.pkce.providers.acme.pushed-authorization-requests=always")
			.logIn("acme");
		assertThat(pushed()).singleElement()
			.satisfies((request) -> assertThat(request.authorization()).startsWith("Basic "));
	}

	@ParameterizedTest
	@CsvSource({ "auto, false, 0", "auto, true, 1", "always, false, 1", "never, false, 0" })
	void pushesAsTheSettingSays(String setting, boolean demanded, int requests) {
		if (demanded) {
			this.server.authorization().demandPush();
		}
		start("oauth2.pkce.providers.acme.pushed-authorization-requests=" + setting).logIn("acme");
		assertThat(pushed()).hasSize(requests);
		assertThat(carried().hasParameter("request_uri")).isEqualTo(requests == 1);
	}

	@Test
	void queryOfTheAuthorizationEndpointIsNotPushed() {
		this.server.discovery()
			.document()
			.put("authorization_endpoint", this.server.uri(Endpoint.AUTHORIZATION) + "?tenant=one");
		start("oauth2.pkce.providers.acme.pushed-authorization-requests=always").logIn("acme");
		assertThat(carried().query()).containsOnlyKeys("tenant", "client_id", "request_uri");
		assertThat(pushed().get(0).form()).doesNotContainKey("tenant");
	}

	@Test
	void serverWithoutTheEndpointIsNamed() {
		this.server.discovery().document().remove("pushed_authorization_request_endpoint");
		Logins logins = start("oauth2.pkce.providers.acme.pushed-authorization-requests=always");
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"))
			.withMessageContaining("pushed_authorization_request_endpoint")
			.withMessageContaining("oauth2.pkce.providers.acme.pushed-authorization-requests");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

	@Test
	void refusedRequestEndsTheLogin() {
		this.server.enqueue(Endpoint.PUSHED_AUTHORIZATION_REQUEST,
				Answer.error(400, "invalid_scope", "more is not for you"));
		Logins logins = start("oauth2.pkce.providers.acme.pushed-authorization-requests=always");
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"))
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("invalid_scope"))
			.withMessageContaining("more is not for you");
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

	@Test
	void answerWithoutAReferenceEndsTheLogin() {
		this.server.enqueue(Endpoint.PUSHED_AUTHORIZATION_REQUEST, Answer.json(201, "{\"expires_in\":60}"));
		Logins logins = start("oauth2.pkce.providers.acme.pushed-authorization-requests=always");
		assertThatExceptionOfType(LoginException.class).isThrownBy(() -> logins.logIn("acme"));
		assertThat(this.server.requests(Endpoint.AUTHORIZATION)).isEmpty();
	}

}
