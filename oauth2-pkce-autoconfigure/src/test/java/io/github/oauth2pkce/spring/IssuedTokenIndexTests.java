package io.github.oauth2pkce.spring;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import static org.assertj.core.api.Assertions.assertThat;

class IssuedTokenIndexTests {

	private static final CredentialId ALICE = new CredentialId("demo", "alice");

	private final AtomicLong nanos = new AtomicLong();

	private final IssuedTokenIndex handedOut = new IssuedTokenIndex(this.nanos::get);

	private final OAuth2RefreshToken token = new OAuth2RefreshToken("refresh-secret", Instant.EPOCH);

	private final OAuth2RefreshToken copy = new OAuth2RefreshToken("refresh-secret", Instant.EPOCH);

	@Test
	void knowsATokenAsLongAsSomebodyHoldsIt() {
		this.handedOut.add(ALICE, this.token);
		this.nanos.addAndGet(Duration.ofDays(30).toNanos());
		assertThat(this.handedOut.owner("demo", this.token)).isEqualTo(ALICE);
	}

	@Test
	void knowsACopyForAnHour() {
		this.handedOut.add(ALICE, this.token);
		this.nanos.addAndGet(Duration.ofMinutes(59).toNanos());
		assertThat(this.handedOut.owner("demo", this.copy)).isEqualTo(ALICE);
		this.nanos.addAndGet(Duration.ofMinutes(61).toNanos());
		assertThat(this.handedOut.owner("demo", this.copy)).isNull();
	}

	@Test
	void aCopyIsNotWhatWasHandedOut() {
		this.handedOut.add(ALICE, this.token);
		assertThat(this.handedOut.contains(this.token)).isTrue();
		assertThat(this.handedOut.contains(this.copy)).isFalse();
	}

	@Test
	void anotherProvidersTokenIsSomebodyElses() {
		this.handedOut.add(ALICE, this.token);
		assertThat(this.handedOut.owner("other", this.token)).isNull();
		assertThat(this.handedOut.owner("other", this.copy)).isNull();
	}

}
