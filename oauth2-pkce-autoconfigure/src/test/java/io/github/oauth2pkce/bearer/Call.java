package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.web.ClientAttributes;

/** A request as an application makes it, whichever client it uses. */
final class Call {

	final URI uri;

	final HttpHeaders headers = new HttpHeaders();

	final Map<String, Object> attributes = new HashMap<>();

	@Nullable String body;

	private Call(URI uri) {
		this.uri = uri;
	}

	static Call to(String uri) {
		return new Call(URI.create(uri));
	}

	Call naming(String providerId) {
		Consumer<Map<String, Object>> attribute = ClientAttributes.clientRegistrationId(providerId);
		attribute.accept(this.attributes);
		return this;
	}

	Call header(String name, String value) {
		this.headers.set(name, value);
		return this;
	}

	Call posting(String body) {
		this.body = body;
		return this;
	}

}
