package io.github.oauth2pkce.testing.spring;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.testing.Browser;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(FakeAuthorizationServerExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FakeAuthorizationServerExtensionTests {

	private static String issuer = "";

	@Test
	@Order(1)
	void startsAServerForAClassWithoutSpring(FakeAuthorizationServer server) {
		assertThat(new Browser().get(server.uri("/.well-known/openid-configuration")).statusCode()).isEqualTo(200);
		issuer = server.issuer();
	}

	@Test
	@Order(2)
	void eachTestBeginsWithAServerThatRemembersNothing(FakeAuthorizationServer server) {
		assertThat(server.issuer()).isEqualTo(issuer);
		assertThat(server.requests()).isEmpty();
	}

}
