package io.github.oauth2pkce.refresh;

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.InboundTokens;
import io.github.oauth2pkce.source.InboundTokens.Inbound;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;
import io.github.oauth2pkce.store.CredentialId;

import static org.assertj.core.api.Assertions.assertThat;

/** Whose tokens are made from the bearer of a request. */
class OnBehalfOfNamesTests {

	private static final ForeignToken CURRENT_USER = new ForeignToken(Source.CURRENT_USER, "true",
			ForeignToken.ACCESS_TOKEN, "current-user");

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

	/** Ten thousand of them are kept, and not those ten thousand that call most often. */
	@Test
	void newcomerIsServedHoweverManyHaveCalledLately() {
		InboundTokens tokens = new InboundTokens();
		for (int round = 0; round < 4; round++) {
			for (int caller = 0; caller < 10_000; caller++) {
				tokens.read(CURRENT_USER, call(tokens, "regular-" + caller));
			}
		}
		List<Context> newcomers = IntStream.range(0, 2_000)
			.mapToObj((caller) -> call(tokens, "newcomer-" + caller))
			.toList();
		assertThat(newcomers.stream().map((newcomer) -> tokens.read(CURRENT_USER, newcomer))).hasSize(2_000)
			.allMatch((token) -> token.startsWith("newcomer-"));
	}

	private static Context call(InboundTokens tokens, String bearer) {
		CredentialId id = new OnBehalfOf(Mono.just(new Inbound("alice", bearer)), tokens).credential("api").block();
		return new Context("api", id.principalName());
	}

	private static OnBehalfOf of(String name) {
		return new OnBehalfOf(Mono.just(new Inbound(name, "inbound.token")), new InboundTokens());
	}

}
