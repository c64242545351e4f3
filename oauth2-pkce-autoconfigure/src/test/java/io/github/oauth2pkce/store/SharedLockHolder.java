package io.github.oauth2pkce.store;

import java.io.IOException;
import java.time.Duration;

/** A process that takes a lock and keeps it for as long as it lives. */
final class SharedLockHolder {

	private SharedLockHolder() {
	}

	public static void main(String[] arguments) throws IOException {
		TokenStore store = SharedStores.of(arguments[0]).open(SharedStores.cipher(), Duration.parse(arguments[1]));
		store.lock(CredentialId.ofApplication("demo"), Duration.ofSeconds(20));
		System.out.println("locked");
		System.in.read();
	}

}
