package io.github.oauth2pkce.store;

import java.time.Duration;

/** Somebody else kept a credential locked for too long. Transient. */
public class LockTimeoutException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param id the locked credential
	 * @param timeout how long it was waited for
	 */
	public LockTimeoutException(CredentialId id, Duration timeout) {
		super("The credential of " + id + " is still locked after " + timeout.toSeconds()
				+ " s: a refresh or a login, of this process or another one, takes that long or hangs");
	}

}
