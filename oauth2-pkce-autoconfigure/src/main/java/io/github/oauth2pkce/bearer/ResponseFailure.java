package io.github.oauth2pkce.bearer;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** The two ways in which Spring's clients throw an answer. */
final class ResponseFailure {

	private ResponseFailure() {
	}

	/**
	 * The headers of an answer that was thrown.
	 * @param failure any failure
	 * @param status the status of interest
	 * @return the headers, or {@code null} when it is no answer of that status
	 */
	static @Nullable HttpHeaders headers(Throwable failure, int status) {
		if (failure instanceof WebClientResponseException response && response.getStatusCode().value() == status) {
			return response.getHeaders();
		}
		if (failure instanceof RestClientResponseException response && response.getStatusCode().value() == status) {
			return response.getResponseHeaders();
		}
		return null;
	}

}
