package io.github.oauth2pkce.refresh;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;

/**
 * The logins of other providers that a credential's tokens are made from. When one of
 * them is gone, rejected or another one, so is what was made from it: at once, because it
 * is looked at whenever a token is. Thread-safe.
 */
final class SourceLogins {

	/** Nothing is made from a login of another provider. */
	static final SourceLogins NONE = new SourceLogins(List.of(), "");

	private static final String NOTHING = "";

	private final List<Supplier<RefreshableCredential>> sources;

	/** Asked for every request, and a list of any kind is slower to ask. */
	private final boolean none;

	/** What the server is asked for, in short. */
	private final String wanted;

	private volatile @Nullable Derived derived;

	/**
	 * Creates the logins.
	 * @param sources give their credentials, when these are needed first
	 * @param wanted a digest of what is made from them: a token that was asked for in
	 * other words is another one
	 */
	SourceLogins(List<Supplier<RefreshableCredential>> sources, String wanted) {
		this.sources = sources;
		this.none = sources.isEmpty();
		this.wanted = wanted;
	}

	/**
	 * Reads them into memory; no network.
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store fails
	 */
	void load() {
		this.sources.forEach((source) -> source.get().loadForDerived());
	}

	/**
	 * Which logins they are.
	 * @return a text that is the same as long as they are, {@code null} when one of them
	 * is good for nothing
	 */
	@Nullable String identity() {
		String all = NOTHING;
		for (Supplier<RefreshableCredential> source : this.sources) {
			String identity = source.get().identity();
			if (identity == null) {
				return null;
			}
			all = all.isEmpty() ? identity : all + "\n" + identity;
		}
		return all;
	}

	/**
	 * Whether a token was made from the logins that there are now, and is what is asked
	 * for now. Looked at for every request, so that nothing is put together for it.
	 */
	boolean areThoseOf(@Nullable Credential credential) {
		if (this.none) {
			return true;
		}
		String madeFrom = (credential != null) ? credential.origin().madeFrom() : null;
		String identity = identity();
		return madeFrom != null && identity != null && madeFrom.length() == this.wanted.length() + identity.length()
				&& madeFrom.startsWith(this.wanted) && madeFrom.endsWith(identity);
	}

	/** What a record is marked with. */
	@Nullable String mark() {
		return this.none ? null : Objects.requireNonNullElse(derived(), NOTHING);
	}

	/**
	 * Which logins something is made from, and what was asked for: what is made from that
	 * again is another one when either is. Looked at for every request.
	 * @return {@code null} when one of the logins is good for nothing
	 */
	@Nullable String derived() {
		String identity = identity();
		if (identity == null || this.none) {
			return identity;
		}
		Derived known = this.derived;
		if (known == null || !known.identity().equals(identity)) {
			known = new Derived(identity, this.wanted + identity);
			this.derived = known;
		}
		return known.text();
	}

	boolean isEmpty() {
		return this.none;
	}

	private record Derived(String identity, String text) {

	}

}
