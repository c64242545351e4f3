package io.github.oauth2pkce.sample.client;

import java.math.BigDecimal;

import com.fasterxml.jackson.annotation.JsonAlias;
import org.jspecify.annotations.Nullable;

/**
 * A language model on offer.
 *
 * @param id its identifier ({@code sub} when Keycloak's user-info answer stands in for a
 * catalogue)
 * @param name its name
 * @param contextWindow how many tokens it can look at
 * @param pricing what it costs
 */
public record Model(@JsonAlias("sub") String id, @Nullable String name, @Nullable Integer contextWindow,
		@Nullable Pricing pricing) {

	/**
	 * Prices for a million tokens.
	 *
	 * @param input price of input
	 * @param output price of output
	 */
	public record Pricing(BigDecimal input, BigDecimal output) {

	}

}
