package io.github.oauth2pkce.target;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.bearer.TestPolicies;

import static org.assertj.core.api.Assertions.assertThat;

class BearerPoliciesTests {

	private final BearerPolicies policies = new BearerPolicies(List.of(
			TestPolicies.policyOf("all", "https://api.example.com"),
			TestPolicies.policyOf("v1", "https://API.example.com/v1", "https://other.example.com"),
			TestPolicies.policyOf("admin", "https://api.example.com/v1/admin"),
			TestPolicies.policyOf("b\u00fccher", "https://b\u00fccher.de:8443"), TestPolicies.policyOf("none")));

	private String select(String named, String uri) {
		BearerPolicy policy = this.policies.select(named, URI.create(uri));
		return (policy != null) ? policy.providerId() : "-";
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com/, all", "https://api.example.com/v10, all", "https://api.example.com/v1, v1",
			"https://API.EXAMPLE.COM/v1/x, v1", "https://api.example.com/v1/administrators, v1",
			"https://api.example.com/v1/admin/x, admin", "https://api.example.com/v1/admin/../x, all",
			"https://other.example.com/x, v1", "https://b\u00fccher.de:8443/, b\u00fccher",
			"https://xn--bcher-kva.de:8443/, b\u00fccher", "https://b\u00fccher.de/, -", "https://example.com/, -",
			"http://api.example.com/, -", "/v1, -", "mailto:a@api.example.com, -" })
	void theLongestPrefixWins(String uri, String expected) {
		assertThat(select(null, uri)).isEqualTo(expected);
	}

	@Test
	void theProviderThatTheRequestNamesWinsOverPrefixes() {
		assertThat(select("all", "https://api.example.com/v1")).isEqualTo("all");
		assertThat(select("none", "https://api.example.com/v1")).isEqualTo("none");
	}

	@Test
	void aProviderThatIsNotConfiguredIsNobodys() {
		assertThat(select("unknown", "https://api.example.com/v1")).isEqualTo("-");
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com/v1, -", "https://API.example.com:443/v1/orders, -",
			"https://api.example.com/v1/mine/x, mine", "https://api.example.com/v2, all",
			"https://api.example.com:8443/v1, other-port", "http://api.example.com/v1, plain",
			"https://b\u00fccher.de/x, -", "https://xn--bcher-kva.de/x, -" })
	void noneOfTwoProvidersWithAnEqualPrefixIsChosen(String uri, String expected) {
		BearerPolicies tied = new BearerPolicies(List.of(TestPolicies.policyOf("all", "https://api.example.com"),
				TestPolicies.policyOf("one", "https://api.example.com/v1", "https://b\u00fccher.de"),
				TestPolicies.policyOf("two", "https://API.example.com:443/v1/", "https://xn--bcher-kva.de/"),
				TestPolicies.policyOf("mine", "https://api.example.com/v1/mine"),
				TestPolicies.policyOf("other-port", "https://api.example.com:8443/v1"),
				TestPolicies.policyOf("plain", "http://api.example.com/v1")));
		BearerPolicy policy = tied.select(null, URI.create(uri));
		assertThat((policy != null) ? policy.providerId() : "-").isEqualTo(expected);
		assertThat(tied.select("two", URI.create(uri))).extracting(BearerPolicy::providerId).isEqualTo("two");
	}

	@Test
	void knowsWhatIsConfiguredForAHost() {
		assertThat(this.policies.onHostOf(URI.create("https://API.example.com:8443/v2"))).containsOnlyKeys(
				"https://api.example.com:443", "https://api.example.com:443/v1",
				"https://api.example.com:443/v1/admin");
		assertThat(this.policies.onHostOf(URI.create("https://example.com"))).isEmpty();
		assertThat(this.policies.onHostOf(URI.create("/v1"))).isEmpty();
	}

	@Test
	void aProviderIsNotItsOwnRival() {
		BearerPolicies twice = new BearerPolicies(
				List.of(TestPolicies.policyOf("one", "https://api.example.com/v1", "https://api.example.com:443/v1/")));
		assertThat(twice.select(null, URI.create("https://api.example.com/v1/x"))).isNotNull();
	}

	@ParameterizedTest
	@CsvSource({ "https://gateway.example.com/p42/x, p42", "https://gateway.example.com/p42, p42",
			"https://gateway.example.com/p4/2, p4", "https://GATEWAY.example.com/p99?q=1, p99",
			"https://gateway.example.com/p42x, rest", "https://gateway.example.com/p100, rest",
			"https://gateway.example.com/p42/../p43, rest", "https://gateway.example.com/p42/%2e%2e/x, rest",
			"https://gateway.example.com/team/p7/deep/x, deep", "https://gateway.example.com/team/p7/deeper, p7-team",
			"https://gateway.example.com, rest", "https://gateway.example.com:8443/p42, other-port",
			"https://gateway.example.com:8443/p43, -", "http://gateway.example.com/p42, -",
			"https://user@gateway.example.com/p42, -" })
	void findsOneAmongManyOnOneHost(String uri, String expected) {
		List<BearerPolicy> policies = IntStream.range(0, 100)
			.mapToObj((i) -> TestPolicies.policyOf("p" + i, "https://gateway.example.com/p" + i))
			.collect(Collectors.toCollection(ArrayList::new));
		policies.add(TestPolicies.policyOf("rest", "https://gateway.example.com"));
		policies.add(TestPolicies.policyOf("other-port", "https://gateway.example.com:8443/p42"));
		policies.add(TestPolicies.policyOf("p7-team", "https://gateway.example.com/team/p7"));
		policies.add(TestPolicies.policyOf("deep", "https://gateway.example.com/team/p7/deep"));
		BearerPolicy policy = new BearerPolicies(policies).select(null, URI.create(uri));
		assertThat((policy != null) ? policy.providerId() : "-").isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 5, 50 })
	void findsTheSameHoweverManyThereAre(int others) {
		Random random = new Random(others);
		List<BearerPolicy> policies = IntStream.range(0, others)
			.mapToObj((i) -> TestPolicies.policyOf("p" + i, "https://api.example.com" + path(random)))
			.toList();
		BearerPolicies many = new BearerPolicies(policies);
		for (int i = 0; i < 2000; i++) {
			URI uri = URI.create("https://api.example.com" + path(random));
			assertThat(many.select(null, uri)).isEqualTo(oneByOne(policies, uri));
		}
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com/v1/orders/7, orders", "https://api.example.com/v1/ordersx, -",
			"https://api.example.com/v1/order, -", "https://api.example.com/v1, -", "https://api.example.com, -",
			"https://api.example.com/v1/offers, offers", "https://api.example.com/v1/%6frders, -",
			"https://api.example.com/v1/orders/../offers, -" })
	void nothingIsBelowWhatPathsOnlyHaveInCommon(String uri, String expected) {
		BearerPolicies siblings = new BearerPolicies(
				List.of(TestPolicies.policyOf("orders", "https://api.example.com/v1/orders"),
						TestPolicies.policyOf("offers", "https://api.example.com/v1/offers")));
		BearerPolicy policy = siblings.select(null, URI.create(uri));
		assertThat((policy != null) ? policy.providerId() : "-").isEqualTo(expected);
	}

	private static String path(Random random) {
		StringBuilder path = new StringBuilder();
		for (int segments = random.nextInt(4); segments > 0; segments--) {
			path.append('/').append("abc", 0, 1 + random.nextInt(3));
		}
		return path.toString();
	}

	private static BearerPolicy oneByOne(List<BearerPolicy> policies, URI uri) {
		Map<Integer, List<BearerPolicy>> byLength = policies.stream()
			.filter((policy) -> policy.allows(uri))
			.collect(Collectors.groupingBy((policy) -> policy.baseUrls().get(0).path().length()));
		List<BearerPolicy> longest = byLength.isEmpty() ? List.of() : byLength.get(Collections.max(byLength.keySet()));
		return (longest.size() == 1) ? longest.get(0) : null;
	}

}
