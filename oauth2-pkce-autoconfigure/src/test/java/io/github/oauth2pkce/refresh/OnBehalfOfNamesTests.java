package io.github.oauth2pkce.refresh;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.source.InboundTokens.Inbound;
import io.github.oauth2pkce.source.SubjectTokenSource;
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

	/** Ten thousand of them are kept, and not those ten thousand that came first. */
	@Test
	void newcomerIsServedHoweverManyHaveCalledLately() {
		InboundTokens tokens = new InboundTokens();
		ForeignToken token = new ForeignToken(Source.CURRENT_USER, "true", ForeignToken.ACCESS_TOKEN, "current-user");
		for (int caller = 0; caller < 30_000; caller++) {
			CredentialId id = new OnBehalfOf(Mono.just(new Inbound("alice", "inbound-" + caller)), tokens)
				.credential("api")
				.block();
			assertThat(tokens.read(token, new SubjectTokenSource.Context("api", id.principalName())))
				.isEqualTo("inbound-" + caller);
		}
	}

	private static OnBehalfOf of(String name) {
		return new OnBehalfOf(Mono.just(new Inbound(name, "inbound.token")), new InboundTokens());
	}

}
