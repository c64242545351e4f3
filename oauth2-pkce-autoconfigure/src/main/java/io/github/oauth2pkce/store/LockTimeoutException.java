package io.github.oauth2pkce.store;

import java.time.Duration;

/**
 * Somebody else kept a credential locked for too long, or for longer than the thread that
 * waited was allowed to. Transient.
 */
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

	private LockTimeoutException(String message) {
		super(message);
	}

	/** The thread was told to stop, and its interrupt flag is set again. */
	static LockTimeoutException interrupted(CredentialId id) {
		return new LockTimeoutException("Interrupted while waiting for the lock of the credential of " + id);
	}

}
