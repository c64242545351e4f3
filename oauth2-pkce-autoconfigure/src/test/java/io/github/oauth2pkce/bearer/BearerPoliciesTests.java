package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

	@Test
	void findsOneAmongManyOnOneHost() {
		BearerPolicies many = new BearerPolicies(IntStream.range(0, 100)
			.mapToObj((i) -> TestPolicies.policyOf("p" + i, "https://api.example.com/p" + i))
			.toList());
		BearerPolicy policy = many.select(null, URI.create("https://api.example.com/p42/x"));
		assertThat(policy).isNotNull();
		assertThat(policy.providerId()).isEqualTo("p42");
	}

}
