package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

import static io.github.oauth2pkce.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(60)
class RefreshingBearerTokenSourceTests {

	private static final Duration SOON = Duration.ofSeconds(20);

	private final RefreshWorld world = new RefreshWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void givesOneValueAndCompletes() {
		RefreshingBearerTokenSource source = this.world.startExpired().source;
		StepVerifier.create(source.current("demo"))
			.assertNext((token) -> assertThat(token).isInstanceOf(BearerToken.Available.class))
			.expectComplete()
			.verify(SOON);
	}

	@Test
	void eachSubscriptionAsksAnew() {
		RefreshWorld.Node node = this.world.start();
		Mono<BearerToken> current = node.source.current("demo");
		assertThat(current.block(SOON)).isInstanceOf(BearerToken.Skipped.class);
		node.login();
		assertThat(current.block(SOON)).isInstanceOf(BearerToken.Available.class);
	}

	@Test
	void callersDoNotContinueOnTheFlightsThread() {
		RefreshingBearerTokenSource source = this.world.startExpired().source;
		CountDownLatch answer = new CountDownLatch(1);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().answeredAfter(answer));
		var thread = source.current("demo").map((token) -> Thread.currentThread().getName()).toFuture();
		answer.countDown();
		assertThat(await(thread)).doesNotStartWith("refresh-worker");
	}

	@Test
	void unknownProviderIsAnError() {
		RefreshingBearerTokenSource source = this.world.start().source;
		assertThatIllegalArgumentException().isThrownBy(() -> source.current("nobody"));
	}

	@Test
	void withoutUserThereIsNoToken() {
		RefreshingBearerTokenSource source = ofUsers(Mono.empty());
		StepVerifier.create(source.current("demo"))
			.expectNext(new BearerToken.Skipped(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED))
			.expectComplete()
			.verify(SOON);
		assertThat(source.atHand("demo")).isNull();
	}

	@Test
	void userComesFromTheSubscriptionsContext() {
		RefreshingBearerTokenSource source = ofUsers(
				Mono.deferContextual((context) -> Mono.justOrEmpty(context.<String>getOrEmpty("user"))));
		StepVerifier.create(source.current("demo").contextWrite((context) -> context.put("user", "alice")))
			.assertNext((token) -> assertThat(token).isInstanceOf(BearerToken.Available.class))
			.expectComplete()
			.verify(SOON);
		StepVerifier.create(source.current("demo").contextWrite((context) -> context.put("user", "bob")))
			.assertNext((token) -> assertThat(RefreshWorld.skipOf(token)).isEqualTo(SkipReason.NO_TOKEN))
			.expectComplete()
			.verify(SOON);
	}

	private RefreshingBearerTokenSource ofUsers(Mono<String> currentUser) {
		Provider provider = TestProviders.device(this.world.server).principal(PrincipalKind.CURRENT_USER).build();
		Providers providers = new Providers(List.of(provider));
		RefreshSettings settings = new RefreshSettings(SOON, SOON);
		AuthorizationServerClient client = TestLogins.client(SOON);
		Credentials credentials = Credentials
			.builder(providers, new TokenEndpoint(client), new Discovery(client, this.world.clock))
			.store(this.world.store)
			.settings(settings)
			.clock(this.world.clock)
			.build();
		TokenResponse alice = TestLogins.device(this.world.server, provider);
		credentials.loggedIn(new CredentialId("demo", "alice"), this.world.server.uri(Endpoint.TOKEN), alice);
		return new RefreshingBearerTokenSource(providers, credentials, currentUser, settings);
	}

}
