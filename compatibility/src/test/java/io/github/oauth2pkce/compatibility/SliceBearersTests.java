package io.github.oauth2pkce.compatibility;

import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.testing.spring.WithBearer;
import io.github.oauth2pkce.testing.spring.WithoutBearer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.restclient.test.autoconfigure.RestClientTest;
import org.springframework.boot.webclient.test.autoconfigure.WebClientTest;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.header;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.headerDoesNotExist;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

/**
 * The test kit in slices of an application whose logins are in a database, which no slice
 * of a client has.
 */
@TestPropertySource(properties = { "oauth2.pkce.store.type=jdbc",
		"oauth2.pkce.store.encryption-key=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"oauth2.pkce.providers.acme.issuer-uri=https://login.example.com", "oauth2.pkce.providers.acme.client-id=app",
		"oauth2.pkce.providers.acme.base-urls=https://api.example.com" })
class SliceBearersTests {

	private static final String API = "https://api.example.com/orders";

	@Nested
	@RestClientTest
	@Import(Orders.class)
	@WithBearer("acme")
	class OfRestClient {

		@Test
		void isSent(@Autowired MockRestServiceServer api, @Autowired Orders orders) {
			api.expect(requestTo(API))
				.andExpect(header("Authorization", "Bearer test-token"))
				.andRespond(withSuccess());
			orders.read();
		}

		@Test
		@WithoutBearer(value = "acme", reason = SkipReason.NO_TOKEN)
		void isMissing(@Autowired MockRestServiceServer api, @Autowired Orders orders) {
			api.expect(requestTo(API)).andExpect(headerDoesNotExist("Authorization")).andRespond(withSuccess());
			orders.read();
		}

	}

	@Nested
	@WebClientTest
	class OfWebClient {

		@Test
		@WithBearer("acme")
		void isSent(@Autowired WebClient.Builder builder) {
			AtomicReference<HttpHeaders> headers = new AtomicReference<>();
			builder.exchangeFunction((request) -> {
				headers.set(request.headers());
				return Mono.just(ClientResponse.create(HttpStatus.OK).build());
			}).build().get().uri(API).retrieve().toBodilessEntity().block();
			assertThat(headers.get().getFirst("Authorization")).isEqualTo("Bearer test-token");
		}

	}

	static class Orders {

		private final RestClient client;

		Orders(RestClient.Builder builder) {
			this.client = builder.build();
		}

		void read() {
			this.client.get().uri(API).retrieve().toBodilessEntity();
		}

	}

}
