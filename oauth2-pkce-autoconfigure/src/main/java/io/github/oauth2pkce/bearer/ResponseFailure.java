package io.github.oauth2pkce.bearer;

import java.net.http.HttpResponse.ResponseInfo;
import java.util.List;

import io.modelcontextprotocol.client.transport.McpHttpClientTransportAuthorizationException;
import io.modelcontextprotocol.modern.client.transport.McpHttpStatusException;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** The ways in which HTTP clients throw an answer. */
final class ResponseFailure {

	private static final boolean MCP = isPresent(
			"io.modelcontextprotocol.client.transport.McpHttpClientTransportAuthorizationException");

	private static final boolean STATELESS_MCP = isPresent(
			"io.modelcontextprotocol.modern.client.transport.McpHttpStatusException");

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
		if (MCP && Mcp.isAnswer(failure)) {
			return Mcp.challenges(failure, status);
		}
		if (STATELESS_MCP && StatelessMcp.isAnswer(failure)) {
			return StatelessMcp.challenges(failure, status);
		}
		return List.of();
	}

	private static List<String> challenges(@Nullable HttpHeaders headers) {
		return (headers != null) ? headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE) : List.of();
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

	}

}
