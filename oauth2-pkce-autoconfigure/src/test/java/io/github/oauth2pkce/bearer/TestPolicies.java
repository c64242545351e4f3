package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.stream.Stream;

import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

/** Policies in which a test changes only what it is about. */
public final class TestPolicies {

	/** The provider whose policies these are. */
	public static final String PROVIDER = "github";

	private TestPolicies() {
	}

	public static BearerPolicies forBaseUrls(String... baseUrls) {
		return new BearerPolicies(List.of(policy(baseUrls)));
	}

	public static BearerPolicies failing(String... baseUrls) {
		return new BearerPolicies(List.of(new BearerPolicy(PROVIDER, parse(baseUrls), true, true)));
	}

	public static BearerPolicies notRetrying(String... baseUrls) {
		return new BearerPolicies(List.of(new BearerPolicy(PROVIDER, parse(baseUrls), false, false)));
	}

	public static BearerPolicy policy(String... baseUrls) {
		return new BearerPolicy(PROVIDER, parse(baseUrls), false, true);
	}

	public static BearerPolicy policyOf(String providerId, String... baseUrls) {
		return new BearerPolicy(providerId, parse(baseUrls), false, true);
	}

	private static List<BaseUrl> parse(String... baseUrls) {
		return Stream.of(baseUrls).map(BaseUrl::parse).toList();
	}

}
