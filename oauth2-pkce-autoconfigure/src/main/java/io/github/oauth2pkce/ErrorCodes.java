package io.github.oauth2pkce;

/**
 * Error codes for which Spring Security's
 * {@link org.springframework.security.oauth2.core.OAuth2ErrorCodes} has no constants.
 */
public final class ErrorCodes {

	/** RFC 8628 section 3.5. */
	public static final String AUTHORIZATION_PENDING = "authorization_pending";

	/** RFC 8628 section 3.5. */
	public static final String SLOW_DOWN = "slow_down";

	/** RFC 8628 section 3.5. */
	public static final String EXPIRED_TOKEN = "expired_token";

	/** OpenID Connect Core section 3.1.2.6. */
	public static final String INTERACTION_REQUIRED = "interaction_required";

	/** OpenID Connect Core section 3.1.2.6. */
	public static final String LOGIN_REQUIRED = "login_required";

	/** OpenID Connect Core section 3.1.2.6. */
	public static final String CONSENT_REQUIRED = "consent_required";

	/** RFC 9449 sections 8 and 9: the server wants its nonce in the proof. */
	public static final String USE_DPOP_NONCE = "use_dpop_nonce";

	/** RFC 9449 section 5: the server does not accept the proof. */
	public static final String INVALID_DPOP_PROOF = "invalid_dpop_proof";

	private ErrorCodes() {
	}

}
