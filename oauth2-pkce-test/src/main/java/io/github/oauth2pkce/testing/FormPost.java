package io.github.oauth2pkce.testing;

import java.util.Set;

/**
 * What every back-channel endpoint asks of a request.
 */
final class FormPost {

	// RFC 8707 section 2 and RFC 8693 section 2.1 let these be repeated.
	private static final Set<String> REPEATABLE = Set.of("resource", "audience");

	private FormPost() {
	}

	static void check(RecordedRequest request, String duplicateError) {
		if (!request.method().equals("POST")) {
			throw new ProtocolError(405, "invalid_request", "Method not allowed");
		}
		String contentType = request.header("Content-Type");
		if (contentType == null || !contentType.startsWith("application/x-www-form-urlencoded")) {
			throw new ProtocolError(415, "invalid_request", "Not a form");
		}
		request.form().forEach((name, values) -> {
			if (values.size() > 1 && !REPEATABLE.contains(name)) {
				throw new ProtocolError(400, duplicateError, "duplicated parameter");
			}
		});
	}

}
