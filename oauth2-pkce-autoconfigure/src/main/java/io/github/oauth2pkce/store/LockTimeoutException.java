package io.github.oauth2pkce.store;

import java.time.Duration;

/** Another process kept a credential locked for too long. Transient. */
public class LockTimeoutException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param id whose lock
	 * @param timeout how long it was waited for
	 */
	public LockTimeoutException(CredentialId id, Duration timeout) {
		super("Another process has kept the credential of " + id + " locked for more than " + timeout.toSeconds()
				+ " s");
	}

}
