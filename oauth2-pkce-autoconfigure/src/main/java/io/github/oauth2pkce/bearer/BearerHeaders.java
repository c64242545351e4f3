package io.github.oauth2pkce.bearer;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * The headers of a request that has no {@code Authorization}, and a bearer on top: a view
 * that copies nothing and cannot be changed.
 */
final class BearerHeaders extends AbstractMap<String, List<String>> implements MultiValueMap<String, String> {

	private final HttpHeaders headers;

	private final String authorization;

	private BearerHeaders(HttpHeaders headers, String authorization) {
		this.headers = headers;
		this.authorization = authorization;
	}

	static HttpHeaders of(HttpHeaders headers, String authorization) {
		return HttpHeaders.readOnlyHttpHeaders(new BearerHeaders(headers, authorization));
	}

	private static boolean isAuthorization(@Nullable Object name) {
		return name instanceof String text && HttpHeaders.AUTHORIZATION.equalsIgnoreCase(text);
	}

	@Override
	public boolean containsKey(@Nullable Object name) {
		return isAuthorization(name) || (name instanceof String text && this.headers.containsHeader(text));
	}

	@Override
	public @Nullable List<String> get(@Nullable Object name) {
		if (isAuthorization(name)) {
			return List.of(this.authorization);
		}
		return (name instanceof String text) ? this.headers.get(text) : null;
	}

	@Override
	public @Nullable String getFirst(String name) {
		return isAuthorization(name) ? this.authorization : this.headers.getFirst(name);
	}

	@Override
	public int size() {
		return this.headers.size() + 1;
	}

	@Override
	public Set<Map.Entry<String, List<String>>> entrySet() {
		return new Entries();
	}

	@Override
	public Map<String, String> toSingleValueMap() {
		Map<String, String> single = new LinkedHashMap<>(this.headers.toSingleValueMap());
		single.put(HttpHeaders.AUTHORIZATION, this.authorization);
		return single;
	}

	@Override
	public void add(String name, @Nullable String value) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void addAll(String name, List<? extends String> values) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void addAll(MultiValueMap<String, String> values) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void set(String name, @Nullable String value) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void setAll(Map<String, String> values) {
		throw new UnsupportedOperationException();
	}

	/** The request's own, then the bearer. */
	private final class Entries extends AbstractSet<Map.Entry<String, List<String>>> {

		@Override
		public Iterator<Map.Entry<String, List<String>>> iterator() {
			Iterator<String> names = BearerHeaders.this.headers.headerNames().iterator();
			return new Iterator<>() {

				private boolean ended;

				@Override
				public boolean hasNext() {
					return !this.ended;
				}

				@Override
				public Map.Entry<String, List<String>> next() {
					if (this.ended) {
						throw new NoSuchElementException();
					}
					if (names.hasNext()) {
						String name = names.next();
						return Map.entry(name, BearerHeaders.this.headers.getOrEmpty(name));
					}
					this.ended = true;
					return Map.entry(HttpHeaders.AUTHORIZATION, List.of(BearerHeaders.this.authorization));
				}

			};
		}

		@Override
		public int size() {
			return BearerHeaders.this.size();
		}

	}

}
