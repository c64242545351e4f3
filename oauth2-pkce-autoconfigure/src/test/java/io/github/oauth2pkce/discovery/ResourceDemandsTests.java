package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Request;

import static io.github.oauth2pkce.discovery.ResourceDemandTests.missing;
import static io.github.oauth2pkce.discovery.ResourceDemandTests.scopes;
import static org.assertj.core.api.Assertions.assertThat;

class ResourceDemandsTests {

	private final ResourceDemands demands = new ResourceDemands();

	private static Provider provider(Map<String, String> parameters) {
		return Provider.withId("tools", "client")
			.resourceUri(URI.create("https://api.example.com/mcp"))
			.scopes(List.of("openid"))
			.additionalParameters(parameters)
			.build();
	}

	@Test
	void demandsNothingAtFirst() {
		assertThat(this.demands.of("tools")).isEqualTo(ResourceDemand.NONE);
		assertThat(this.demands.missing("tools")).isEqualTo(ResourceDemand.NONE);
		Provider provider = provider(Map.of());
		assertThat(this.demands.asked(provider, Set.of("granted"))).isSameAs(provider);
	}

	@Test
	void tellsWhatALoginShouldAskForFromWhatTheLoginLacks() {
		this.demands.challenged("tools", scopes("read"));
		this.demands.challenged("tools", missing("gold", null, null, "write"));
		assertThat(this.demands.missing("tools")).isEqualTo(missing("gold", null, null, "write"));
		assertThat(this.demands.of("tools")).isEqualTo(missing("gold", null, null, "read", "write"));
		assertThat(this.demands.of("other")).isEqualTo(ResourceDemand.NONE);
	}

	@Test
	void addsUpUntilALoginIsDone() {
		this.demands.challenged("tools", missing(null, null, null, "write"));
		this.demands.challenged("tools", missing(null, null, null, "admin"));
		assertThat(this.demands.missing("tools").scopes()).containsExactly("write", "admin");
		this.demands.fulfilled("tools");
		assertThat(this.demands.missing("tools")).isEqualTo(ResourceDemand.NONE);
		assertThat(this.demands.of("tools")).isEqualTo(ResourceDemand.NONE);
	}

	@Test
	void knowsThatSomethingIsMissingEvenIfTheResourceDoesNotSayWhat() {
		this.demands.challenged("tools", missing(null, null, null));
		assertThat(this.demands.missing("tools").insufficient()).isTrue();
	}

	@Test
	void keepsTheAddressOfTheMetadataBeyondALogin() {
		this.demands.challenged("tools", new ResourceDemand(false, Set.of(), null, null, null, "https://a"));
		this.demands.challenged("tools", new ResourceDemand(true, Set.of("x"), null, null, null, "https://b"));
		this.demands.challenged("tools", scopes("y"));
		this.demands.fulfilled("tools");
		assertThat(this.demands.of("tools"))
			.isEqualTo(new ResourceDemand(false, Set.of(), null, null, null, "https://b"));
	}

	@Test
	void neverHoldsMoreThanFiftyScopesOfEachKind() {
		for (int i = 0; i < 10_000; i++) {
			this.demands.challenged("tools", missing(null, null, null, "scope" + i));
		}
		assertThat(this.demands.of("tools").scopes()).hasSize(50).startsWith("scope0");
	}

	/** Servers refuse addresses of eight thousand characters, some of four. */
	@Test
	void whateverIsDemandedFitsTheAddressOfALoginPage() {
		for (int i = 0; i < 1000; i++) {
			this.demands.challenged("tools", scopes("n" + "%".repeat(i % 210) + i));
			this.demands.challenged("tools", missing("a".repeat(i % 600), (long) i,
					"{\"" + "\\u202e".repeat(i % 500) + "\":" + i + "}", "m" + "&".repeat(i % 210) + i));
		}
		Request asked = this.demands.asked(provider(Map.of())).request();
		int parameters = asked.additionalParameters().values().stream().mapToInt(String::length).sum();
		assertThat(String.join(" ", asked.scopes()).length() + parameters).isBetween(3000, 4200);
	}

	@Test
	void theNextLoginAsksForConfiguredNamedAndMissingScopes() {
		this.demands.challenged("tools", scopes("read"));
		this.demands.challenged("tools", missing(null, null, null, "write"));
		Provider asked = this.demands.asked(provider(Map.of("audience", "api")), Set.of("openid", "granted"));
		assertThat(asked.request().scopes()).containsExactly("openid", "granted", "read", "write");
		assertThat(asked.request().additionalParameters()).isEqualTo(Map.of("audience", "api"));
		assertThat(asked.withRequest(provider(Map.of()).request())).isEqualTo(provider(Map.of()));
	}

	/** A 401 is nothing unusual, and no reason to ask for more than is configured. */
	@Test
	void onlyAResourceThatNamesItsServerAlsoNamesScopes() {
		Provider provider = Provider.withId("tools", "client").scopes(List.of("openid")).build();
		this.demands.challenged("tools", scopes("read"));
		assertThat(this.demands.asked(provider)).isSameAs(provider);
		this.demands.challenged("tools", missing(null, null, null, "write"));
		assertThat(this.demands.asked(provider).request().scopes()).containsExactly("openid", "write");
	}

	/** Whoever asks for less from now on may: nothing is missing. */
	@Test
	void aLoginThatNothingIsMissingFromDoesNotAskForWhatWasGranted() {
		this.demands.challenged("tools", scopes("read"));
		assertThat(this.demands.asked(provider(Map.of()), Set.of("granted")).request().scopes())
			.containsExactly("openid", "read");
	}

	@Test
	void theNextLoginHasTheParametersOfRfc9470AndClaims() {
		this.demands.challenged("tools", missing("gold", 300L, "{\"id_token\":{\"acr\":{\"value\":\"2\"}}}"));
		assertThat(this.demands.asked(provider(Map.of())).request().additionalParameters()).isEqualTo(
				Map.of("acr_values", "gold", "max_age", "300", "claims", "{\"id_token\":{\"acr\":{\"value\":\"2\"}}}"));
	}

	@Test
	void theShorterMaxAgeSatisfiesBoth() {
		this.demands.challenged("tools", missing(null, 300L, null));
		assertThat(maxAge("60")).isEqualTo("60");
		assertThat(maxAge("3600")).isEqualTo("300");
		assertThat(maxAge("nonsense")).isEqualTo("300");
		assertThat(maxAge("9".repeat(30))).isEqualTo("300");
	}

	private String maxAge(String configured) {
		return this.demands.asked(provider(Map.of("max_age", configured)))
			.request()
			.additionalParameters()
			.get("max_age");
	}

	@Test
	void mergesClaimsMemberByMember() {
		this.demands.challenged("tools", missing(null, null, "{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}"));
		assertThat(claims(
				"{\"id_token\":{\"email\":null},\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]},\"acrs\":1}}"))
			.isEqualTo("{\"id_token\":{\"email\":null},"
					+ "\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]},\"acrs\":{\"value\":\"c1\"}}}");
		assertThat(claims("no JSON")).isEqualTo("{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}");
	}

	private String claims(String configured) {
		return this.demands.asked(provider(Map.of("claims", configured)))
			.request()
			.additionalParameters()
			.get("claims");
	}

	@Test
	void aResourceThatIsDiscoveredStaysSo() {
		this.demands.challenged("tools", scopes("read"));
		Provider provider = Provider.withId("tools", "client")
			.resourceMetadataUri(URI.create("https://api.example.com/.well-known/oauth-protected-resource"))
			.build();
		assertThat(this.demands.asked(provider).request().resourceMetadataUri())
			.isEqualTo(provider.request().resourceMetadataUri());
	}

}
