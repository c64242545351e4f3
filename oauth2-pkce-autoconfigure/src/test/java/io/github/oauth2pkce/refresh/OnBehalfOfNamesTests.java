package io.github.oauth2pkce.refresh;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.source.InboundTokens.Inbound;
import io.github.oauth2pkce.store.CredentialId;

import static org.assertj.core.api.Assertions.assertThat;

/** Whose tokens are made from the bearer of a request. */
class OnBehalfOfNamesTests {

	@Test
	void userHasTokensOfTheirOwnName() {
		CredentialId id = of("alice").credential("api").block();
		assertThat(CredentialId.person(id.principalName())).isEqualTo("alice");
	}

	@ParameterizedTest
	@ValueSource(strings = { "application", "oauth2-pkce:login:application", "oauth2-pkce:for:x:alice" })
	void nobodyIsCalledAsWhatIsNotAPerson(String name) {
		assertThat(of(name).credential("api").blockOptional()).isEmpty();
	}

	private static OnBehalfOf of(String name) {
		return new OnBehalfOf(Mono.just(new Inbound(name, "inbound.token")), new InboundTokens());
	}

}
