package outside;

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
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(properties = "oauth2.pkce.providers.api.base-urls=${fake-authorization-server.uri}/api")
@WithAuthorizationServer("api")
class OutsideTests {

	@Autowired
	private Logins logins;

	@Autowired
	private WebClient.Builder builder;

	@Test
	void runsOnTheVersionThatItChose() {
		assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("spring-boot.version"));
	}

	@Test
	void callsAfterALogin(FakeAuthorizationServer server) {
		Login login = this.logins.start("api");
		server.deviceLogin().approveAs("alice");
		login.join();
		assertThat(call(server)).contains("alice");
	}

	@Test
	@WithBearer("api")
	void callsWithTheBearer(FakeAuthorizationServer server) {
		server.enqueue(Endpoint.API, Answer.status(204));
		call(server);
		assertThat(server.requests(Endpoint.API).get(0).bearer()).isEqualTo("test-token");
	}

	@Test
	@WithoutBearer("api")
	void callsWithout(FakeAuthorizationServer server) {
		server.enqueue(Endpoint.API, Answer.status(204));
		call(server);
		assertThat(server.requests(Endpoint.API).get(0).bearer()).isNull();
	}

	private String call(FakeAuthorizationServer server) {
		return this.builder.build().get().uri(server.uri("/api/models")).retrieve().bodyToMono(String.class).block();
	}

}
