package io.github.oauth2pkce.testing.example;

import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.testing.spring.WithBearer;
import io.github.oauth2pkce.testing.spring.WithoutBearer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.restclient.test.autoconfigure.AutoConfigureMockRestServiceServer;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.MediaType;
import org.springframework.test.web.client.MockRestServiceServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.header;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.headerDoesNotExist;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withUnauthorizedRequest;

@SpringBootTest
@AutoConfigureMockRestServiceServer
class CatalogueTests {

	@Autowired
	private MockRestServiceServer api;

	@Autowired
	private Catalogue catalogue;

	@Test
	@WithBearer("catalogue")
	void readsWithTheBearer() {
		this.api.expect(requestTo("https://api.example.com/models"))
			.andExpect(header("Authorization", "Bearer test-token"))
			.andRespond(withSuccess("two models", MediaType.TEXT_PLAIN));
		assertThat(this.catalogue.read()).isEqualTo("two models");
	}

	@Test
	@WithoutBearer(value = "catalogue", reason = SkipReason.REAUTHENTICATION_REQUIRED)
	void saysThatSomebodyHasToLogIn() {
		this.api.expect(headerDoesNotExist("Authorization"))
			.andRespond(withUnauthorizedRequest().header("WWW-Authenticate", "Bearer"));
		assertThat(this.catalogue.read()).isEqualTo("Please log in.");
	}

}
