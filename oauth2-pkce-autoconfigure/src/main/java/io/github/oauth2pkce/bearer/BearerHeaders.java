package io.github.oauth2pkce.bearer;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.util.MultiValueMap;

/**
 * The headers of a request that has no {@code Authorization}, and a bearer on top: a view
 * that copies nothing until somebody writes to it, and never changes what it shows.
 */
final class BearerHeaders extends AbstractMap<String, List<String>> implements MultiValueMap<String, String> {

	private final HttpHeaders headers;

	private final String authorization;

	/** What is looked at instead, once somebody has written. */
	private @Nullable HttpHeaders written;

	private BearerHeaders(HttpHeaders headers, String authorization) {
		this.headers = headers;
		this.authorization = authorization;
	}

	static HttpHeaders readOnly(HttpHeaders headers, String authorization) {
		return HttpHeaders.readOnlyHttpHeaders(new BearerHeaders(headers, authorization));
	}

	static HttpHeaders writable(HttpHeaders headers, String authorization) {
		return new Writable(new BearerHeaders(headers, authorization));
	}

	private static boolean isAuthorization(@Nullable Object name) {
		return name instanceof String text && HttpHeaders.AUTHORIZATION.equalsIgnoreCase(text);
	}

	@Override
	public boolean containsKey(@Nullable Object name) {
		return name instanceof String text && ((this.written != null) ? this.written.containsHeader(text)
				: isAuthorization(text) || this.headers.containsHeader(text));
	}

	@Override
	public @Nullable List<String> get(@Nullable Object name) {
		if (!(name instanceof String text)) {
			return null;
		}
		if (this.written != null) {
			return this.written.get(text);
		}
		return isAuthorization(text) ? List.of(this.authorization) : this.headers.get(text);
	}

	@Override
	public @Nullable String getFirst(String name) {
		if (this.written != null) {
			return this.written.getFirst(name);
		}
		return isAuthorization(name) ? this.authorization : this.headers.getFirst(name);
	}

	@Override
	public int size() {
		return (this.written != null) ? this.written.size() : this.headers.size() + 1;
	}

	@Override
	public Set<Map.Entry<String, List<String>>> entrySet() {
		return new Entries();
	}

	@Override
	public void forEach(BiConsumer<? super String, ? super List<String>> action) {
		if (this.written != null) {
			this.written.forEach(action);
			return;
		}
		this.headers.forEach(action);
		action.accept(HttpHeaders.AUTHORIZATION, List.of(this.authorization));
	}

	@Override
	public Map<String, String> toSingleValueMap() {
		Map<String, String> single = new LinkedCaseInsensitiveMap<>();
		forEach((name, values) -> single.put(name, values.get(0)));
		return single;
	}

	private HttpHeaders written() {
		HttpHeaders written = this.written;
		if (written == null) {
			written = HttpHeaders.copyOf(this.headers);
			written.set(HttpHeaders.AUTHORIZATION, this.authorization);
			this.written = written;
		}
		return written;
	}

	@Override
	public void add(String name, @Nullable String value) {
		written().add(name, value);
	}

	@Override
	public void addAll(String name, List<? extends String> values) {
		written().addAll(name, values);
	}

	@Override
	public void addAll(MultiValueMap<String, String> values) {
		values.forEach(written()::addAll);
	}

	@Override
	public void set(String name, @Nullable String value) {
		written().set(name, value);
	}

	@Override
	public void setAll(Map<String, String> values) {
		written().setAll(values);
	}

	@Override
	public @Nullable List<String> put(String name, List<String> values) {
		return written().put(name, values);
	}

	@Override
	public @Nullable List<String> remove(@Nullable Object name) {
		return (name instanceof String text && containsKey(text)) ? written().remove(text) : null;
	}

	@Override
	public void clear() {
		written().clear();
	}

	/**
	 * Every transport reads all headers, by this method. That of {@code HttpHeaders}
	 * looks up each name three times, and there would be the look-ups of the view below.
	 */
	@SuppressWarnings("serial")
	private static final class Writable extends HttpHeaders {

		private final BearerHeaders view;

		Writable(BearerHeaders view) {
			super(view);
			this.view = view;
		}

		@Override
		public void forEach(BiConsumer<? super String, ? super List<String>> action) {
			this.view.forEach(action);
		}

	}

	/** The request's own, then the bearer. */
	private final class Entries extends AbstractSet<Map.Entry<String, List<String>>> {

		@Override
		public Iterator<Map.Entry<String, List<String>>> iterator() {
			BearerHeaders map = BearerHeaders.this;
			return (map.written != null) ? map.written.headerSet().iterator()
					: new Unwritten(map.headers.headerNames().iterator());
		}

		@Override
		public int size() {
			return BearerHeaders.this.size();
		}

	}

	/** Goes on over what was there when it began, like the view that it came from. */
	private final class Unwritten implements Iterator<Map.Entry<String, List<String>>> {

		private final Iterator<String> names;

		private @Nullable String name;

		Unwritten(Iterator<String> names) {
			this.names = names;
		}

		@Override
		public boolean hasNext() {
			return !HttpHeaders.AUTHORIZATION.equals(this.name);
		}

		@Override
		public Map.Entry<String, List<String>> next() {
			if (!hasNext()) {
				throw new NoSuchElementException();
			}
			BearerHeaders map = BearerHeaders.this;
			String name = this.names.hasNext() ? this.names.next() : HttpHeaders.AUTHORIZATION;
			this.name = name;
			return Map.entry(name,
					HttpHeaders.AUTHORIZATION.equals(name) ? List.of(map.authorization) : map.headers.getOrEmpty(name));
		}

	}

}
