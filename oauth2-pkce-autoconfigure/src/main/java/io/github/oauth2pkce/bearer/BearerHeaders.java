package io.github.oauth2pkce.bearer;

import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.util.CollectionUtils;
import org.springframework.util.MultiValueMap;

/**
 * The headers of a request that has no {@code Authorization}, and a bearer on top. A name
 * is looked up and all headers are read, as filters and transports do, without a copy;
 * everything else works on a copy. The request itself never changes.
 */
final class BearerHeaders extends AbstractMap<String, List<String>> implements MultiValueMap<String, String> {

	private final HttpHeaders headers;

	private final String authorization;

	/** Of a token that is bound to a key. */
	private final @Nullable String proof;

	private @Nullable HttpHeaders copy;

	private BearerHeaders(HttpHeaders headers, String authorization, @Nullable String proof) {
		this.headers = headers;
		this.authorization = authorization;
		this.proof = proof;
	}

	static HttpHeaders readOnly(HttpHeaders headers, String authorization, @Nullable String proof) {
		return HttpHeaders.readOnlyHttpHeaders(new BearerHeaders(headers, authorization, proof));
	}

	static HttpHeaders writable(HttpHeaders headers, String authorization, @Nullable String proof) {
		return new Writable(new BearerHeaders(headers, authorization, proof));
	}

	private HttpHeaders copy() {
		HttpHeaders copy = this.copy;
		if (copy == null) {
			copy = HttpHeaders.copyOf(this.headers);
			copy.set(HttpHeaders.AUTHORIZATION, this.authorization);
			if (this.proof != null) {
				copy.set(DpopProofs.HEADER, this.proof);
			}
			this.copy = copy;
		}
		return copy;
	}

	@Override
	public boolean containsKey(@Nullable Object name) {
		return get(name) != null;
	}

	@Override
	public @Nullable List<String> get(@Nullable Object name) {
		if (!(name instanceof String text)) {
			return null;
		}
		if (this.copy != null) {
			return this.copy.get(text);
		}
		if (HttpHeaders.AUTHORIZATION.equalsIgnoreCase(text)) {
			return List.of(this.authorization);
		}
		return (this.proof != null && DpopProofs.HEADER.equalsIgnoreCase(text)) ? List.of(this.proof)
				: this.headers.get(text);
	}

	@Override
	public @Nullable String getFirst(String name) {
		List<String> values = get(name);
		return CollectionUtils.isEmpty(values) ? null : values.get(0);
	}

	@Override
	public void forEach(BiConsumer<? super String, ? super List<String>> action) {
		if (this.copy != null || this.proof != null) {
			copy().forEach(action);
			return;
		}
		this.headers.forEach(action);
		action.accept(HttpHeaders.AUTHORIZATION, List.of(this.authorization));
	}

	@Override
	public Set<Map.Entry<String, List<String>>> entrySet() {
		return copy().headerSet();
	}

	@Override
	public Map<String, String> toSingleValueMap() {
		return copy().toSingleValueMap();
	}

	@Override
	public void add(String name, @Nullable String value) {
		copy().add(name, value);
	}

	@Override
	public void addAll(String name, List<? extends String> values) {
		copy().addAll(name, values);
	}

	@Override
	public void addAll(MultiValueMap<String, String> values) {
		values.forEach(copy()::addAll);
	}

	@Override
	public void set(String name, @Nullable String value) {
		copy().set(name, value);
	}

	@Override
	public void setAll(Map<String, String> values) {
		copy().setAll(values);
	}

	@Override
	public @Nullable List<String> put(String name, List<String> values) {
		return copy().put(name, values);
	}

	@Override
	public @Nullable List<String> remove(@Nullable Object name) {
		return (name instanceof String text) ? copy().remove(text) : null;
	}

	@Override
	public void clear() {
		copy().clear();
	}

	/**
	 * Every transport reads all headers by this method. That of {@code HttpHeaders} asks
	 * for the entries, which are a copy.
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

}
