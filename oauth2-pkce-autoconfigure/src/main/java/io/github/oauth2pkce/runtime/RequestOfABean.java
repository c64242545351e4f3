package io.github.oauth2pkce.runtime;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.ResponseFailure;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * A request without a bearer that was made while beans were created, as Spring AI's MCP
 * clients do. When this is analyzed, the beans are gone: there is what the exceptions
 * say, and the properties.
 */
final class RequestOfABean {

	private static final String ACTION = "It was sent while beans were created, before a login at startup can begin."
			+ " Send it later (Spring AI's MCP clients: spring.ai.mcp.client.initialized=false), or set"
			+ " oauth2.pkce.login.on-request=always to let it wait for a login, no longer than its own time-out"
			+ " (spring.ai.mcp.client.request-timeout, 20 seconds by default).";

	private final Environment environment;

	RequestOfABean(Environment environment) {
		this.environment = environment;
	}

	@Nullable FailureAnalysis analyze(RuntimeException cause) {
		for (Throwable failure = cause; failure != null; failure = failure.getCause()) {
			if (failure instanceof AuthenticationRequiredException required) {
				return new FailureAnalysis(
						"A request was not sent: "
								+ MissingBearerFailureAnalyzer.because(required.getProviderId(), required.getReason()),
						ACTION, cause);
			}
			URI refused = ResponseFailure.unauthorizedMcpRequest(failure);
			BearerPolicy policy = (refused != null) ? policies().select(null, refused) : null;
			if (refused != null && policy != null) {
				return new FailureAnalysis(
						MissingBearerFailureAnalyzer.mcpServer(refused) + ": the request had no bearer of provider '"
								+ policy.providerId() + "'. The log says why, at the event oauth2_bearer_missing.",
						ACTION, cause);
			}
		}
		return null;
	}

	private BearerPolicies policies() {
		return new BearerPolicies(Binder.get(this.environment)
			.bind("oauth2.pkce.providers", Bindable.mapOf(String.class, Targets.class))
			.orElseGet(Map::of)
			.entrySet()
			.stream()
			.map((provider) -> new BearerPolicy(provider.getKey(), provider.getValue().parsed(), false, false))
			.toList());
	}

	/**
	 * Where a provider's bearer goes. The start has checked both.
	 *
	 * @param baseUrls its base URLs
	 * @param resourceUri its resource, which is one of them
	 */
	record Targets(@Nullable List<String> baseUrls, @Nullable String resourceUri) {

		List<BaseUrl> parsed() {
			// Without its query, which no base URL has.
			Stream<String> resource = Stream.ofNullable(this.resourceUri).map((uri) -> uri.replaceFirst("[?].*", ""));
			return Stream.concat((this.baseUrls != null) ? this.baseUrls.stream() : Stream.empty(), resource)
				.filter(StringUtils::hasText)
				.map(BaseUrl::parse)
				.toList();
		}

	}

}
