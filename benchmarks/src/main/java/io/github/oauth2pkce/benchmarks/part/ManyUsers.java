package io.github.oauth2pkce.benchmarks.part;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.benchmarks.BenchmarkApplication;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/**
 * Users' own credentials, far more than are in use at a time, in a store that is not in
 * this heap: what stays in memory, and what a look-up costs.
 */
public final class ManyUsers implements Part {

	private static final String ID = ProviderLayout.id(0);

	private static final String PREFIX = "oauth2.pkce.providers." + ID + ".";

	private static final int RECENT = 1000;

	@Override
	public void measure(Scale scale, Samples samples) {
		try (ConfigurableApplicationContext context = BenchmarkApplication.start(
				List.of(PREFIX + "client-id=client", PREFIX + "principal=current-user",
						PREFIX + "token-uri=" + ProviderLayout.TOKEN_ENDPOINT,
						PREFIX + "device-authorization-uri=https://login.example.com/device"),
				ElsewhereConfiguration.class)) {
			BearerTokenSource source = context.getBean(BearerTokenSource.class);
			use(source, 0, 10);
			long before = heap();
			int users = 10;
			for (int count : new int[] { 1000, 10_000, scale.of(20_000, 100_000) }) {
				use(source, users, count);
				users = count;
				String subject = String.format("%,d users", count);
				double heap = heap() - before;
				samples.add("principal: current-user", subject, "heap, MB", heap / 1e6);
				samples.add("principal: current-user", subject, "heap for each user, bytes", heap / count);
				for (int round = 0; round < scale.of(1, 15); round++) {
					long start = System.nanoTime();
					use(source, count - RECENT, count);
					samples.add("principal: current-user", subject, "look-up of a recent user, ns",
							(System.nanoTime() - start) / (double) RECENT);
				}
			}
		}
	}

	private static void use(BearerTokenSource source, int from, int to) {
		for (int user = from; user < to; user++) {
			BearerToken token = source.current(ID)
				.contextWrite(ReactiveSecurityContextHolder.withAuthentication(
						UsernamePasswordAuthenticationToken.authenticated("user-" + user, "", List.of())))
				.block(Duration.ofSeconds(10));
			if (!(token instanceof BearerToken.Available)) {
				throw new IllegalStateException("No token: " + token);
			}
		}
	}

	private static long heap() {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 5; i++) {
			System.gc();
			least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
		}
		return least;
	}

	/** A store of the user's own. */
	@Configuration(proxyBeanMethods = false)
	static class ElsewhereConfiguration {

		@Bean
		TokenStore elsewhere() {
			return new Elsewhere();
		}

	}

	/** Has a login for everybody, and keeps nothing. */
	private static final class Elsewhere implements TokenStore {

		@Override
		public @Nullable Credential load(CredentialId id) {
			return new Credential(id, new Credential.Origin(null, ProviderLayout.TOKEN_ENDPOINT.toString(), "client"),
					Tokens.accessToken(id.principalName()), "refresh of " + id.principalName(), Set.of(), Instant.now(),
					Instant.now().plus(Duration.ofHours(8)), null, null, null, null, 1);
		}

		@Override
		public boolean save(Credential credential, long expectedGeneration) {
			return true;
		}

		@Override
		public boolean remove(CredentialId id, long expectedGeneration) {
			return true;
		}

	}

}
