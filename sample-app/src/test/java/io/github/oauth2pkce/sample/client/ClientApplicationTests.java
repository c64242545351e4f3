package io.github.oauth2pkce.sample.client;

import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.spring.WithAuthorizationServer;
import io.github.oauth2pkce.testing.spring.WithBearer;
import io.github.oauth2pkce.testing.spring.WithoutBearer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application without the demo server: this is how you would test yours.
 */
@SpringBootTest(properties = { "catalogue.uri=${fake-authorization-server.uri}/api/models", "catalogue.time-to-live=0s",
		"catalogue.retry-after=0s", "oauth2.pkce.providers.demo.base-urls=${catalogue.uri}" })
@WithAuthorizationServer("demo")
class ClientApplicationTests {

	@Autowired
	private ModelCatalogue catalogue;

	/** The one that fetches now and then by itself. */
	@MockitoBean
	private CatalogueConsole console;

	@Test
	void readsTheCatalogueAfterALogin(FakeAuthorizationServer server, @Autowired Logins logins) {
		Login login = logins.start("demo");
		server.deviceLogin().approveAs("alice");
		login.join();
		server.answerAlways(Endpoint.API, Answer.json(200, "[{\"id\":\"a\"}]"));
		assertThat(this.catalogue.current().models()).extracting(Model::id).containsExactly("a");
		assertThat(server.requests(Endpoint.API)).isNotEmpty()
			.allSatisfy((request) -> assertThat(request.bearer()).isNotNull());
	}

	@Test
	@WithBearer("demo")
	void sendsTheBearer(FakeAuthorizationServer server) {
		server.answerAlways(Endpoint.API, Answer.json(200, "[]"));
		assertThat(this.catalogue.current().problem()).isNull();
		assertThat(server.requests(Endpoint.API)).isNotEmpty()
			.allSatisfy((request) -> assertThat(request.bearer()).isEqualTo("test-token"));
	}

	@Test
	@WithoutBearer(value = "demo", reason = SkipReason.REAUTHENTICATION_REQUIRED)
	void saysWhyThereIsNoBearer() {
		Catalogue none = this.catalogue.current();
		assertThat(none.problem()).isEqualTo("the API answered 401 UNAUTHORIZED");
		assertThat(none.skipReason()).isEqualTo(SkipReason.REAUTHENTICATION_REQUIRED);
	}

}
