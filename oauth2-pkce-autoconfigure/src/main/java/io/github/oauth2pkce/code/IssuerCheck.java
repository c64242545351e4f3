package io.github.oauth2pkce.code;

import org.jspecify.annotations.Nullable;

/**
 * RFC 9207: an authorization response says which server it comes from, so that one
 * server's answer cannot be passed off as another's (the mix-up attack).
 *
 * @param issuer the issuer that was asked, {@code null} when none is configured
 * @param advertised whether its metadata has
 * {@code authorization_response_iss_parameter_supported}
 */
record IssuerCheck(@Nullable String issuer, boolean advertised) {

	static final String PARAMETER = "iss";

	static final String METADATA = "authorization_response_iss_parameter_supported";

	/**
	 * Whether a response, error responses included, may come from the issuer.
	 * @param iss the decoded {@code iss} parameter, {@code null} when there is none
	 * @return {@code false} when it must be refused
	 */
	boolean accepts(@Nullable String iss) {
		if (iss == null) {
			// Section 2.4: clients MUST reject responses without it from servers that
			// say that they send it.
			return !this.advertised;
		}
		// Section 2.4: simple string comparison. A server that sends it without saying
		// so is believed, if it names itself.
		return this.issuer == null || this.issuer.equals(iss);
	}

}
