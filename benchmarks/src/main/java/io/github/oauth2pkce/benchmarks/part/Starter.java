package io.github.oauth2pkce.benchmarks.part;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.benchmarks.BenchmarkApplication;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/** An application with the starter and one provider, whose login can be set at will. */
final class Starter implements AutoCloseable {

	static final String ID = ProviderLayout.id(0);

	private static final CredentialId CREDENTIAL = CredentialId.ofApplication(ID);

	private final ConfigurableApplicationContext context;

	private final URI tokenEndpoint;

	private @Nullable DpopKey key;

	Starter(LoopbackServer server, String... properties) {
		this.tokenEndpoint = server.uri("/token");
		String provider = "oauth2.pkce.providers." + ID + ".";
		List<String> all = new ArrayList<>(
				List.of("oauth2.pkce.store.type=memory", provider + "client-id=client", provider + "refresh.skew=1s",
						provider + "token-uri=" + this.tokenEndpoint, provider + "base-urls=" + server.uri("/api"),
						provider + "device-authorization-uri=" + server.uri("/device")));
		all.addAll(List.of(properties));
		this.context = BenchmarkApplication.start(all);
	}

	/** Its logins are bound to a key (RFC 9449). */
	static Starter bound(LoopbackServer server) {
		Starter starter = new Starter(server, "oauth2.pkce.providers." + ID + ".dpop=true");
		starter.key = DpopKey.generate();
		return starter;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * Puts a login into the store and reads it from there.
	 * @param age since the token was issued
	 * @param left until it ends; negative when it has ended
	 * @param refreshToken the refresh token
	 */
	void logIn(Duration age, Duration left, String refreshToken) {
		TokenStore store = bean(TokenStore.class);
		Credential stored = store.load(CREDENTIAL);
		long generation = (stored != null) ? stored.generation() : Credential.NONE;
		Instant now = Instant.now();
		Credential login = new Credential(CREDENTIAL,
				new Credential.Origin(null, this.tokenEndpoint.toString(), "client", null, null, null, this.key),
				Tokens.accessToken("old"), refreshToken, Set.of(), now.minus(age), now.plus(left), null, null, null,
				null, Math.max(generation + 1, now.toEpochMilli()));
		if (!store.save(login, generation)) {
			throw new IllegalStateException("Somebody else writes to this store");
		}
		bean(Credentials.class).load(CREDENTIAL);
	}

	/** What is kept now. */
	String refreshToken() {
		Credential stored = bean(TokenStore.class).load(CREDENTIAL);
		return (stored != null && stored.refreshToken() != null) ? stored.refreshToken() : "";
	}

	@Override
	public void close() {
		this.context.close();
	}

}
