package io.github.oauth2pkce.sample.client.page;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

import io.github.oauth2pkce.sample.client.Catalogue;
import io.github.oauth2pkce.sample.client.Model;
import io.github.oauth2pkce.bearer.SkipReason;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * The catalogue as the page shows it.
 *
 * @param summary how it was fetched, or why it was not
 * @param problem whether the last fetch failed
 * @param rows a row for each model
 */
record CatalogueTable(String summary, boolean problem, List<Row> rows) {

	static CatalogueTable of(Catalogue catalogue) {
		return new CatalogueTable(summary(catalogue), catalogue.problem() != null,
				catalogue.models().stream().map(Row::of).toList());
	}

	private static String summary(Catalogue catalogue) {
		Instant fetchedAt = catalogue.fetchedAt();
		String problem = catalogue.problem();
		if (problem == null) {
			return (fetchedAt != null) ? "Fetched with a bearer token at " + Words.clock(fetchedAt) + "."
					: "Not fetched yet.";
		}
		SkipReason reason = catalogue.skipReason();
		String failure = (reason != null) ? "The last request went out without a bearer token: " + Words.why(reason)
				+ ". " + StringUtils.capitalize(problem) + "." : "The last request failed: " + problem + ".";
		return (fetchedAt != null) ? failure + " This copy is from " + Words.clock(fetchedAt) + "." : failure;
	}

	boolean filled() {
		return !this.rows.isEmpty();
	}

	/**
	 * A model; empty texts for what the API did not tell.
	 *
	 * @param name its name
	 * @param id its identifier
	 * @param contextWindow how many tokens it can look at, in thousands or millions
	 * @param input price of a million tokens of input
	 * @param output price of a million tokens of output
	 */
	record Row(String name, String id, String contextWindow, String input, String output) {

		static Row of(Model model) {
			String name = model.name();
			Integer contextWindow = model.contextWindow();
			Model.Pricing pricing = model.pricing();
			return new Row((name != null) ? name : model.id(), model.id(),
					(contextWindow != null) ? tokens(contextWindow) : "", price(pricing, true), price(pricing, false));
		}

		private static String tokens(int count) {
			return (count % 1_000_000 == 0) ? count / 1_000_000 + " M" : count / 1000 + " K";
		}

		private static String price(Model.@Nullable Pricing pricing, boolean input) {
			if (pricing == null) {
				return "";
			}
			@Nullable BigDecimal price = input ? pricing.input() : pricing.output();
			return (price != null) ? "$" + price.toPlainString() : "";
		}

	}

}
