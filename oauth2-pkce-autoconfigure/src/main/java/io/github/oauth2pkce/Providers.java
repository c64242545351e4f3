package io.github.oauth2pkce;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** All configured providers, in the order of their configuration. Immutable. */
public final class Providers implements Iterable<Provider> {

	private final Map<String, Provider> byId;

	/**
	 * Creates the set.
	 * @param providers the providers, in the order of their configuration
	 */
	public Providers(Collection<Provider> providers) {
		Map<String, Provider> byId = new LinkedHashMap<>();
		providers.forEach((provider) -> byId.put(provider.id(), provider));
		this.byId = Collections.unmodifiableMap(byId);
	}

	/**
	 * Looks a provider up.
	 * @param id the provider id
	 * @return the provider, or {@code null} when none has that id
	 */
	public @Nullable Provider find(String id) {
		return this.byId.get(id);
	}

	/**
	 * Looks a provider up that must exist.
	 * @param id the provider id
	 * @return the provider
	 * @throws IllegalArgumentException naming the configured ids when none has that id
	 */
	public Provider get(String id) {
		Provider provider = this.byId.get(id);
		if (provider == null) {
			throw new IllegalArgumentException(
					"No OAuth 2.0 provider '" + id + "' is configured; there are: " + this.byId.keySet());
		}
		return provider;
	}

	/**
	 * {@return the ids, in the order of the configuration}
	 */
	public List<String> ids() {
		return List.copyOf(this.byId.keySet());
	}

	/**
	 * {@return whether there is no provider at all}
	 */
	public boolean isEmpty() {
		return this.byId.isEmpty();
	}

	@Override
	public Iterator<Provider> iterator() {
		return this.byId.values().iterator();
	}

}
