package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class WorkersTests {

	private static final int USERS = 200;

	private final FakeAuthorizationServer hanging = FakeAuthorizationServer.start();

	private final FakeAuthorizationServer healthy = FakeAuthorizationServer.start()
		.register(FakeClient.confidential("machine", "machine-secret"));

	@AfterEach
	void stop() {
		this.hanging.close();
		this.healthy.close();
	}

	@Test
	void manyUsersOfAServerThatHangsDelayNobodyElse() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		this.hanging.answerAlways(Endpoint.TOKEN, Answer.normally().processedAfter(never));
		TestApplication application = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.hanging.client-id=app",
					"oauth2.pkce.providers.hanging.principal=current-user",
					"oauth2.pkce.providers.hanging.token-uri=" + this.hanging.uri(Endpoint.TOKEN),
					"oauth2.pkce.providers.hanging.device-authorization-uri="
							+ this.hanging.uri(Endpoint.DEVICE_AUTHORIZATION),
					"oauth2.pkce.providers.healthy.client-id=machine",
					"oauth2.pkce.providers.healthy.client-secret=machine-secret",
					"oauth2.pkce.providers.healthy.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.healthy.token-uri=" + this.healthy.uri(Endpoint.TOKEN));
		try (ConfigurableApplicationContext context = application.run()) {
			Credentials credentials = context.getBean(Credentials.class);
			for (int i = 0; i < USERS; i++) {
				CredentialId user = new CredentialId("hanging", "user-" + i);
				credentials.loggedIn(user, this.hanging.uri(Endpoint.TOKEN),
						new TokenResponse("token-" + i, Duration.ZERO, "refresh-" + i, null, null));
				credentials.current(user, RefreshTrigger.EXPIRY);
			}
			this.hanging.takeRequest(Endpoint.TOKEN, Duration.ofSeconds(20));
			assertThat(credentials.current(CredentialId.ofApplication("healthy"), RefreshTrigger.EXPIRY)
				.get(20, TimeUnit.SECONDS)).isInstanceOf(BearerToken.Available.class);
			// Otherwise closing waits for the flights to land.
			this.hanging.answerAlways(Endpoint.TOKEN, Answer.status(400));
			never.countDown();
		}
		finally {
			never.countDown();
		}
	}

}
