package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.oauth2pkce.testing.TestCredentials;

/** Another process: on a sign, writes the credential of one provider many times. */
final class StoreWriter {

	static final int WRITES = 50;

	private StoreWriter() {
	}

	public static void main(String[] args) throws IOException {
		FileTokenStore store = new FileTokenStore(Path.of(args[0]), null, List.of());
		CredentialId id = CredentialId.ofApplication(args[1]);
		System.out.println("started");
		System.in.read();
		boolean saved = true;
		for (int i = 1; i <= WRITES; i++) {
			try (TokenStore.Lock lock = store.lock(id, Duration.ofSeconds(30))) {
				saved &= store.save(TestCredentials.credential().id(id).generation(i).build(),
						(i == 1) ? Credential.NONE : i - 1);
			}
		}
		System.out.println(saved ? "written" : "refused");
	}

}
