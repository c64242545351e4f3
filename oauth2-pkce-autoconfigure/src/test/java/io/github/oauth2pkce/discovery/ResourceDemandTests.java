package io.github.oauth2pkce.discovery;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ResourceDemandTests {

	private static final String ESCAPE = "\u001b[2J\u202e";

	static ResourceDemand scopes(String... scopes) {
		return new ResourceDemand(false, new LinkedHashSet<>(Set.of(scopes)), null, null, null, null);
	}

	static ResourceDemand missing(@Nullable String acrValues, @Nullable Long maxAge, @Nullable String claims,
			String... scopes) {
		return new ResourceDemand(true, new LinkedHashSet<>(Set.of(scopes)), acrValues, maxAge, claims, null);
	}

	@Test
	void addsScopesUpAndTakesTheLaterOfTheRest() {
		ResourceDemand first = new ResourceDemand(true, Set.of("read"), "silver", 60L, "{\"a\":1}", "https://a");
		ResourceDemand second = new ResourceDemand(false, Set.of("write"), "gold", 30L, "{\"b\":1}", "https://b");
		assertThat(first.and(second))
			.isEqualTo(new ResourceDemand(true, Set.of("read", "write"), "gold", 30L, "{\"b\":1}", "https://b"));
		assertThat(first.and(ResourceDemand.NONE)).isEqualTo(first);
		assertThat(ResourceDemand.NONE.and(first)).isEqualTo(first);
	}

	@Test
	void isEmptyWhenALoginHasNothingToAskFor() {
		assertThat(ResourceDemand.NONE.isEmpty()).isTrue();
		assertThat(new ResourceDemand(true, Set.of(), null, null, null, "https://a").isEmpty()).isTrue();
		assertThat(scopes("a").isEmpty()).isFalse();
		assertThat(missing("gold", null, null).isEmpty()).isFalse();
		assertThat(missing(null, 0L, null).isEmpty()).isFalse();
		assertThat(missing(null, null, "{\"a\":1}").isEmpty()).isFalse();
	}

	@Test
	void isMetByALoginThatHasTheScopesUnlessMoreThanScopesIsDemanded() {
		assertThat(missing(null, null, null, "a", "b").isMetBy(Set.of("a", "b", "c"))).isTrue();
		assertThat(missing(null, null, null, "a", "b").isMetBy(Set.of("a"))).isFalse();
		assertThat(missing("gold", null, null, "a").isMetBy(Set.of("a"))).isFalse();
		assertThat(missing(null, 0L, null, "a").isMetBy(Set.of("a"))).isFalse();
		assertThat(missing(null, null, "{\"a\":1}", "a").isMetBy(Set.of("a"))).isFalse();
		assertThat(missing(null, null, null).isMetBy(Set.of("a"))).as("nobody knows").isFalse();
	}

	@Test
	void keepsTheFirstFiftyScopesAndNoneThatIsLong() {
		Set<String> many = IntStream.range(0, 100_000)
			.mapToObj((i) -> "scope" + i)
			.collect(Collectors.toCollection(LinkedHashSet::new));
		assertThat(new ResourceDemand(true, many, null, null, null, null).scopes()).hasSize(50)
			.startsWith("scope0", "scope1");
		assertThat(scopes("x".repeat(201), "x".repeat(200)).scopes()).containsExactly("x".repeat(200));
		assertThat(new ResourceDemand(true,
				IntStream.range(100, 200)
					.mapToObj((i) -> i + "x".repeat(97))
					.collect(Collectors.toCollection(LinkedHashSet::new)),
				null, null, null, null)
			.scopes()).hasSize(15);
		assertThat(missing("x".repeat(501), null, null).acrValues()).isNull();
		assertThat(missing(null, null, "{\"a\":\"" + "x".repeat(2048) + "\"}").claims()).isNull();
		assertThat(new ResourceDemand(false, Set.of(), null, null, null, "x".repeat(2049)).resourceMetadata()).isNull();
	}

	@Test
	void hasNoScopeOrClassThatNoRequestCouldName() {
		assertThat(scopes("a b", "a\"", "\u00e9", "", "a\n").scopes()).isEmpty();
		assertThat(missing("gold" + ESCAPE, null, null).acrValues()).isNull();
		assertThat(missing(null, -1L, null).maxAge()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "1", "{\"a\":1} {}", "{\"a\":1", "null" })
	void hasNoClaimsThatAreNoObject(String claims) {
		assertThat(missing(null, null, claims).claims()).isNull();
	}

	@Test
	void claimsArePrintableAsciiOnOneLine() {
		String claims = missing(null, null, "{\n \"a\" : \"\\u001b\u202e\u00e9\",\"n\":1e400}").claims();
		assertThat(claims).isEqualTo("{\"a\":\"\\u001B\\u202E\\u00E9\",\"n\":1E+400}");
	}

	@Test
	void printsNothingThatATerminalWouldObey() {
		ResourceDemand demand = new ResourceDemand(true, Set.of("a"), "b", 1L, "{\"c\":1}", "https://x/" + ESCAPE);
		assertThat(demand.toString()).contains("scopes=a", "acrValues=b", "maxAge=1", "https://x/[2J")
			.doesNotContain("\u001b", "\u202e");
	}

}
