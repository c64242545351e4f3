package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

import com.sun.net.httpserver.HttpExchange;

/**
 * Puts an answer on the wire, or as much of it as its cut allows.
 */
final class Delivery {

	private Delivery() {
	}

	static void deliver(HttpExchange exchange, Answer answer, Answer.Cut cut) throws IOException {
		if (cut == Answer.Cut.BEFORE_HEADERS) {
			// Closing an exchange that has sent no headers closes its connection.
			return;
		}
		byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().putAll(answer.headers());
		if (cut == Answer.Cut.IN_BODY) {
			exchange.sendResponseHeaders(answer.status(), Math.max(1, body.length));
			OutputStream stream = exchange.getResponseBody();
			stream.write(body, 0, body.length / 2);
			stream.flush();
			// The same for one that has sent fewer bytes than it announced.
			return;
		}
		boolean bodiless = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
		exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : body.length);
		if (!bodiless) {
			exchange.getResponseBody().write(body);
		}
	}

}
