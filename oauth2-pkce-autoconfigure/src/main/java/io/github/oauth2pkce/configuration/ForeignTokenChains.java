package io.github.oauth2pkce.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.TokenChains;

/**
 * Providers whose tokens are made from those of others: each of those has to exist, none
 * may come back to itself, and what is made from a person's token is that person's.
 */
final class ForeignTokenChains {

	private static final Logger logger = LoggerFactory.getLogger(ForeignTokenChains.class);

	private final Map<String, Provider> providers = new LinkedHashMap<>();

	private ForeignTokenChains(List<Provider> providers) {
		providers.forEach((provider) -> this.providers.put(provider.id(), provider));
	}

	/**
	 * Checks the chains.
	 * @return the same providers, those of people as such
	 */
	static List<Provider> of(List<Provider> providers) {
		ForeignTokenChains chains = new ForeignTokenChains(providers);
		providers.forEach((provider) -> chains.check(provider, new ArrayList<>()));
		providers.forEach(chains::checkServer);
		TokenChains known = new TokenChains(new Providers(providers));
		providers.forEach((provider) -> warn(provider, known));
		return providers.stream()
			.map((provider) -> chains.isOfPeople(provider) ? provider.withPrincipal(PrincipalKind.CURRENT_USER)
					: provider)
			.toList();
	}

	private void check(Provider provider, List<String> chain) {
		chain.add(provider.id());
		for (ForeignToken token : provider.foreignTokens()) {
			if (token.source() != Source.PROVIDER) {
				continue;
			}
			Provider source = this.providers.get(token.value());
			if (source == null) {
				throw new InvalidPropertyException(token.property(), token.value(),
						"names no provider; there are: " + String.join(", ", this.providers.keySet()),
						"Use the id of one of them.");
			}
			if (chain.contains(source.id())) {
				List<String> cycle = new ArrayList<>(chain.subList(chain.indexOf(source.id()), chain.size()));
				cycle.add(source.id());
				throw new InvalidPropertyException(token.property(), token.value(),
						"closes a circle: each of these needs a token of the next, " + String.join(" -> ", cycle),
						"Let one of them get its token from somewhere else.");
			}
			check(source, new ArrayList<>(chain));
		}
	}

	/**
	 * A resource chooses its server. That must not be what is shown a token that is good
	 * somewhere else.
	 */
	private void checkServer(Provider provider) {
		if (provider.resourceUri() == null || provider.issuerUri() != null) {
			return;
		}
		ForeignToken assertion = provider.client().assertion().source();
		for (ForeignToken token : provider.foreignTokens()) {
			if (token.equals(assertion) || isGoodElsewhere(token)) {
				throw new InvalidPropertyException(token.property(), token.value(),
						"would be shown to whichever server " + provider.property("resource-uri") + " names",
						"Set " + provider.property("issuer-uri") + " to the only server that may see it.");
			}
		}
	}

	/** An identity assertion is made for the server that reads it. */
	private boolean isGoodElsewhere(ForeignToken token) {
		return switch (token.source()) {
			case PROVIDER -> !isIdentityAssertion(this.providers.get(token.value()));
			case CURRENT_USER, KUBERNETES, GITHUB_ACTIONS -> true;
			// Somebody has put it there for this provider.
			case FILE, ENV, BEAN -> false;
		};
	}

	private static boolean isIdentityAssertion(@Nullable Provider provider) {
		return provider != null && ForeignToken.ID_JAG.equals(provider.exchange().requestedTokenType());
	}

	private boolean isOfPeople(@Nullable Provider provider) {
		return provider != null && (provider.principal() == PrincipalKind.CURRENT_USER
				|| provider.exchange().tokens().stream().anyMatch((token) -> token.source() == Source.CURRENT_USER)
				|| TokenChains.sources(provider).stream().anyMatch((id) -> isOfPeople(this.providers.get(id))));
	}

	private static void warn(Provider provider, TokenChains chains) {
		if (!provider.exchange().isForBearers() && chains.derived(provider.id()).isEmpty()) {
			logger.warn(
					"Provider '{}' asks for a token that is no access token, and nobody uses it: it is never sent as a"
							+ " bearer. Name '{}' in the subject-token.provider of another provider, or remove {}.",
					provider.id(), provider.id(), provider.property("token-exchange.requested-token-type"));
		}
	}

}
