package io.github.oauth2pkce.bearer;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.web.ClientAttributes;

/** A request as an application makes it, whichever client it uses. */
public final class Call {

	public final URI uri;

	public final HttpHeaders headers = new HttpHeaders();

	public final Map<String, Object> attributes = new HashMap<>();

	public @Nullable String body;

	private Call(URI uri) {
		this.uri = uri;
	}

	public static Call to(String uri) {
		return new Call(URI.create(uri));
	}

	public Call naming(String providerId) {
		Consumer<Map<String, Object>> attribute = ClientAttributes.clientRegistrationId(providerId);
		attribute.accept(this.attributes);
		return this;
	}

	/** The provider that it names, {@code null} for none. */
	public @Nullable String named() {
		return ClientAttributes.resolveClientRegistrationId(this.attributes);
	}

	public Call header(String name, String value) {
		this.headers.set(name, value);
		return this;
	}

	public Call posting(String body) {
		this.body = body;
		return this;
	}

}
