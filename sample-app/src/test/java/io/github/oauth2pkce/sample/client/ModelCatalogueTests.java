package io.github.oauth2pkce.sample.client;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.testing.MovableClock;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Time and failure of the cached catalogue.
 */
class ModelCatalogueTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	private final Deque<ClientResponse> answers = new ArrayDeque<>();

	private final MovableClock clock = new MovableClock(START);

	private final CatalogueProperties properties = new CatalogueProperties(URI.create("http://127.0.0.1/api/models"),
			Duration.ofSeconds(20), Duration.ofSeconds(2), Duration.ofSeconds(10));

	private final ModelCatalogue catalogue = new ModelCatalogue(
			new ModelsOfApi(WebClient.builder().exchangeFunction((request) -> Mono.just(this.answers.remove())),
					this.properties),
			this.properties, this.clock);

	@Test
	void fetchesOnceWithinTimeToLive() {
		answer("[{\"id\":\"a\",\"contextWindow\":10},{\"id\":\"b\"}]");
		assertThat(this.catalogue.current().models()).extracting(Model::id).containsExactly("a", "b");
		this.clock.set(START.plusSeconds(19));
		assertThat(this.catalogue.current().fetchedAt()).isEqualTo(START);
	}

	@Test
	void fetchesAgainAfterTimeToLive() {
		answer("[{\"id\":\"a\"}]");
		answer("[{\"id\":\"b\"}]");
		this.catalogue.current();
		this.clock.set(START.plusSeconds(20));
		assertThat(this.catalogue.current().models()).extracting(Model::id).containsExactly("b");
	}

	@Test
	void keepsOldCopyWithReasonOnFailureAndRecovers() {
		answer("[{\"id\":\"a\"}]");
		this.answers.add(ClientResponse.create(HttpStatus.SERVICE_UNAVAILABLE).build());
		answer("[{\"id\":\"b\"}]");
		this.catalogue.current();
		this.clock.set(START.plusSeconds(20));
		Catalogue stale = this.catalogue.current();
		assertThat(stale.models()).extracting(Model::id).containsExactly("a");
		assertThat(stale.fetchedAt()).isEqualTo(START);
		assertThat(stale.problem()).isEqualTo("the API answered 503 SERVICE_UNAVAILABLE");
		this.clock.set(START.plusSeconds(22));
		assertThat(this.catalogue.current().problem()).isNull();
	}

	@Test
	void isEmptyWithReasonBeforeTheFirstSuccess() {
		this.answers.add(ClientResponse.create(HttpStatus.UNAUTHORIZED).build());
		Catalogue none = this.catalogue.current();
		assertThat(none.models()).isEmpty();
		assertThat(none.fetchedAt()).isNull();
		assertThat(none.problem()).isEqualTo("the API answered 401 UNAUTHORIZED");
	}

	@Test
	void tellsWhyTheRequestHadNoBearer() {
		MockClientHttpRequest request = new MockClientHttpRequest(HttpMethod.GET, URI.create("http://127.0.0.1/"));
		request.getAttributes().put(BearerTokenFilter.SKIP_REASON_ATTRIBUTE, SkipReason.NO_TOKEN);
		this.answers.add(ClientResponse.create(HttpStatus.UNAUTHORIZED).request(request).build());
		answer("[{\"id\":\"a\"}]");
		assertThat(this.catalogue.current().skipReason()).isEqualTo(SkipReason.NO_TOKEN);
		this.clock.set(START.plusSeconds(2));
		assertThat(this.catalogue.current().skipReason()).isNull();
	}

	@Test
	void takesKeycloaksUserInfoForACatalogueOfOne() {
		answer("{\"sub\":\"7d1\",\"email_verified\":true,\"name\":\"Alice Example\"}");
		assertThat(this.catalogue.current().models()).extracting(Model::id, Model::name)
			.containsExactly(tuple("7d1", "Alice Example"));
	}

	private void answer(String json) {
		this.answers.add(ClientResponse.create(HttpStatus.OK)
			.header("Content-Type", MediaType.APPLICATION_JSON_VALUE)
			.body(json)
			.build());
	}

}
