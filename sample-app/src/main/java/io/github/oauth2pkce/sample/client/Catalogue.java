package io.github.oauth2pkce.sample.client;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A copy of the catalogue.
 *
 * @param models what it lists; the previous copy if the last fetch failed
 * @param fetchedAt when these models were fetched; never if {@code null}
 * @param problem why the last fetch failed; {@code null} if it did not
 */
record Catalogue(List<Model> models, @Nullable Instant fetchedAt, @Nullable String problem) {

	static final Catalogue EMPTY = new Catalogue(List.of(), null, null);

	static Catalogue fetched(List<Model> models, Instant at) {
		return new Catalogue(List.copyOf(models), at, null);
	}

	Catalogue failed(String problem) {
		return new Catalogue(this.models, this.fetchedAt, problem);
	}

}
