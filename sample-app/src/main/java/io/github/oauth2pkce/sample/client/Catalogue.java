package io.github.oauth2pkce.sample.client;

import java.time.Instant;
import java.util.List;

import io.github.oauth2pkce.bearer.SkipReason;
import org.jspecify.annotations.Nullable;

/**
 * A copy of the catalogue.
 *
 * @param models what it lists; the previous copy if the last fetch failed
 * @param fetchedAt when these models were fetched; never if {@code null}
 * @param problem why the last fetch failed; {@code null} if it did not
 * @param skipReason why the last fetch went out without a bearer; {@code null} if it had
 * one, or was answered all the same
 */
public record Catalogue(List<Model> models, @Nullable Instant fetchedAt, @Nullable String problem,
		@Nullable SkipReason skipReason) {

	static final Catalogue EMPTY = new Catalogue(List.of(), null, null, null);

	static Catalogue fetched(List<Model> models, Instant at) {
		return new Catalogue(List.copyOf(models), at, null, null);
	}

	Catalogue failed(String problem, @Nullable SkipReason skipReason) {
		return new Catalogue(this.models, this.fetchedAt, problem, skipReason);
	}

}
