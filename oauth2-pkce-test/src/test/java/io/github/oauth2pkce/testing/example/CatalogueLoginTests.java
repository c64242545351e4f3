package io.github.oauth2pkce.testing.example;

import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.spring.WithAuthorizationServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(properties = "catalogue.uri=${fake-authorization-server.uri}/api/models")
@WithAuthorizationServer("catalogue")
class CatalogueLoginTests {

	@Autowired
	private Logins logins;

	@Autowired
	private Catalogue catalogue;

	@BeforeEach
	void logIn(FakeAuthorizationServer server) {
		Login login = this.logins.start("catalogue");
		server.deviceLogin().approveAs("alice");
		login.join();
	}

	@Test
	void readsAfterTheLogin(FakeAuthorizationServer server) {
		assertThat(this.catalogue.read()).contains("alice");
		assertThat(server.requests(Endpoint.API)).hasSize(1);
	}

	@Test
	void readsWhenTheTokenHasEnded(FakeAuthorizationServer server) {
		server.invalidateAccessTokens();
		assertThat(this.catalogue.read()).contains("alice");
		assertThat(server.refreshRequests()).isEqualTo(1);
	}

	@Test
	void saysThatSomebodyHasToLogInAgain(FakeAuthorizationServer server) {
		server.endSessions();
		assertThat(this.catalogue.read()).isEqualTo("Please log in.");
	}

}
