package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.CollectionUtils;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BearerHeadersTests {

	private final HttpHeaders own = own();

	private final HttpHeaders headers = BearerHeaders.of(this.own, "Bearer one");

	private static HttpHeaders own() {
		HttpHeaders own = new HttpHeaders();
		own.setAccept(List.of(MediaType.TEXT_PLAIN));
		own.addAll("X-Trace", List.of("1", "2"));
		return HttpHeaders.readOnlyHttpHeaders(own);
	}

	/** What a copy would be. */
	private HttpHeaders copy() {
		HttpHeaders copy = new HttpHeaders();
		copy.putAll(this.own);
		copy.set(HttpHeaders.AUTHORIZATION, "Bearer one");
		return copy;
	}

	@ParameterizedTest
	@ValueSource(strings = { "Authorization", "authorization", "AUTHORIZATION", "accept", "x-trace", "missing" })
	void answersAsACopyWould(String name) {
		assertThat(this.headers.get(name)).isEqualTo(copy().get(name));
		assertThat(this.headers.getFirst(name)).isEqualTo(copy().getFirst(name));
		assertThat(this.headers.containsHeader(name)).isEqualTo(copy().containsHeader(name));
	}

	@Test
	void isEqualToACopy() {
		assertThat(this.headers).isEqualTo(copy()).hasToString(copy().toString());
		assertThat(this.headers.size()).isEqualTo(3);
		assertThat(this.headers.headerNames()).containsExactlyElementsOf(copy().headerNames());
		assertThat(this.headers.toSingleValueMap()).isEqualTo(copy().toSingleValueMap());
		assertThat(new ArrayList<>(this.headers.headerSet())).isEqualTo(new ArrayList<>(copy().headerSet()));
		assertThat(HttpHeaders.copyOf(this.headers)).isEqualTo(copy());
	}

	@Test
	void namesEachHeaderOnce() {
		Map<String, List<String>> seen = new LinkedHashMap<>();
		this.headers.forEach((name, values) -> assertThat(seen.put(name, values)).isNull());
		assertThat(seen).containsExactly(Map.entry("Accept", List.of("text/plain")),
				Map.entry("X-Trace", List.of("1", "2")), Map.entry("Authorization", List.of("Bearer one")));
	}

	@Test
	void readsTypedHeadersOfTheRequest() {
		assertThat(this.headers.getAccept()).containsExactly(MediaType.TEXT_PLAIN);
	}

	@Test
	void endsAfterTheBearer() {
		var names = map().keySet().iterator();
		for (int i = 0; i < 3; i++) {
			names.next();
		}
		assertThat(names.hasNext()).isFalse();
		assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(names::next);
	}

	@Test
	void cannotBeChanged() {
		List<Runnable> changes = List.of(() -> this.headers.setBearerAuth("two"), () -> this.headers.add("X-New", "1"),
				() -> this.headers.remove("Accept"), () -> map().add("X-New", "1"), () -> map().set("X-New", "1"),
				() -> map().setAll(Map.of("X-New", "1")), () -> map().addAll("X-New", List.of("1")),
				() -> map().addAll(CollectionUtils.toMultiValueMap(Map.of("X-New", List.of("1")))),
				() -> map().put("X-New", List.of("1")), () -> map().remove("Accept"), () -> map().clear());
		assertThat(changes).allSatisfy(
				(change) -> assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(change::run));
		assertThat(this.headers).isEqualTo(copy());
	}

	@SuppressWarnings("removal")
	private MultiValueMap<String, String> map() {
		return this.headers.asMultiValueMap();
	}

}
