package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import tools.jackson.databind.util.RawValue;

/**
 * Changes to the members of a JSON answer: set, set verbatim, leave out.
 */
public final class JsonMembers {

	private final Map<String, Optional<Object>> changes = new LinkedHashMap<>();

	JsonMembers() {
	}

	public synchronized JsonMembers put(String name, Object value) {
		this.changes.put(name, Optional.of(value));
		return this;
	}

	/**
	 * Put JSON text as it stands, for values that no Java type would produce:
	 * {@code putRaw("expires_in", "1e400")}.
	 */
	public JsonMembers putRaw(String name, String json) {
		return put(name, new RawValue(json));
	}

	public synchronized JsonMembers remove(String name) {
		this.changes.put(name, Optional.empty());
		return this;
	}

	public synchronized JsonMembers reset() {
		this.changes.clear();
		return this;
	}

	synchronized Map<String, Object> applyTo(Map<String, Object> members) {
		Map<String, Object> result = new LinkedHashMap<>(members);
		this.changes.forEach((name, change) -> change.ifPresentOrElse((value) -> result.put(name, value),
				() -> result.remove(name)));
		return result;
	}

}
