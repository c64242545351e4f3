package io.github.oauth2pkce.configuration;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

/** How answers are read, and when tokens are refreshed. */
final class TokenSettings {

	/**
	 * RFC 9449 section 5, RFC 9200 section 8.6 and RFC 8693 section 2.2.1: of use with a
	 * key only, or no access token at all.
	 */
	private static final Set<String> NO_BEARERS = Set.of("dpop", "pop", "mac", "n_a");

	private final ProviderKeys keys;

	TokenSettings(ProviderKeys keys) {
		this.keys = keys;
	}

	Duration skew() {
		Duration skew = this.keys.own().refresh().skew();
		if (skew.isNegative()) {
			throw this.keys.wrong("refresh.skew", this.keys.configured("refresh.skew"), "is negative",
					"Use a time such as 30s.");
		}
		return skew;
	}

	@Nullable Duration assumeExpiry() {
		Duration assumeExpiry = this.keys.own().assumeExpiry();
		if (assumeExpiry != null && (assumeExpiry.isNegative() || assumeExpiry.isZero())) {
			throw this.keys.wrong("assume-expiry", this.keys.configured("assume-expiry"), "is not a lifetime",
					"Use a time such as 1h.");
		}
		return assumeExpiry;
	}

	/** A list that is set to nothing is not meant to be one. */
	Collection<String> rejectedErrorCodes() {
		List<String> codes = ProviderKeys.texts(this.keys.own().refresh().rejectedErrorCodes());
		return codes.isEmpty() ? Provider.Tokens.REJECTED : codes;
	}

	/** A token that is bound to a key must not go out without a proof of it. */
	Collection<String> acceptedTypes() {
		List<String> types = ProviderKeys.texts(this.keys.own().acceptedTokenTypes());
		for (String type : types) {
			if (NO_BEARERS.contains(type.toLowerCase(Locale.ROOT))) {
				throw this.keys.wrong("accepted-token-types", type, "is the name of tokens that are no bearers",
						"Remove it, and have the server issue bearers to this client.");
			}
		}
		return types;
	}

}
