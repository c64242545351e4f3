package io.github.oauth2pkce.testing;

import org.jspecify.annotations.Nullable;

/**
 * What the authorization endpoint sends back to the redirect URI.
 */
public final class AuthorizationSettings {

	private volatile boolean issSent = true;

	private volatile @Nullable String iss;

	private volatile @Nullable Failure failure;

	private volatile String subject = "alice";

	private volatile boolean pushDemanded;

	AuthorizationSettings() {
	}

	record Failure(String error, @Nullable String description) {
	}

	/**
	 * Whether redirects carry the {@code iss} of RFC 9207, and discovery says so.
	 */
	public AuthorizationSettings sendIss(boolean sent) {
		this.issSent = sent;
		return this;
	}

	/**
	 * Name another issuer in {@code iss}, as in a mix-up attack.
	 */
	public AuthorizationSettings iss(String iss) {
		this.iss = iss;
		return this;
	}

	/**
	 * Redirect with an error instead of a code, from now on.
	 */
	public AuthorizationSettings fail(String error, @Nullable String description) {
		this.failure = new Failure(error, description);
		return this;
	}

	public AuthorizationSettings succeed() {
		this.failure = null;
		return this;
	}

	/**
	 * The user who grants codes from now on.
	 */
	public AuthorizationSettings subject(String subject) {
		this.subject = subject;
		return this;
	}

	/**
	 * Take pushed requests only (RFC 9126), and say so in the metadata.
	 */
	public AuthorizationSettings demandPush() {
		this.pushDemanded = true;
		return this;
	}

	boolean isPushDemanded() {
		return this.pushDemanded;
	}

	boolean isIssSent() {
		return this.issSent;
	}

	@Nullable String iss() {
		return this.iss;
	}

	@Nullable Failure failure() {
		return this.failure;
	}

	String subject() {
		return this.subject;
	}

}
