package io.github.oauth2pkce.testing;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request as it arrived, recorded before anything is answered.
 *
 * @param order position among all requests to this server, from 1
 * @param receivedAt arrival by the server's clock
 * @param headers values by name, in any case
 * @param form decoded form parameters, duplicates kept; empty for other content types
 * @param body raw body as UTF-8
 */
public record RecordedRequest(long order, Instant receivedAt, Endpoint endpoint, String method, String path,
		Map<String, List<String>> query, Map<String, List<String>> headers, Map<String, List<String>> form,
		String body) {

	/**
	 * All values of a parameter, from the form first and then from the query.
	 */
	public List<String> parameters(String name) {
		List<String> values = new ArrayList<>(this.form.getOrDefault(name, List.of()));
		values.addAll(this.query.getOrDefault(name, List.of()));
		return values;
	}

	public @Nullable String parameter(String name) {
		List<String> values = parameters(name);
		return values.isEmpty() ? null : values.get(0);
	}

	public boolean hasParameter(String name) {
		return !parameters(name).isEmpty();
	}

	public @Nullable String header(String name) {
		List<String> values = this.headers.getOrDefault(name, List.of());
		return values.isEmpty() ? null : values.get(0);
	}

	/**
	 * The members of a JSON body, or none.
	 */
	public Map<String, Object> json() {
		Map<String, Object> members = Json.readObject(this.body);
		return (members != null) ? members : Map.of();
	}

	/**
	 * Who asks, by parameter or Basic credentials, or null.
	 */
	public @Nullable String clientId() {
		String basic = basic();
		return (basic != null) ? Parameters.decode(basic.split(":", 2)[0]) : parameter("client_id");
	}

	/**
	 * Whether a text is anywhere in it, Basic credentials included.
	 */
	public boolean contains(String text) {
		return (this.path + this.query + this.headers + this.form + this.body + basic()).contains(text);
	}

	private @Nullable String basic() {
		String basic = credentials("Basic ");
		try {
			return (basic != null) ? new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	public @Nullable String authorization() {
		return header("Authorization");
	}

	/**
	 * The token of a {@code Bearer} authorization, or null.
	 */
	public @Nullable String bearer() {
		return credentials("Bearer ");
	}

	@Nullable String credentials(String scheme) {
		String authorization = authorization();
		return (authorization != null && authorization.regionMatches(true, 0, scheme, 0, scheme.length()))
				? authorization.substring(scheme.length()) : null;
	}

}
