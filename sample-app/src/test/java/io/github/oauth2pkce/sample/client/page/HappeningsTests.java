package io.github.oauth2pkce.sample.client.page;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

import io.github.oauth2pkce.bearer.BearerSkippedEvent;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.LoginStartedEvent;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.refresh.TokenRefreshedEvent;
import io.github.oauth2pkce.store.CredentialId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What is kept of the starter's application events.
 */
class HappeningsTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final Happenings happenings = new Happenings(
			Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

	@Test
	void tellsTheNewestFirst() {
		this.happenings.on(new LoginStartedEvent(ID));
		this.happenings.on(new LoginCompletedEvent(ID, true));
		this.happenings.on(new TokenRefreshedEvent(ID, RefreshTrigger.AHEAD));
		this.happenings.on(new CredentialRejectedEvent(ID, "invalid_grant"));
		assertThat(this.happenings.latest()).extracting(Happening::text)
			.containsExactly("The server ended the login: it expired or was revoked",
					"Token renewed: it was about to end", "Logged in", "A login began");
	}

	@Test
	void countsWhatHappensSeveralTimesInARow() {
		for (int i = 0; i < 1000; i++) {
			this.happenings.on(new BearerSkippedEvent("demo", SkipReason.NO_TOKEN));
		}
		this.happenings.on(new BearerSkippedEvent("other", SkipReason.NO_TOKEN));
		assertThat(this.happenings.latest()).extracting(Happening::times).containsExactly(1, 1000);
	}

	@Test
	void countsAServerThatIsDownOnce() {
		for (int i = 0; i < 10; i++) {
			this.happenings.on(new BearerSkippedEvent("demo", SkipReason.REFRESH_FAILED));
			this.happenings.on(new BearerSkippedEvent("demo", SkipReason.REFRESH_BACKOFF));
		}
		assertThat(this.happenings.latest()).extracting(Happening::text, Happening::times)
			.containsExactly(tuple("Request without a bearer token: the token could not be renewed", 20));
	}

	@Test
	void saysWhetherTheServerHasRevokedTheLogin() {
		this.happenings.on(new LoggedOutEvent(ID, true));
		this.happenings.on(new LoggedOutEvent(ID, false));
		assertThat(this.happenings.latest()).extracting(Happening::text)
			.containsExactly("Logged out here; the server has not confirmed it", "Logged out, here and at the server");
	}

	@Test
	void keepsNoMoreThanFits() {
		for (int i = 0; i < 1000; i++) {
			this.happenings.on(new BearerSkippedEvent("demo-" + i, SkipReason.NO_TOKEN));
		}
		assertThat(this.happenings.latest()).hasSize(Happenings.CAPACITY)
			.first()
			.extracting(Happening::providerId)
			.isEqualTo("demo-999");
	}

	@Test
	void remembersAFailedLoginUntilTheNextOne() {
		this.happenings.on(new LoginFailedEvent(ID, LoginOutcome.FAILED, "unreachable"));
		assertThat(this.happenings.failedLogin("demo")).isEqualTo("The login failed: the login server does not answer");
		assertThat(this.happenings.failedLogin("other")).isNull();
		this.happenings.on(new LoginStartedEvent(ID));
		assertThat(this.happenings.failedLogin("demo")).isNull();
	}

}
