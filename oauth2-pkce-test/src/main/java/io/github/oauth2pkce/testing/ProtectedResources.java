package io.github.oauth2pkce.testing;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The protected resources of a server, by path.
 */
final class ProtectedResources {

	private final Map<String, FakeResource> byPath = new ConcurrentHashMap<>();

	FakeResource at(String path, Function<String, FakeResource> factory) {
		return this.byPath.computeIfAbsent(path, factory);
	}

	boolean isEmpty() {
		return this.byPath.isEmpty();
	}

	/**
	 * The one at this path, else the nearest above it.
	 */
	@Nullable FakeResource serving(String path) {
		return this.byPath.values()
			.stream()
			.filter((resource) -> resource.serves(path))
			.max(Comparator.comparingInt(FakeResource::specificity))
			.orElse(null);
	}

	/**
	 * The one whose metadata is at this path.
	 */
	@Nullable FakeResource describedAt(String path) {
		return this.byPath.values()
			.stream()
			.filter((resource) -> resource.describedAt(path))
			.max(Comparator.comparingInt(FakeResource::specificity))
			.orElse(null);
	}

	Endpoint endpoint(String path) {
		Endpoint endpoint = Endpoint.of(path);
		if (describedAt(path) != null) {
			return Endpoint.RESOURCE_METADATA;
		}
		boolean free = endpoint == Endpoint.OTHER || endpoint == Endpoint.API;
		return (free && serving(path) != null) ? Endpoint.RESOURCE : endpoint;
	}

}
