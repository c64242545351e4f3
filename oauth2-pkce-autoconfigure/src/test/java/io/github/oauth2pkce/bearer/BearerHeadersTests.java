package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.CollectionUtils;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BearerHeadersTests {

	private final HttpHeaders own = own();

	private final HttpHeaders headers = BearerHeaders.readOnly(this.own, "Bearer one", null);

	private static HttpHeaders own() {
		HttpHeaders own = new HttpHeaders();
		own.setAccept(List.of(MediaType.TEXT_PLAIN));
		own.addAll("X-Trace", List.of("1", "2"));
		return HttpHeaders.readOnlyHttpHeaders(own);
	}

	/** What a copy would be. */
	private HttpHeaders copy() {
		HttpHeaders copy = HttpHeaders.copyOf(this.own);
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
	void showsTransportsWhatACopyWould() {
		HttpHeaders writable = BearerHeaders.writable(this.own, "Bearer one", null);
		assertThat(shown(writable)).isEqualTo(shown(copy())).endsWith("Authorization: [Bearer one]");
		writable.set("X-Later", "3");
		HttpHeaders copy = copy();
		copy.set("X-Later", "3");
		assertThat(shown(writable)).isEqualTo(shown(copy)).hasSize(4);
	}

	private static List<String> shown(HttpHeaders headers) {
		List<String> shown = new ArrayList<>();
		headers.forEach((name, values) -> shown.add(name + ": " + values));
		return shown;
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

	static Stream<Named<Consumer<HttpHeaders>>> writes() {
		return Stream.of(Named.of("set", (headers) -> headers.set("accept", "*/*")),
				Named.of("set another bearer", (headers) -> headers.setBearerAuth("two")),
				Named.of("add", (headers) -> headers.add("x-trace", "3")),
				Named.of("addAll", (headers) -> headers.addAll("X-New", List.of("1", "2"))),
				Named.of("put", (headers) -> headers.put("X-Trace", List.of("4"))),
				Named.of("remove", (headers) -> headers.remove("ACCEPT")),
				Named.of("remove the bearer", (headers) -> headers.remove("authorization")),
				Named.of("remove what is not there", (headers) -> headers.remove("missing")),
				Named.of("clear", HttpHeaders::clear),
				Named.of("remove by an iterator", (headers) -> headers.headerSet().removeIf((header) -> true)),
				Named.of("remove a name", (headers) -> headers.headerNames().remove("X-Trace")),
				Named.of("set by an entry",
						(headers) -> headers.headerSet().forEach((header) -> header.setValue(List.of("5")))),
				Named.of("set all of a map", (headers) -> map(headers).setAll(Map.of("X-New", "6"))),
				Named.of("add all of a map", (headers) -> map(headers)
					.addAll(CollectionUtils.toMultiValueMap(Map.of("X-Trace", List.of("7"))))));
	}

	@ParameterizedTest
	@MethodSource("writes")
	void canBeWrittenLikeACopyWhereInterceptorsExpectIt(Consumer<HttpHeaders> write) {
		HttpHeaders before = HttpHeaders.copyOf(this.own);
		HttpHeaders writable = BearerHeaders.writable(this.own, "Bearer one", null);
		assertThat(writable).isEqualTo(copy());
		HttpHeaders written = copy();
		write.accept(written);
		write.accept(writable);
		assertThat(writable).isEqualTo(written).hasToString(written.toString());
		assertThat(writable.size()).isEqualTo(written.size());
		assertThat(writable.getFirst("Authorization")).isEqualTo(written.getFirst("Authorization"));
		assertThat(writable.containsHeader("accept")).isEqualTo(written.containsHeader("accept"));
		assertThat(writable.get("x-trace")).isEqualTo(written.get("x-trace"));
		assertThat(writable.toSingleValueMap()).isEqualTo(written.toSingleValueMap());
		assertThat(this.own).isEqualTo(before);
	}

	private MultiValueMap<String, String> map() {
		return map(this.headers);
	}

	@SuppressWarnings("removal")
	private static MultiValueMap<String, String> map(HttpHeaders headers) {
		return headers.asMultiValueMap();
	}

}
