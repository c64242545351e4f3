package io.github.oauth2pkce.discovery;

import org.jspecify.annotations.Nullable;

/**
 * An endpoint is neither configured nor discoverable, now. It never fails start-up: it is
 * an error of the login or the refresh that needed the endpoint.
 */
public class DiscoveryException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** Whether it may work later. */
	private final boolean unreachable;

	/**
	 * Creates the exception.
	 * @param message a sentence that names the property to set
	 * @param unreachable whether the metadata could not be read, which may pass
	 * @param cause the failure below
	 */
	public DiscoveryException(String message, boolean unreachable, @Nullable Throwable cause) {
		super(message, cause);
		this.unreachable = unreachable;
	}

	/**
	 * Whether asking later may help.
	 * @return {@code false} when the document was read and lacks the endpoint, or names
	 * another issuer
	 */
	public boolean isUnreachable() {
		return this.unreachable;
	}

}
