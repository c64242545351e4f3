package io.github.oauth2pkce.sample.authserver;

import java.math.BigDecimal;
import java.util.List;

/**
 * The catalogue. Prices are in US dollars for a million tokens.
 */
final class Models {

	static final List<Model> ALL = List.of(model("aria-small", "Aria Small", 32_000, "0.15", "0.60"),
			model("aria-large", "Aria Large", 200_000, "3.00", "15.00"),
			model("cantor-1", "Cantor 1", 128_000, "1.10", "4.40"),
			model("lyra-vision", "Lyra Vision", 64_000, "0.80", "3.20"),
			model("quill-long", "Quill Long", 1_000_000, "2.50", "10.00"));

	private Models() {
	}

	private static Model model(String id, String name, int contextWindow, String input, String output) {
		return new Model(id, name, contextWindow, new Pricing(new BigDecimal(input), new BigDecimal(output)));
	}

	record Model(String id, String name, int contextWindow, Pricing pricing) {

	}

	record Pricing(BigDecimal input, BigDecimal output) {

	}

}
