package io.github.oauth2pkce.testing.spring;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(classes = WithAuthorizationServerTests.Application.class)
@WithAuthorizationServer("catalogue")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(60)
class WithAuthorizationServerTests {

	@Autowired
	private Logins logins;

	@Autowired
	private BearerTokenSource source;

	@Autowired
	private FakeAuthorizationServer autowired;

	@Test
	@Order(1)
	void isTheServerOfTheProvider(FakeAuthorizationServer server, @Autowired Providers providers) {
		assertThat(this.autowired).isSameAs(server);
		assertThat(providers.get("catalogue").issuerUri()).isEqualTo(server.issuer());
		Login login = this.logins.start("catalogue");
		server.deviceLogin().approveAs("bob");
		login.join();
		assertThat(this.source.atHand("catalogue")).isNotNull();
		assertThat(server.requests(Endpoint.DISCOVERY)).isNotEmpty();
	}

	@Test
	@Order(2)
	void eachTestBeginsLoggedOut(FakeAuthorizationServer server) {
		assertThat(this.source.current("catalogue").block()).isInstanceOf(BearerToken.Skipped.class);
		assertThat(server.requests()).isEmpty();
		this.logins.start("catalogue");
		server.deviceLogin();
		server.stop();
	}

	@Test
	@Order(3)
	void eachTestFindsTheServerRunningAndNoLogin(FakeAuthorizationServer server) {
		Login login = this.logins.start("catalogue");
		server.deviceLogin().approve();
		login.join();
		assertThat(this.source.atHand("catalogue")).isNotNull();
	}

	@Nested
	@TestPropertySource(properties = { "oauth2.pkce.providers.catalogue.authorization-grant-type=authorization_code",
			"oauth2.pkce.providers.catalogue.client-secret=secret" })
	class WithCodes {

		@Test
		void aLoginByCodeNeedsNobody(@Autowired Logins logins, @Autowired BearerTokenSource source) {
			logins.start("catalogue").join();
			assertThat(source.atHand("catalogue")).isNotNull();
		}

	}

	@Nested
	@TestPropertySource(properties = { "oauth2.pkce.providers.catalogue.token-uri=https://login.example.com/token",
			"oauth2.pkce.providers.catalogue.device-authorization-uri=https://login.example.com/device" })
	class WithEndpoints {

		@Test
		void endpointsOfTheApplicationAreReplaced(FakeAuthorizationServer server, @Autowired Logins logins) {
			Login login = logins.start("catalogue");
			server.deviceLogin().approve();
			login.join();
		}

	}

	@Nested
	@WithAuthorizationServer("tools")
	@TestPropertySource(properties = "oauth2.pkce.providers.tools.resource-uri=https://mcp.example.com/mcp")
	class WithResource {

		@Test
		void resourceOfTheApplicationIsReplaced(FakeAuthorizationServer server, @Autowired Logins logins,
				@Autowired BearerTokenSource source) {
			logins.start("tools").join();
			assertThat(source.atHand("tools")).isNotNull();
			assertThat(server.requests(Endpoint.REGISTRATION)).hasSize(1);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
