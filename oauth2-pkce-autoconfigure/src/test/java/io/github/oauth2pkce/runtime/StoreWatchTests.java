package io.github.oauth2pkce.runtime;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.login.LoginGrant;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.HookedTokenStore;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class StoreWatchTests {

	@Test
	void storeThatHangsKeepsOneWorkerOfAProvider() throws Exception {
		TestApplication application = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.store.type=memory", "oauth2.pkce.startup.refresh=false",
					"oauth2.pkce.providers.demo.client-id=cli",
					"oauth2.pkce.providers.demo.issuer-uri=https://auth.example");
		try (ConfigurableApplicationContext context = application.run()) {
			Providers providers = context.getBean(Providers.class);
			Credentials credentials = context.getBean(Credentials.class);
			Workers workers = context.getBean(Workers.class);
			credentials.load(CredentialId.ofApplication("demo"));
			HangingGrant grant = new HangingGrant();
			Logins logins = new Logins(providers, List.of(grant), credentials, InstantSource.system(), List.of());
			StoreWatch watch = new StoreWatch(providers, credentials, logins, workers, true);
			watch.lookForLogins();
			grant.looking.acquire();
			watch.lookForLogins();
			watch.lookForLogins();
			grant.goOn.countDown();
			workers.land();
			assertThat(grant.looks).hasValue(1);
			watch.lookForLogins();
			workers.land();
			assertThat(grant.looks).as("the store answers again").hasValue(2);
		}
	}

	@Test
	void storeThatIsDownIsNotAskedForLoginsWhileATokenWorks() throws Exception {
		TestApplication application = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.startup.refresh=false", "oauth2.pkce.providers.demo.client-id=cli",
					"oauth2.pkce.providers.demo.issuer-uri=https://auth.example",
					"oauth2.pkce.providers.demo.token-uri=https://auth.example/token")
			.with(StoreInMemory.class);
		try (ConfigurableApplicationContext context = application.run()) {
			Credentials credentials = context.getBean(Credentials.class);
			HookedTokenStore store = context.getBean(HookedTokenStore.class);
			CredentialId id = CredentialId.ofApplication("demo");
			store.save(TestCredentials.credential()
				.id(id)
				.origin("https://auth.example", "https://auth.example/token", "cli")
				.lifetime(Instant.now(), Instant.now().plusSeconds(300))
				.build(), Credential.NONE);
			assertThat(credentials.load(id)).isEqualTo(AuthorizationState.AUTHORIZED);
			store.fail();
			assertThat(credentials.load(id)).isEqualTo(AuthorizationState.AUTHORIZED);
			HangingGrant grant = new HangingGrant();
			grant.goOn.countDown();
			Workers workers = context.getBean(Workers.class);
			Logins logins = new Logins(context.getBean(Providers.class), List.of(grant), credentials,
					InstantSource.system(), List.of());
			StoreWatch watch = new StoreWatch(context.getBean(Providers.class), credentials, logins, workers, true);
			watch.lookForLogins();
			workers.land();
			assertThat(grant.looks).hasValue(0);
			store.heal();
			credentials.load(id);
			watch.lookForLogins();
			workers.land();
			assertThat(grant.looks).hasValue(1);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class StoreInMemory {

		@Bean
		HookedTokenStore store() {
			return new HookedTokenStore();
		}

	}

	/** Reads a store that hangs. */
	private static final class HangingGrant implements LoginGrant {

		private final AtomicInteger looks = new AtomicInteger();

		private final Semaphore looking = new Semaphore(0);

		private final CountDownLatch goOn = new CountDownLatch(1);

		@Override
		public Grant grant() {
			return Grant.DEVICE_CODE;
		}

		@Override
		public boolean isUnderWay(CredentialId id, @Nullable Instant loggedInAt) {
			this.looks.incrementAndGet();
			this.looking.release();
			try {
				this.goOn.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			return false;
		}

		@Override
		public void login(Provider provider, Progress progress) {
			throw new UnsupportedOperationException();
		}

	}

}
