package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.ArrayList;
import java.util.List;

import feign.FeignException;
import io.modelcontextprotocol.client.transport.HttpRequestSnapshot;
import io.modelcontextprotocol.client.transport.McpHttpClientTransportAuthorizationException;
import io.modelcontextprotocol.modern.client.transport.McpHttpStatusException;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** The ways in which HTTP clients throw an answer. */
public final class ResponseFailure {

	private static final boolean MCP = isPresent(
			"io.modelcontextprotocol.client.transport.McpHttpClientTransportAuthorizationException");

	private static final boolean STATELESS_MCP = isPresent(
			"io.modelcontextprotocol.modern.client.transport.McpHttpStatusException");

	private static final boolean FEIGN = isPresent("feign.FeignException");

	private ResponseFailure() {
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, ResponseFailure.class.getClassLoader());
	}

	/**
	 * The challenges of an answer that was thrown.
	 * @param failure any failure
	 * @param status the status of interest
	 * @return the values of {@code WWW-Authenticate}, none when it is no answer of that
	 * status
	 */
	static List<String> challenges(Throwable failure, int status) {
		if (failure instanceof WebClientResponseException response) {
			return (response.getStatusCode().value() == status) ? challenges(response.getHeaders()) : List.of();
		}
		if (failure instanceof RestClientResponseException response) {
			return (response.getStatusCode().value() == status) ? challenges(response.getResponseHeaders()) : List.of();
		}
		if (FEIGN && Feign.isAnswer(failure)) {
			return Feign.challenges(failure, status);
		}
		if (MCP && Mcp.isAnswer(failure)) {
			return Mcp.challenges(failure, status);
		}
		if (STATELESS_MCP && StatelessMcp.isAnswer(failure)) {
			return StatelessMcp.challenges(failure, status);
		}
		return List.of();
	}

	/**
	 * The target of a request of the MCP Java SDK that was refused. What Spring's clients
	 * throw has its request.
	 * @param failure any failure
	 * @return the target, {@code null} when it is no 401 of the SDK, or the request is
	 * known to have had an {@code Authorization}
	 */
	public static @Nullable URI unauthorizedMcpRequest(Throwable failure) {
		if (MCP && Mcp.isAnswer(failure)) {
			return Mcp.unauthorized(failure);
		}
		if (STATELESS_MCP && StatelessMcp.isAnswer(failure)) {
			return StatelessMcp.unauthorized(failure);
		}
		return null;
	}

	private static List<String> challenges(@Nullable HttpHeaders headers) {
		return (headers != null) ? headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE) : List.of();
	}

	/** OpenFeign, if it is there. */
	private static final class Feign {

		static boolean isAnswer(Throwable failure) {
			return failure instanceof FeignException;
		}

		static List<String> challenges(Throwable failure, int status) {
			FeignException answer = (FeignException) failure;
			List<String> challenges = new ArrayList<>();
			if (answer.status() == status) {
				answer.responseHeaders().forEach((name, values) -> {
					if (HttpHeaders.WWW_AUTHENTICATE.equalsIgnoreCase(name)) {
						challenges.addAll(values);
					}
				});
			}
			return challenges;
		}

	}

	/** The JDK transports of the MCP Java SDK, if it is there. */
	private static final class Mcp {

		static boolean isAnswer(Throwable failure) {
			return failure instanceof McpHttpClientTransportAuthorizationException;
		}

		static List<String> challenges(Throwable failure, int status) {
			ResponseInfo response = ((McpHttpClientTransportAuthorizationException) failure).getResponseInfo();
			return (response.statusCode() == status) ? response.headers().allValues(HttpHeaders.WWW_AUTHENTICATE)
					: List.of();
		}

		static @Nullable URI unauthorized(Throwable failure) {
			McpHttpClientTransportAuthorizationException answer = (McpHttpClientTransportAuthorizationException) failure;
			HttpRequestSnapshot request = answer.getRequestSnapshot();
			boolean authorized = request.headers().firstValue(HttpHeaders.AUTHORIZATION).isPresent();
			return (answer.getResponseInfo().statusCode() == 401 && !authorized) ? request.requestUri() : null;
		}

	}

	/** Its stateless transport, since 2.2.0. */
	private static final class StatelessMcp {

		static boolean isAnswer(Throwable failure) {
			return failure instanceof McpHttpStatusException;
		}

		static List<String> challenges(Throwable failure, int status) {
			McpHttpStatusException answer = (McpHttpStatusException) failure;
			return (answer.statusCode() == status) ? answer.headers().allValues(HttpHeaders.WWW_AUTHENTICATE)
					: List.of();
		}

		static @Nullable URI unauthorized(Throwable failure) {
			McpHttpStatusException answer = (McpHttpStatusException) failure;
			return (answer.statusCode() == 401) ? answer.uri() : null;
		}

	}

}
