package io.github.oauth2pkce.testing.spring;

import java.util.Map;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@SpringBootTest(classes = WithBearerTests.Application.class,
		properties = { "oauth2.pkce.providers.other.issuer-uri=https://login.example.com",
				"oauth2.pkce.providers.other.client-id=cli", "oauth2.pkce.login.on-request=always" })
@WithBearer(value = "other", token = "of-the-class")
class WithBearerTests {

	@Autowired
	private BearerTokenSource source;

	@Autowired
	private RequestLogins requestLogins;

	@Autowired
	private TokenStore store;

	@Autowired
	private Providers providers;

	@Autowired
	private WebClient.Builder builder;

	private Map<String, Object> attributes = Map.of();

	@Test
	@WithBearer("catalogue")
	void givesTheBearerToRequestsThatTheProviderIsFor() {
		assertThat(authorization("https://api.example.com/models/1")).isEqualTo("Bearer test-token");
		assertThat(authorization("https://elsewhere.example.com/")).isEqualTo("none");
	}

	@Test
	@WithBearer(value = "catalogue", token = "mine")
	void givesTheTokenThatTheTestNames() {
		assertThat(authorization("https://api.example.com/models")).isEqualTo("Bearer mine");
	}

	@Test
	@WithoutBearer(value = "catalogue", reason = SkipReason.REFRESH_BACKOFF)
	void takesTheBearerAwayForAReason() {
		assertThat(authorization("https://api.example.com/models")).isEqualTo("none");
		assertThat(this.attributes).containsEntry(BearerTokenFilter.SKIP_REASON_ATTRIBUTE, SkipReason.REFRESH_BACKOFF);
	}

	@Test
	@WithoutBearer("catalogue")
	void startsNoLoginForARequest() {
		assertThat(this.requestLogins.areAllowed("catalogue")).isFalse();
		assertThat(this.source.current("catalogue").block())
			.isEqualTo(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED));
	}

	@Test
	void takesWhatTheClassSays() {
		assertThat(this.source.current("other").block()).isEqualTo(BearerToken.Available.of("of-the-class"));
	}

	@Test
	@WithBearer(value = "other", token = "of-the-method")
	void prefersWhatTheMethodSays() {
		assertThat(this.source.atHand("other")).isEqualTo(BearerToken.Available.of("of-the-method"));
	}

	@Test
	@WithoutBearer("other")
	void prefersThatTheMethodSaysThereIsNone() {
		assertThat(this.source.atHand("other")).isNull();
	}

	@Test
	void leavesOtherProvidersToTheApplication() {
		assertThat(this.source.current("catalogue").block())
			.isEqualTo(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED));
		assertThat(this.requestLogins.areAllowed("catalogue")).isTrue();
	}

	@Test
	void keepsLoginsInMemory() {
		assertThat(this.store).isInstanceOf(MemoryTokenStore.class);
	}

	@Test
	void namesTheProvidersWhenThereIsNoSuchOne() {
		TestBearers bearers = new TestBearers();
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> bearers.begin(Mistake.class, Mistake.class.getDeclaredMethod("test"), this.providers))
			.withMessageContainingAll("which bearer 'catalog' has, and there is no such provider", "catalogue",
					"other");
	}

	@Test
	void saysThatSomeReasonsAreUpToTheRequest() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> TestBearers.annotationsOf(RequestsOwn.class))
			.withMessageContaining("origin_not_allowed is up to the request");
	}

	private String authorization(String uri) {
		return this.builder.clone()
			.exchangeFunction(
					(request) -> Mono.just(ClientResponse.create(HttpStatus.OK).body(authorization(request)).build()))
			.build()
			.get()
			.uri(uri)
			.retrieve()
			.bodyToMono(String.class)
			.block();
	}

	private String authorization(ClientRequest request) {
		this.attributes = request.attributes();
		return request.headers().toSingleValueMap().getOrDefault("Authorization", "none");
	}

	@Nested
	@WithoutBearer("other")
	class InANestedClassWithout {

		@Test
		void prefersWhatTheNestedClassSays() {
			assertThat(WithBearerTests.this.source.atHand("other")).isNull();
		}

	}

	@Nested
	@WithBearer(value = "catalogue", token = "of-the-nested-class")
	class InANestedClass {

		@Test
		void takesWhatBothClassesSay() {
			BearerTokenSource source = WithBearerTests.this.source;
			assertThat(source.atHand("catalogue")).isEqualTo(BearerToken.Available.of("of-the-nested-class"));
			assertThat(source.atHand("other")).isEqualTo(BearerToken.Available.of("of-the-class"));
		}

	}

	static final class Mistake {

		@WithBearer("catalog")
		void test() {
		}

	}

	@WithoutBearer(value = "catalogue", reason = SkipReason.ORIGIN_NOT_ALLOWED)
	static final class RequestsOwn {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
