package io.github.oauth2pkce.configuration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

import static org.assertj.core.api.Assertions.assertThat;

class PropertySpellingTests {

	private static final String P = "oauth2.pkce.providers.my-idp.";

	@ParameterizedTest
	@CsvSource({ "base-url, base-urls", "baseurl, base-urls", "base-urls.first, base-urls", "scopes, scope",
			"issuer, issuer-uri", "issuer-url, issuer-uri", "clientid2, client-id", "client-secrte, client-secret",
			"grant-type, authorization-grant-type", "resources, resource", "refresh-skew, refresh.skew",
			"refresh.scew, refresh.skew", "skew, refresh.skew", "on-missing-tokens, on-missing-token",
			"retry-unauthorised, retry-unauthorized", "subject-token.flie, subject-token.file",
			"subject-tokens.provider, subject-token.provider", "token-exchange.audiance, token-exchange.audience",
			"redirect-prot, redirect-port", "pcke, pkce" })
	void findsTheKeyOfAProvider(String written, String meant) {
		assertThat(suggestion(P + written)).isEqualTo(P + meant);
	}

	@ParameterizedTest
	@CsvSource({ "oauth2.pkce.provider.my-idp.client-id, oauth2.pkce.providers.my-idp.client-id",
			"oauth2.pkce.my-idp.issuer-uri, oauth2.pkce.providers.my-idp.issuer-uri",
			"oauth2.pkce.issuer-uri, oauth2.pkce.providers.<id>.issuer-uri",
			"oauth2.pkce.startup.refesh, oauth2.pkce.startup.refresh",
			"oauth2.pkce.login.onstartup2, oauth2.pkce.login.on-startup",
			"oauth2.pkce.store.encrypton-key, oauth2.pkce.store.encryption-key",
			"oauth2.pkce.providers[my.idp].base-url, oauth2.pkce.providers[my.idp].base-urls",
			"oauth2.pkce.providers.my-idp.base-url[0], oauth2.pkce.providers.my-idp.base-urls" })
	void findsTheLevelThatWasLeftOutOrMisspelled(String written, String meant) {
		assertThat(suggestion(written)).isEqualTo(meant);
	}

	@ParameterizedTest
	@ValueSource(strings = { P + "colour", "oauth2.pkce.unicorn", "oauth2.pkce.x" })
	void doesNotGuessWildly(String written) {
		assertThat(suggestion(written)).isNull();
	}

	private static String suggestion(String name) {
		return PropertySpelling.suggest(ConfigurationPropertyName.of(name));
	}

}
