package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.refresh.RefreshWorld.Node;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.TestProviders;

import static io.github.oauth2pkce.testing.Waiting.await;
import static io.github.oauth2pkce.testing.Endpoint.RESOURCE_METADATA;
import static org.assertj.core.api.Assertions.assertThat;

/** A refresh whose audience is in the metadata of the protected resource (RFC 9728). */
@Timeout(60)
class RefreshAudienceTests {

	private final RefreshWorld world = new RefreshWorld();

	private final Provider provider = TestProviders.device(this.world.server)
		.resourceMetadataUri(this.world.server.uri(RESOURCE_METADATA.path() + "/api?tenant=a"))
		.build();

	private final String audience = this.world.server.uri("/api?tenant=a").toString();

	@BeforeEach
	void serve() {
		this.world.server.resourceMetadata().put("resource", this.audience);
	}

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void oneDocumentServesManyRefreshes() {
		Node node = startExpired();
		for (int i = 1; i <= 5; i++) {
			assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
			assertThat(refreshes()).hasSize(i);
			this.world.clock.advance(RefreshWorld.LONG);
		}
		assertThat(refreshes())
			.allSatisfy((refresh) -> assertThat(refresh.parameters("resource")).containsExactly(this.audience));
		assertThat(this.world.server.requests(RESOURCE_METADATA)).hasSize(1);
	}

	@Test
	void configuredAudienceIsUsedWithoutACall() {
		login();
		Node node = this.world.start(this.world.store,
				TestProviders.device(this.world.server)
					.resourceMetadataUri(this.provider.request().resourceMetadataUri())
					.resources(List.of("urn:given"))
					.build());
		this.world.clock.advance(RefreshWorld.LONG);
		assertThat(node.token()).isNotBlank();
		assertThat(refreshes().get(0).parameters("resource")).containsExactly("urn:given");
		assertThat(this.world.server.requests(RESOURCE_METADATA)).isEmpty();
	}

	@Test
	void unknownAudienceIsTransientAndTheRefreshTokenIsNotSent() {
		Node node = startExpired();
		this.world.server.answerAlways(RESOURCE_METADATA, Answer.status(503));
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_BACKOFF);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TRANSIENT);
		assertThat(node.status().lastError()).isEqualTo("discovery_failed");
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(refreshes()).isEmpty();
		this.world.server.answerAlways(RESOURCE_METADATA, Answer.normally());
		this.world.clock.advance(Duration.ofMinutes(1));
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(refreshes()).hasSize(1)
			.allSatisfy((refresh) -> assertThat(refresh.parameters("resource")).containsExactly(this.audience));
	}

	@Test
	void audienceOfAnotherResourceIsNotUsedAndTheRefreshTokenIsNotSent() {
		Node node = startExpired();
		this.world.server.resourceMetadata().put("resource", "https://evil.example/api?tenant=a");
		assertThat(node.skip()).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.outcomes()).containsExactly(RefreshOutcome.TRANSIENT);
		assertThat(node.state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(refreshes()).isEmpty();
	}

	@Test
	void lastGoodAudienceOutlivesAnOutage() {
		Node node = startExpired();
		node.token();
		this.world.server.answerAlways(RESOURCE_METADATA, Answer.connectionClosed());
		this.world.clock.advance(Duration.ofHours(2));
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.requests(RESOURCE_METADATA)).hasSize(2);
		assertThat(refreshes()).hasSize(2)
			.allSatisfy((refresh) -> assertThat(refresh.parameters("resource")).containsExactly(this.audience));
	}

	@Test
	void tokenThatIsValidNeedsNoAudience() {
		login();
		this.world.server.answerAlways(RESOURCE_METADATA, Answer.status(503));
		Node node = this.world.start(this.world.store, this.provider);
		assertThat(node.token()).isEqualTo(this.world.stored().accessToken());
		assertThat(this.world.server.requests(RESOURCE_METADATA)).isEmpty();
	}

	@Test
	void machineNamesTheAudienceToo() {
		Node node = machine();
		assertThat(machineCall(node)).isInstanceOf(BearerToken.Available.class);
		assertThat(this.world.server.requests(Endpoint.TOKEN)).hasSize(1)
			.allSatisfy((request) -> assertThat(request.parameters("resource")).containsExactly(this.audience));
	}

	@Test
	void machineAsksForNothingWithoutItsAudience() {
		this.world.server.resourceMetadata().remove("resource");
		Node node = machine();
		assertThat(RefreshWorld.skipOf(machineCall(node))).isEqualTo(SkipReason.REFRESH_FAILED);
		assertThat(node.credentials.status(RefreshWorld.MACHINE).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		assertThat(this.world.server.requests(Endpoint.TOKEN)).isEmpty();
	}

	/** A login from before the audience was configured, whose access token has ended. */
	private Node startExpired() {
		login();
		this.world.clock.advance(RefreshWorld.LONG);
		return this.world.start(this.world.store, this.provider);
	}

	private void login() {
		this.world.start().login();
	}

	private Node machine() {
		return this.world.start(this.world.store,
				TestProviders.machine(this.world.server)
					.resourceMetadataUri(this.provider.request().resourceMetadataUri())
					.build());
	}

	private static BearerToken machineCall(Node node) {
		return await(node.credentials.current(RefreshWorld.MACHINE, RefreshTrigger.EXPIRY));
	}

	private List<RecordedRequest> refreshes() {
		return this.world.server.requests(Endpoint.TOKEN)
			.stream()
			.filter((request) -> "refresh_token".equals(request.parameter("grant_type")))
			.toList();
	}

}
