package io.github.oauth2pkce.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.oauth2pkce.testing.TestCredentials;

/** Another process: takes the lock, says so, and keeps it until its input ends. */
public final class LockHolder {

	private LockHolder() {
	}

	public static void main(String[] args) throws Exception {
		FileTokenStore store = new FileTokenStore(Path.of(args[0]), null, List.of());
		System.out.println("started");
		CredentialId id = CredentialId.ofApplication("demo");
		try (TokenStore.Lock lock = store.lock(id, Duration.ofSeconds(30))) {
			Credential stored = store.load(id);
			if (stored != null) {
				store.save(TestCredentials.credential()
					.accessToken("of-child")
					.generation(stored.generation() + 1)
					.build(), stored.generation());
			}
			System.out.println("locked");
			System.out.flush();
			while (System.in.read() >= 0) {
				Thread.onSpinWait();
			}
		}
	}

}
