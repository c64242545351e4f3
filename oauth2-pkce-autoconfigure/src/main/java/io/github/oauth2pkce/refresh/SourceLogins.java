package io.github.oauth2pkce.refresh;

import java.util.List;
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
	static final SourceLogins NONE = new SourceLogins(List.of());

	private static final String NOTHING = "";

	private final List<Supplier<RefreshableCredential>> sources;

	/**
	 * Creates the logins.
	 * @param sources give their credentials, when these are needed first
	 */
	SourceLogins(List<Supplier<RefreshableCredential>> sources) {
		this.sources = sources;
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

	/** Whether a token was made from the logins that there are now. */
	boolean areThoseOf(@Nullable Credential credential) {
		return this.sources.isEmpty()
				|| (credential != null && String.valueOf(credential.origin().madeFrom()).equals(identity()));
	}

	/** What a record is marked with. */
	@Nullable String mark() {
		if (this.sources.isEmpty()) {
			return null;
		}
		String identity = identity();
		return (identity != null) ? identity : NOTHING;
	}

	boolean isEmpty() {
		return this.sources.isEmpty();
	}

}
